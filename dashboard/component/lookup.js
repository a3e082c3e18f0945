// Beside the map: what the extractor under the pointer finds alike, then A and B. On a touch screen a tap points.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".lookup");
  const figure = memory(root, () => new Lookup(root));
  figure.show(data);
  return () => figure.leave();
}

const LOOK_MS = 300; // the chart may be drawn later than this, or anew

class Lookup {
  constructor(root) {
    this.root = root;
    this.point = null; // number of the map's point that was pointed at last
    this.heard = (event) => this.hear(event);
  }

  show(data) {
    if (this.point >= data.order.length || this.map !== data.map) this.point = null;
    this.map = data.map;
    this.data = data;
    this.build();
    this.draw();
    clearInterval(this.timer);
    this.timer = setInterval(() => this.listen(), LOOK_MS);
    this.listen();
  }

  leave() {
    clearInterval(this.timer);
    for (const kind of ["plotly_hover", "plotly_click"]) this.plot?.removeListener?.(kind, this.heard);
  }

  // Plotly forgets listeners when it draws a chart from scratch, and says so to nobody.
  listen() {
    this.plot = document.querySelector(`${this.data.chart} .js-plotly-plot`);
    for (const kind of ["plotly_hover", "plotly_click"]) {
      this.plot?.removeListener?.(kind, this.heard);
      this.plot?.on?.(kind, this.heard);
    }
    this.root.dataset.listening = !!this.plot?.on;
  }

  hear(event) {
    const found = event.points.find((each) => each.data.name === this.data.trace);
    if (!found || found.pointNumber === this.point) return;
    this.point = found.pointNumber;
    this.draw();
  }

  build() {
    const { query, words, pinned } = this.data;
    const picture = make("img", { src: query.src, alt: query.alt });
    const said = make("figcaption", {}, make("b", { textContent: words.query }), make("span", { textContent: query.label }));
    this.lines = { "": this.line(""), ...Object.fromEntries(Object.keys(pinned).map((label) => [label, this.line(label)])) };
    const lines = Object.values(this.lines).map((each) => each.row);
    this.root.replaceChildren(make("figure", { className: "query" }, picture, said), ...lines);
  }

  line(label) {
    const head = make("p", { className: "head" });
    const tiles = make("div", { className: "tiles" });
    return { head, tiles, row: make("section", { className: `line ${label}` }, head, tiles) };
  }

  draw() {
    const { order, near, points, pinned, words } = this.data;
    const pointed = this.point !== null;
    this.lines[""].row.classList.toggle("empty", !pointed);
    this.root.dataset.point = pointed ? this.point : "";
    if (pointed) this.fill(this.lines[""], words.pointed, order[this.point], near[this.point], this.described(points[this.point]));
    else this.lines[""].head.textContent = words.hint;
    for (const [label, found] of Object.entries(pinned)) this.fill(this.lines[label], label, found.order, found.near, "");
  }

  fill({ head, tiles, row }, name, order, near, described) {
    const { items, words } = this.data;
    const count = (kind) => order.filter((n) => items[n].kind === kind).length;
    const said = words.found.replace("{object}", count("object")).replace("{change}", count("change")).replaceAll("{count}", order.length);
    head.replaceChildren(make("b", { textContent: name }), make("span", { textContent: ` ${said}` }));
    if (described) head.append(make("small", { textContent: described }));
    tiles.replaceChildren(
      ...order.map((n, rank) => {
        const { src, alt, kind, label } = items[n];
        const mark = make("i", { textContent: words.marks[kind], title: words.kinds[kind] });
        const value = make("span", { textContent: two(near[rank] / 100) });
        return make("figure", { className: kind }, make("img", { src, alt, title: label }), make("figcaption", {}, mark, value));
      }),
    );
    row.setAttribute("aria-label", `${name}: ${said}. ${order.map((n) => items[n].alt).join("; ")}`);
    row.dataset.order = order.join(" ");
  }

  // A point's coordinates in words: what it ignores, what only partly.
  described(values) {
    const { axes, words } = this.data;
    const full = axes.filter((_, n) => values[n] > 99);
    const partly = axes.map((name, n) => `${name} ${two(values[n] / 100)}`).filter((_, n) => values[n] > 0 && values[n] <= 99);
    return [full.length && `${words.ignores} ${full.join(", ")}`, partly.length && `${words.partly} ${partly.join(", ")}`]
      .filter(Boolean)
      .join("; ") || words.nothing;
  }
}
