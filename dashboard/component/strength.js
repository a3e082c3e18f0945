// The thumb below the picture that is looked up: it moves the strength of the change, and can run through all of them.
const PLAY = `<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M3 1.5v13l11-6.5z" fill="currentColor"/></svg>`;
const STOP = `<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M2 2h12v12H2z" fill="currentColor"/></svg>`;
const STEP_MS = 700;
const CALM_MS = 1600; // for people who want less motion
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// A button that starts something and stops it: `run` is given a function that says whether it still goes on.
const player = (names, run) => {
  const button = make("button", { className: "play", type: "button" });
  const show = () => {
    button.innerHTML = button.running ? STOP : PLAY;
    button.setAttribute("aria-label", button.running ? names.stop : names.play);
    button.title = button.running ? names.stop : names.play;
  };
  button.stop = () => {
    button.running = null;
    show();
  };
  button.addEventListener("click", async () => {
    if (button.running) return button.stop();
    const mine = (button.running = {});
    show();
    await run(() => button.running === mine && button.isConnected);
    if (button.running === mine) button.stop();
  });
  show();
  return button;
};

// Asks for what is shown at other strengths, one question at a time and then the newest; answers are kept.
class Strength {
  constructor(owner) {
    this.owner = owner;
    this.kept = new Map();
    this.wanted = null; // the frame that the hand wants, until Python has it
    this.busy = false;
  }

  build() {
    const { words, strengths } = this.owner.data;
    this.kept.clear();
    this.wanted = null;
    this.button?.stop();
    this.input = make("input", { type: "range", min: 0, max: strengths.length - 1, step: 1 });
    this.input.setAttribute("aria-label", words.strength.replace("{axis}", this.owner.data.axis));
    this.input.addEventListener("input", () => {
      this.button.stop();
      this.move(+this.input.value);
    });
    this.input.addEventListener("change", () => this.commit());
    this.button = player({ play: words.play, stop: words.stop }, (goes) => this.run(goes));
    const ends = [strengths[0], strengths.at(-1)].map((text) => make("span", { textContent: text }));
    const track = make("div", { className: "stops" }, this.input, make("div", { className: "ends" }, ...ends));
    return make("div", { className: "strength" }, this.button, track);
  }

  // Python's word: what the hand has moved to is over once Python shows it, or another picture.
  follow() {
    const { at, family, a, b } = this.owner.data;
    const stop = bus.stop;
    const stale = stop && (stop.family !== family || (!bus.held && (stop.a !== a || stop.b !== b)));
    if (stale) this.kept.clear();
    if (this.wanted !== null && this.wanted !== at && !stale) return;
    if (!this.button.running) this.wanted = null;
    if (!stop) return;
    bus.stop = null;
    bus.emit("stop");
  }

  get at() {
    return this.wanted ?? this.owner.data.at;
  }

  draw() {
    const text = this.owner.data.strengths[this.at];
    this.input.value = this.at;
    this.input.setAttribute("aria-valuetext", text);
  }

  move(at) {
    this.wanted = at;
    this.draw();
    return this.fetch();
  }

  commit() {
    const { at } = this.owner.data;
    if (this.wanted !== null && this.wanted !== at) this.owner.chooseAt(this.wanted);
    else if (this.wanted === at) this.home();
  }

  home() {
    this.wanted = null;
    if (!bus.stop) return;
    bus.stop = null;
    bus.emit("stop");
  }

  // Through all strengths, from the first to the last, and back to where it began; a hand that stops it stays there.
  async run(goes) {
    const { strengths, at } = this.owner.data;
    const wait = calm() ? CALM_MS : STEP_MS;
    for (let each = 0; each < strengths.length && goes(); each++) {
      await this.move(each);
      if (each + 1 < strengths.length) this.answer(each + 1).catch(() => {});
      await pause(wait);
    }
    if (!goes()) return this.commit();
    await this.move(at);
    this.home();
  }

  async fetch() {
    if (this.busy) return this.busy;
    this.busy = this.newest();
    await this.busy;
    this.busy = false;
  }

  async newest() {
    let shown = null;
    while (this.wanted !== null && this.wanted !== shown) {
      shown = this.wanted;
      try {
        const found = await this.answer(shown);
        if (this.wanted === null || found.family !== this.owner.data.family) return;
        bus.stop = found;
        bus.emit("stop");
      } catch {
        return this.owner.chooseAt(this.wanted); // Python can do it too, if slower
      }
    }
  }

  async answer(at) {
    const { route, scene, b } = this.owner.data;
    const a = bus.a || this.owner.data.a;
    const key = `${a}/${b}/${at}`;
    if (!this.kept.has(key)) this.kept.set(key, { ...(await ask(route, { scene, a, b, at })), a, b });
    return this.kept.get(key);
  }
}
