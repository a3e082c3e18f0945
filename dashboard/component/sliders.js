// The sliders and the pad: they set descriptor A, stream while they move and commit when let go.
export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".sliders");
  const sliders = memory(root, () => new Sliders(root));
  sliders.commitValue = (value) => setStateValue("value", value);
  sliders.choosePad = (names) => setTriggerValue("pad", names);
  sliders.follow(data);
  bus.listeners.set(root, (kind, detail) => sliders.hear(kind, detail));
  return () => {
    bus.listeners.delete(root);
    clearTimeout(sliders.timer);
  };
}

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const COARSE = 0.05;
const FINE = 0.01;
const PAUSE_MS = 350; // after the last key, the value is committed
const clamp = (value) => Math.min(1, Math.max(0, Math.round(value / FINE) * FINE));

class Sliders {
  constructor(root) {
    this.root = root;
    this.values = [];
    this.committed = 0;
    this.rows = [];
    this.pointer = false;
    this.busy = false;
    this.dirty = false;
    this.timer = null;
  }

  // --- Python's word -------------------------------------------------------------------------------------

  follow(data) {
    const first = !this.data;
    this.data = data;
    if (first) {
      this.committed = data.ack;
      this.build();
    }
    // An acknowledgement of an older commit says nothing about what the hand has done since.
    if (!this.pointer && !this.timer && data.ack >= this.committed) {
      this.committed = data.ack;
      this.values = [...data.values];
      bus.hold(false);
      bus.a = write(this.values);
      bus.emit("settle");
    }
    this.draw();
  }

  // --- the sliders beside the figures --------------------------------------------------------------------

  hear(kind, detail) {
    if (kind === "grab") this.grab();
    else if (kind === "dialling") this.set([detail]);
    else if (kind === "walk") this.walk(detail);
    else if (kind === "arrived") this.commit();
  }

  // On the way to B: everything follows, but nothing is chosen until the hand says so.
  walk(values) {
    clearTimeout(this.timer);
    this.timer = null;
    this.values = values.map(clamp);
    const home = write(this.values) === this.data.a;
    bus.hold(!home);
    bus.a = write(this.values);
    this.moved = performance.now();
    this.draw();
    if (home) bus.emit("settle");
    else this.stream();
  }

  // --- the hand ------------------------------------------------------------------------------------------

  set(changes) {
    for (const [number, value] of changes) this.values[number] = clamp(value);
    bus.hold(true);
    bus.a = write(this.values);
    this.moved = performance.now();
    clearTimeout(this.timer);
    this.timer = this.pointer ? null : setTimeout(() => this.commit(), PAUSE_MS);
    this.draw();
    this.stream();
  }

  grab() {
    this.pointer = true;
    // On the document: the hand may let go anywhere.
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => this.release(), { once: true });
  }

  release() {
    if (!this.pointer) return;
    this.pointer = false;
    this.commit();
  }

  commit() {
    clearTimeout(this.timer);
    this.timer = null;
    if (!bus.held) return;
    this.commitValue({ values: this.values.map(clamp), number: ++this.committed });
  }

  // One request at a time, and then the newest value: a slow server makes fewer frames, never late ones.
  async stream() {
    if (this.busy) {
      this.dirty = true;
      return;
    }
    this.busy = true;
    const [number, a, moved, scene] = [++bus.asked, bus.a, this.moved, this.scene];
    try {
      const reading = await ask(this.data.route, { scene, a, b: this.data.b });
      if (number > bus.shown && bus.held && scene === this.scene) {
        bus.shown = number;
        bus.emit("reading", { a, scene, reading });
        requestAnimationFrame(() => this.painted(a, moved, reading.ms));
      }
      this.note.textContent = "";
    } catch (error) {
      this.note.textContent = `${this.data.words.broken} ${error.message}`;
    }
    this.busy = false;
    if (this.dirty) {
      this.dirty = false;
      this.stream();
    }
  }

  get scene() {
    return bus.stop?.family === this.data.family ? bus.stop.scene : this.data.scene;
  }

  painted(a, moved, server) {
    const ms = performance.now() - moved;
    this.pace.textContent = `${Math.round(ms)} ms`;
    window.dispatchEvent(new CustomEvent("hyperinvariances:painted", { detail: { a, moved, ms, server } }));
  }

  // --- the elements --------------------------------------------------------------------------------------

  build() {
    const { axes, words } = this.data;
    const rows = make("div", { className: "rows" });
    this.rows = axes.map((axis, number) => {
      const input = make("input", { type: "range", min: 0, max: 1, step: FINE, id: `c${number}`, title: axis.help });
      input.setAttribute("aria-label", `${axis.name}: ${words.ends}`);
      const [output, pin] = [make("output"), make("i", { className: "pin" })];
      const label = make("label", { htmlFor: input.id, textContent: axis.name, title: axis.help });
      input.addEventListener("pointerdown", () => this.grab());
      input.addEventListener("input", () => this.set([[number, +input.value]]));
      input.addEventListener("keydown", (event) => this.key(event, number));
      input.addEventListener("change", () => this.release());
      input.addEventListener("blur", () => this.timer && this.commit());
      rows.append(make("div", { className: "row" }, label, make("span", { className: "track" }, pin, input), output));
      return { input, output, pin };
    });
    this.note = make("p", { className: "note" });
    this.note.setAttribute("role", "status");
    this.root.replaceChildren(rows, this.buildPad(), this.note);
  }

  buildPad() {
    const { axes, words } = this.data;
    this.knob = make("i", { className: "knob" });
    this.padPin = make("i", { className: "pin" });
    this.pad = make("div", { className: "pad", tabIndex: 0 }, this.padPin, this.knob);
    this.pad.setAttribute("role", "slider");
    this.pad.setAttribute("aria-valuemin", 0);
    this.pad.setAttribute("aria-valuemax", 1);
    this.pad.addEventListener("pointerdown", (event) => {
      this.pad.setPointerCapture(event.pointerId);
      this.grab();
      this.place(event);
    });
    this.pad.addEventListener("pointermove", (event) => {
      if (this.pad.hasPointerCapture(event.pointerId)) this.place(event);
    });
    this.pad.addEventListener("keydown", (event) => this.key(event, null));
    this.pad.addEventListener("blur", () => this.timer && this.commit());
    this.selects = [words.across, words.up].map((word, which) => {
      const select = make("select", { id: `pad${which}` }, ...axes.map((a) => make("option", { textContent: a.name })));
      select.addEventListener("change", () => this.choose(which, select.value));
      return select;
    });
    const fields = this.selects.map((select, n) =>
      make("label", {}, make("span", { textContent: [words.across, words.up][n] }), select),
    );
    this.pace = make("output", { textContent: "–" });
    const pace = make("p", { className: "pace", title: words.pace }, `${words.live} `, this.pace);
    return make("div", { className: "plane" }, this.pad, make("div", { className: "fields" }, ...fields, pace));
  }

  choose(which, name) {
    const names = [...this.data.pad];
    if (names[1 - which] === name) names[1 - which] = names[which]; // the two change places
    names[which] = name;
    this.choosePad(names);
  }

  place(event) {
    const box = this.pad.getBoundingClientRect();
    const [across, up] = this.padAxes();
    const x = (event.clientX - box.left - this.pad.clientLeft) / this.pad.clientWidth;
    const y = 1 - (event.clientY - box.top - this.pad.clientTop) / this.pad.clientHeight;
    this.set([[across, x], [up, y]]); // prettier-ignore
  }

  padAxes() {
    return this.data.pad.map((name) => this.data.axes.findIndex((axis) => axis.name === name));
  }

  // Arrow keys; with Shift in fine steps. On a slider up and down mean the same as right and left.
  key(event, number) {
    const direction = KEYS[event.key];
    if (!direction || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const step = event.shiftKey ? FINE : COARSE;
    if (number !== null) return this.set([[number, this.values[number] + step * (direction[0] + direction[1])]]);
    const [across, up] = this.padAxes();
    this.set([
      [across, this.values[across] + step * direction[0]],
      [up, this.values[up] + step * direction[1]],
    ]);
  }

  draw() {
    const { pinned, axes, words } = this.data;
    bus.values = [...this.values];
    bus.emit("dial");
    this.rows.forEach(({ input, output, pin }, number) => {
      const value = this.values[number];
      input.value = value;
      input.style.setProperty("--share", value);
      output.textContent = value.toFixed(2);
      pin.hidden = !pinned;
      if (!pinned) return;
      pin.style.setProperty("--share", pinned[number]);
      pin.title = `B ${pinned[number].toFixed(2)}`;
    });
    const [across, up] = this.padAxes();
    this.selects.forEach((select, which) => (select.value = this.data.pad[which]));
    const said = [across, up].map((n) => `${axes[n].name} ${this.values[n].toFixed(2)}`).join(", ");
    this.pad.setAttribute("aria-label", words.pad);
    this.pad.setAttribute("aria-valuenow", this.values[across]);
    this.pad.setAttribute("aria-valuetext", said);
    this.pad.title = said;
    const put = (element, values) => {
      element.style.left = `${100 * values[across]}%`;
      element.style.bottom = `${100 * values[up]}%`;
    };
    put(this.knob, this.values);
    this.padPin.hidden = !pinned;
    if (pinned) put(this.padPin, pinned);
  }
}
