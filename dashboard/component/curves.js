// Small multiples: how far features move over the range of every transformation, for A, B and other pictures.
export default function ({ data, parentElement, setTriggerValue }) {
  const chooseAxis = (name) => setTriggerValue("axis", name);
  return attend(parentElement.querySelector(".curves"), Curves, data, { chooseAxis });
}

const TOP = 1.25; // of the movement axis, fixed so that a rise means something; 1 is another picture
const TEXT = 14; // pixels of the numbers at the axes, unless a projector wants more; the margins grow with them
const margins = (text) => ({ left: 3.6 * text, right: 12, top: 8, bottom: 3.2 * text });
const heights = (text) => 117.4 + 4.2 * text;
const WIDEST = 3;
const WAIT_MS = 400; // until bands that were not ready are asked for again

class Curves extends Follower {
  constructor(root) {
    super(root);
    this.bands = {}; // by values
    this.asking = new Set(); // values whose answer is under way: Python may draw again before it comes
    this.cursor = null;
    this.attempts = 0;
    new ResizeObserver(() => this.data && this.draw()).observe(root);
  }

  scrub(share) {
    this.cursor = share;
    this.draw();
  }

  // The range of other pictures takes ten times as long as a curve, so it follows when the hand rests.
  async rested() {
    const { route, scene, a, b } = this.data;
    for (const values of [a, b]) {
      const key = `${scene}/${values}`;
      if (!values || this.whole(key) || this.asking.has(key)) continue;
      this.asking.add(key);
      try {
        const band = await ask(route, { scene, a: values, bands: 1 });
        if (Object.keys(this.bands).length > 100) this.bands = {};
        this.bands[key] = band;
        if (band.waiting) setTimeout(() => this.rested(), WAIT_MS);
      } catch (error) {
        this.root.dataset.problem = error.message;
        if (this.attempts++ < 5) setTimeout(() => this.rested(), 2000);
      } finally {
        this.asking.delete(key);
      }
      this.draw();
    }
  }

  // Whether the range of other pictures is there for every transformation: after a start or with another seed it comes
  // bit by bit, and the figure says how far it is.
  whole(key) {
    return this.bands[key] && !this.bands[key].waiting;
  }

  lines() {
    const { readings, scene, b } = this.data;
    const shown = { A: { ...this.reading("A"), values: this.values } };
    if (readings.B) shown.B = { ...this.reading("B"), values: this.live?.b ?? b };
    for (const line of Object.values(shown)) line.band = this.bands[`${scene}/${line.values}`];
    return shown;
  }

  draw() {
    const width = this.root.clientWidth;
    if (!width) return;
    this.measure();
    const lines = this.lines();
    if (this.quick(lines, width)) return;
    const columns = Math.min(WIDEST, Math.max(1, Math.floor(width / (15 * this.text))));
    const each = (width - 14 * (columns - 1)) / columns;
    const panels = this.data.axes.map((axis, number) => this.panel(axis, number, lines, each));
    const grid = make("div", { className: "grid" }, ...panels);
    grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    if (!this.root.firstChild) this.root.append(grid, this.foot());
    else this.patch(grid);
    this.dialled();
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", this.data.alt);
    this.root.dataset.a = lines.A.values;
    const bands = Object.values(lines).map((line) => line.band);
    this.root.dataset.complete = bands.every((band) => band && !band.waiting);
    this.note.textContent = bands.find((band) => band?.waiting)?.waiting ?? "";
  }

  // While a hand drags, only lines and numbers change: drawing all anew would cost it frames.
  quick(lines, width) {
    const muted = Object.values(lines).map((line) => line.muted);
    const form = [!!this.live, width, this.text, this.cursor, this.data.family, this.data.chosen, muted].join();
    const same = this.live && form === this.form;
    this.form = form;
    if (!same) return false;
    const panels = [...this.root.querySelectorAll(".panel")];
    const each = panels[0].querySelector("svg").viewBox.baseVal.width;
    panels.forEach((panel, n) => {
      const [x, y] = this.scales(this.data.axes[n], each);
      for (const [label, line] of Object.entries(lines)) {
        const points = line.movement[n].map((m, at) => `${x(this.data.axes[n].strengths[at])},${y(m)}`).join(" ");
        panel.querySelector(`polyline.${label}`).setAttribute("points", points);
        panel.querySelector(`b[data-label="${label}"]`).textContent = `${label} ${percent(this.value(line.movement[n]))}`;
      }
    });
    this.root.dataset.a = lines.A.values;
    return true;
  }

  measure() {
    this.text = parseFloat(getComputedStyle(this.root).getPropertyValue("--chart-text")) || TEXT;
    this.margin = margins(this.text);
    this.height = heights(this.text);
  }

  // Replacing the drawings but not the buttons keeps the focus where it is.
  patch(grid) {
    const old = this.root.querySelector(".grid");
    if (old.children.length !== grid.children.length) return old.replaceWith(grid);
    old.style.gridTemplateColumns = grid.style.gridTemplateColumns;
    [...grid.children].forEach((panel, n) => {
      const was = old.children[n];
      was.className = panel.className;
      was.querySelector(".numbers").replaceWith(panel.querySelector(".numbers"));
      was.querySelector("svg").innerHTML = panel.querySelector("svg").innerHTML;
      for (const name of ["viewBox", "aria-label"]) {
        was.querySelector("svg").setAttribute(name, panel.querySelector("svg").getAttribute(name));
      }
      was.querySelector("button").setAttribute("aria-pressed", panel.className.includes("chosen"));
    });
  }

  panel(axis, number, lines, width) {
    const chosen = axis.name === this.data.chosen;
    const name = make("button", { className: "name", textContent: axis.name, title: this.data.words.choose });
    name.setAttribute("aria-pressed", chosen);
    name.addEventListener("click", () => this.chooseAxis(axis.name));
    const said = this.numbers(axis, number, lines);
    const head = make("div", { className: "head" }, name, make("span", { className: "numbers", innerHTML: said.html }));
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${Math.round(width)} ${this.height}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("tabindex", "0");
    svg.setAttribute("aria-label", `${axis.name}, ${said.text}. ${this.data.words.scrub}`);
    svg.innerHTML = this.drawing(axis, number, lines, width);
    const at = (event) => {
      const box = svg.getBoundingClientRect();
      return (event.clientX - box.left - this.margin.left) / (box.width - this.margin.left - this.margin.right);
    };
    svg.addEventListener("pointermove", (event) => bus.emit("scrub", Math.min(1, Math.max(0, at(event)))));
    svg.addEventListener("pointerleave", () => bus.emit("scrub", null));
    svg.addEventListener("blur", () => bus.emit("scrub", null));
    svg.addEventListener("keydown", (event) => this.step(event));
    return make("div", { className: chosen ? "panel chosen" : "panel" }, head, svg, this.dial(axis, number));
  }

  // On a narrow screen no sidebar stands beside the figure, so its slider stands below it.
  dial(axis, number) {
    const input = make("input", { type: "range", min: 0, max: 1, step: 0.01 });
    input.setAttribute("aria-label", `A, ${axis.name}: ${this.data.words.ends}`);
    input.addEventListener("pointerdown", () => bus.emit("grab"));
    input.addEventListener("input", () => bus.emit("dialling", [number, +input.value]));
    const said = make("span", { textContent: this.data.words.slider });
    return make("div", { className: "dial" }, said, input, make("output"));
  }

  dialled() {
    [...this.root.querySelectorAll(".dial")].forEach((dial, n) => {
      const [, input, output] = dial.children;
      const value = (bus.values ?? this.data.values.A)[n];
      input.value = value;
      input.style.setProperty("--share", value);
      output.textContent = value.toFixed(2);
    });
  }

  step(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move) return;
    event.preventDefault();
    const last = this.data.axes[0].strengths.length - 1;
    const now = this.cursor === null ? last / 2 - move : Math.round(this.cursor * last);
    bus.emit("scrub", Math.min(last, Math.max(0, now + move)) / last);
  }

  numbers(axis, number, lines) {
    const last = axis.strengths.length - 1;
    const at = this.cursor === null ? null : Math.round(this.cursor * last);
    const where = at === null ? this.data.words.mean : axis.labels[at];
    const values = Object.entries(lines).map(([label, line]) => {
      return { label, value: percent(this.value(line.movement[number])), muted: line.muted };
    });
    const html = values
      .map((v) => `<b class="${v.muted ? "muted" : v.label}" data-label="${v.label}">${v.label} ${v.value}</b>`)
      .join(" ");
    return { html: `<span class="where">${escaped(where)}</span> ${html}`, text: `${where}: ${values.map((v) => `${v.label} ${v.value}`).join(", ")}` };
  }

  // Of a curve: where the cursor is, or its mean.
  value(curve) {
    if (this.cursor === null) return curve.reduce((x, y) => x + y, 0) / curve.length;
    return curve[Math.round(this.cursor * (curve.length - 1))];
  }

  scales(axis, width) {
    const [low, high] = [axis.strengths[0], axis.strengths.at(-1)];
    const x = (s) => (this.margin.left + ((s - low) / (high - low)) * (width - this.margin.left - this.margin.right)).toFixed(1);
    const y = (m) => (this.margin.top + (1 - Math.min(Math.max(m, -0.03), TOP) / TOP) * (this.height - this.margin.top - this.margin.bottom)).toFixed(1);
    return [x, y];
  }

  drawing(axis, number, lines, width) {
    const strengths = axis.strengths;
    const [low, high] = [strengths[0], strengths.at(-1)];
    const [x, y] = this.scales(axis, width);
    const points = (at, levels) => at.map((s, n) => `${x(s)},${y(levels[n])}`);
    const parts = [0, 0.5, 1].map((m) => {
      const dotted = m === 1 ? `stroke="var(--quiet)" stroke-width="2" stroke-dasharray="2 4"` : `stroke="var(--line)"`;
      return (
        `<line x1="${this.margin.left}" x2="${width - this.margin.right}" y1="${y(m)}" y2="${y(m)}" ${dotted}/>` +
        `<text x="${this.margin.left - 6}" y="${+y(m) + 5}" text-anchor="end">${100 * m} %</text>`
      );
    });
    const [first, last] = [axis.labels[0], axis.labels.at(-1)];
    const below = (at, text, anchor, row) =>
      parts.push(`<text x="${at}" y="${this.height - 7 - row * 1.3 * this.text}" text-anchor="${anchor}">${escaped(text)}</text>`);
    const tick = (s, text, anchor) => below(x(s), text, anchor, 1);
    below((this.margin.left + width - this.margin.right) / 2, this.data.words.strength.replace("{axis}", axis.name), "middle", 0);
    parts.push(`<text x="${this.margin.left + 4}" y="${this.margin.top + 0.8 * this.text}">${escaped(this.data.words.moves)}</text>`);
    tick(low, first, "start");
    tick(high, last, "end");
    const wide = (text) => 0.6 * this.text * text.length;
    const [from, to] = [+x(low) + wide(first), +x(high) - wide(last)];
    if (low < 0 && +x(0) - this.text > from && +x(0) + this.text < to) tick(0, first.startsWith("×") ? "×1" : "0", "middle"); // where there is room
    for (const [label, line] of Object.entries(lines).reverse()) {
      const colour = line.muted ? "var(--quiet)" : `var(--${label.toLowerCase()})`;
      if (line.band?.low[number]) {
        const edge = [...points(axis.frames, line.band.high[number]), ...points(axis.frames, line.band.low[number]).reverse()];
        parts.push(`<polygon points="${edge.join(" ")}" fill="${colour}" fill-opacity="0.15"/>`);
      }
      const dash = label === "A" ? "" : `stroke-dasharray="9 6"`;
      const path = points(strengths, line.movement[number]).join(" ");
      parts.push(
        `<polyline class="${label}" points="${path}" fill="none" stroke="${colour}" stroke-width="4" stroke-linejoin="round" ${dash}/>`,
      );
    }
    if (this.cursor !== null) {
      const at = Math.round(this.cursor * (strengths.length - 1));
      parts.push(`<line x1="${x(strengths[at])}" x2="${x(strengths[at])}" y1="${this.margin.top}" y2="${y(0)}" stroke="var(--ink)"/>`);
      for (const [label, line] of Object.entries(lines))
        parts.push(
          `<circle cx="${x(strengths[at])}" cy="${y(line.movement[number][at])}" r="6" fill="var(--${label.toLowerCase()})" stroke="var(--surface)" stroke-width="2"/>`,
        );
    }
    return parts.join("");
  }

  // --- on paper ------------------------------------------------------------------------------------------

  foot() {
    this.note = make("span", { className: "note" });
    this.note.setAttribute("role", "status");
    return make("div", { className: "foot" }, this.note, this.exports());
  }

  exports() {
    const button = (kind) => {
      const found = make("button", { textContent: kind });
      found.addEventListener("click", () => this.save(kind));
      return found;
    };
    return make("div", { className: "exports" }, this.data.words.save, button("SVG"), button("PNG"));
  }

  save(kind) {
    const width = 420;
    const lines = this.lines();
    const rows = Math.ceil(this.data.axes.length / WIDEST);
    const panels = this.data.axes.map((axis, n) => {
      const [left, top] = [(n % WIDEST) * (width + 16), Math.floor(n / WIDEST) * (this.height + 44) + 26];
      const title = `<text x="${this.margin.left}" y="-8" font-weight="700">${escaped(`${axis.name}, ${this.numbers(axis, n, lines).text}`)}</text>`;
      return `<g transform="translate(${left} ${top})">${title}${this.drawing(axis, n, lines, width)}</g>`;
    });
    const caption = this.data.caption.map((line, n) => `<text x="10" y="${rows * (this.height + 44) + 24 + 22 * n}">${escaped(line)}</text>`);
    const [all, height] = [WIDEST * (width + 16), rows * (this.height + 44) + 22 * caption.length + 20];
    saveDrawing(this.root, kind, "curves", [all, height], [...panels, ...caption].join(""));
  }
}
