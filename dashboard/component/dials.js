// The sliders of a fit: they move by themselves while it runs, and a hand can hold one and let it go.
export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".dials");
  const dials = memory(root, () => new Dials(root));
  dials.tell = (touch) => setStateValue("hand", touch);
  dials.follow(data);
  awaited(data.due);
  return () => {
    cancelAnimationFrame(dials.frame);
    awaited(0);
  };
}

const FINE = 0.01;
const COARSE = 0.05;
const PAUSE_MS = 350; // after the last key, the slider is let go
const GAP_MS = 120; // between two words about a slider that is held
const GLIDE_MS = 380; // about as long as until Python's next word
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
const clamp = (value) => Math.min(1, Math.max(0, Math.round(value / FINE) * FINE));

class Dials {
  constructor(root) {
    this.root = root;
    this.rows = [];
    this.shown = []; // where the knobs are on the screen
    this.number = 0;
    this.touched = null; // place of the slider that a hand is on
    this.timer = null;
    this.told = 0;
    this.frame = 0;
  }

  follow(data) {
    const first = !this.data || this.data.axes.length !== data.axes.length;
    this.data = data;
    if (first) {
      this.number = data.ack;
      this.shown = [...data.values];
      this.build();
      data.held.forEach((place) => this.drop(place)); // a page that went away has not let go
    }
    // What Python says of a slider that the hand has moved since is out of date; all others follow.
    this.target = data.values.map((value, place) => (this.own(place) ? this.shown[place] : value));
    this.from = [...this.shown];
    this.begun = performance.now();
    cancelAnimationFrame(this.frame);
    const still = first || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.glide(still ? Infinity : this.begun);
    this.write();
  }

  own(place) {
    return place === this.touched || (this.data.ack < this.number && place === this.last);
  }

  glide(now) {
    const share = Math.min(1, (now - this.begun) / GLIDE_MS);
    this.target.forEach((value, place) => {
      if (!this.own(place)) this.shown[place] = this.from[place] + (value - this.from[place]) * share;
    });
    this.place();
    if (share < 1) this.frame = requestAnimationFrame((next) => this.glide(next));
  }

  // --- the hand ------------------------------------------------------------------------------------------

  grab(place) {
    this.touched = this.last = place;
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => this.release(), { once: true });
    this.say(true);
  }

  set(place, value) {
    this.touched = this.last = place;
    this.shown[place] = clamp(value);
    this.place();
    if (performance.now() - this.told > GAP_MS) this.say(true);
  }

  key(event, place) {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.set(place, this.shown[place] + step * (event.shiftKey ? FINE : COARSE));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.release(), PAUSE_MS);
  }

  release() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.touched === null) return;
    this.say(false);
    this.touched = null;
    this.write();
  }

  drop(place) {
    this.touched = this.last = place;
    this.release();
  }

  say(held) {
    this.told = performance.now();
    const values = this.shown.map(clamp);
    this.tell({ number: ++this.number, axis: this.touched, held, values });
    this.write();
  }

  // --- the elements --------------------------------------------------------------------------------------

  build() {
    const { axes, words } = this.data;
    const ends = make("div", { className: "row ends" }, make("span"));
    ends.append(make("span", {}, make("span", { textContent: words.keep }), make("span", { textContent: words.ignore })));
    this.rows = axes.map((axis, place) => {
      const input = make("input", { type: "range", min: 0, max: 1, step: FINE, id: `dial${place}` });
      input.setAttribute("aria-label", `${axis}: ${words.ends}`);
      const [output, said, end] = [make("output"), make("span", { className: "said" }), make("i", { className: "end" })];
      input.addEventListener("pointerdown", () => this.grab(place));
      input.addEventListener("input", () => this.set(place, +input.value));
      input.addEventListener("keydown", (event) => this.key(event, place));
      input.addEventListener("change", () => this.timer || this.release());
      input.addEventListener("blur", () => this.timer && this.release());
      const label = make("label", { htmlFor: input.id, textContent: axis });
      const row = make("div", { className: "row" }, label, make("span", { className: "track" }, end, input), output, said);
      return { row, input, output, said, end };
    });
    this.root.replaceChildren(ends, ...this.rows.map(({ row }) => row));
  }

  place() {
    this.rows.forEach(({ input, output }, place) => {
      input.value = this.shown[place];
      input.style.setProperty("--share", this.shown[place]);
      output.textContent = two(this.shown[place]);
    });
  }

  write() {
    const { fitted, said, held, hand, words } = this.data;
    this.rows.forEach(({ row, said: text, end }, place) => {
      const holding = place === this.touched || held.includes(place);
      row.classList.toggle("held", holding);
      row.classList.toggle("hand", hand);
      text.textContent = holding ? words.held : (said[place]?.text ?? "");
      text.title = said[place]?.whole ?? "";
      text.className = `said ${holding ? "" : (said[place]?.kind ?? "")}`;
      end.hidden = !fitted || !hand;
      if (!fitted) return;
      end.style.setProperty("--share", fitted[place]);
      end.title = `${words.fitted} ${two(fitted[place])}`;
    });
  }
}
