// The straight way from A to B: the page shows the extractor in between, until the hand goes back or makes it A.
class Walk {
  constructor(owner) {
    this.owner = owner;
    this.share = 0;
    this.from = null;
  }

  build() {
    const { words } = this.owner.data;
    this.button?.stop();
    [this.share, this.from] = [0, null];
    this.input = make("input", { type: "range", min: 0, max: 1, step: 0.01 });
    this.input.setAttribute("aria-label", words.walk);
    this.input.addEventListener("input", () => {
      this.button.stop();
      this.go(+this.input.value);
    });
    this.button = player({ play: words.walkPlay, stop: words.stop }, (goes) => this.run(goes));
    this.output = make("output");
    this.take = make("button", { className: "take", type: "button", textContent: words.take });
    this.take.addEventListener("click", () => bus.emit("arrived"));
    const ends = ["A", "B"].map((label) => make("b", { className: label, textContent: label }));
    const name = make("span", { textContent: words.walk });
    this.root = make("div", { className: "walk" }, name, this.button, ends[0], this.input, ends[1], this.output, this.take);
    return this.root;
  }

  // Python's word, or a slider that is moved: the walk begins anew from there.
  follow() {
    if (bus.held) return;
    this.from = null;
    this.share = 0;
    this.draw();
  }

  go(share) {
    this.from ??= [...(bus.values ?? this.owner.data.values.A)];
    this.share = share;
    const to = this.owner.data.values.B;
    this.draw();
    bus.emit("walk", this.from.map((value, n) => value + share * (to[n] - value)));
  }

  // To B and back, so that what has been chosen is there again; a hand that stops it stays on the way.
  async run(goes) {
    const step = calm() ? 0.25 : 0.02;
    const wait = calm() ? 1200 : 50;
    const [start, there] = [this.share === 1 ? 0 : this.share, 1];
    for (let share = start; share < there && goes(); share += step) {
      this.go(Math.min(there, share));
      await pause(wait);
    }
    if (!goes()) return;
    this.go(there);
    await pause(1200);
    for (let share = there; share > 0 && goes(); share -= step) {
      this.go(Math.max(0, share));
      await pause(wait);
    }
    if (goes()) this.go(0);
  }

  draw() {
    if (!this.input) return;
    this.input.value = this.share;
    this.root.style.setProperty("--way", this.share);
    this.output.textContent = this.share ? percent(this.share) : "";
    this.take.hidden = this.share === 0;
  }
}
