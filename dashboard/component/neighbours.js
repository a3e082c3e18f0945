// The line-up: the query at the left, and what A and B find most alike, nearest first. Tiles glide to their places.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".neighbours");
  const rows = memory(root, () => new Neighbours(root));
  rows.follow(data);
  const listener = (kind, detail) => rows.hear(kind, detail);
  hub.listeners.add(listener);
  return () => hub.listeners.delete(listener);
}

class Neighbours {
  constructor(root) {
    this.root = root;
    new ResizeObserver(() => this.data && this.place()).observe(root);
  }

  follow(data) {
    const other = data.scene !== this.data?.scene || !!data.readings.B !== !!this.data?.readings.B;
    this.data = data;
    if (other) this.build();
    if (!hub.accepts(data.a)) return; // older than what the hand has done since
    this.live = null;
    this.place();
  }

  hear(kind, detail) {
    if (kind === "reading" && detail.scene === this.data.scene) {
      this.live = detail;
      this.place();
    } else if (kind === "settle") this.follow(this.data);
  }

  build() {
    const { query, items, words, readings } = this.data;
    this.query = make("figure", { className: "query" });
    const picture = make("img", { src: query.src, alt: query.alt });
    this.query.append(make("figcaption", { className: "ask", textContent: words.query }), picture);
    this.query.append(make("figcaption", { textContent: query.label }));
    this.rows = Object.keys(readings).map((label) => {
      const tiles = items.map((item) => {
        const near = make("b");
        const mark = make("span", { className: "mark", textContent: words.marks[item.kind], title: words.kinds[item.kind] });
        const caption = make("figcaption", {}, mark, ` ${item.label}`);
        const tile = make("figure", { className: `tile ${item.kind}` }, make("img", { src: item.src, alt: item.alt }), caption, near);
        return { tile, near };
      });
      const said = make("p", { className: `said ${label}` });
      const list = make("div", { className: "list" }, ...tiles.map((each) => each.tile));
      return { label, tiles, said, list, row: make("section", { className: `line ${label}` }, said, list) };
    });
    this.root.replaceChildren(this.query, make("div", { className: "lines" }, ...this.rows.map((row) => row.row)));
  }

  place() {
    const { readings, items, count, words } = this.data;
    const narrow = this.root.clientWidth < 620;
    this.root.classList.toggle("narrow", narrow);
    for (const { label, tiles, said, list, row } of this.rows) {
      const reading = label === "A" && this.live ? this.live.reading : readings[label];
      const size = Math.min(118, (list.clientWidth - 8 * (count - 1)) / count);
      list.style.height = `${size + (narrow ? 64 : 46)}px`;
      reading.order.forEach((item, rank) => {
        const { tile, near } = tiles[item];
        const away = rank >= count;
        tile.style.width = `${size}px`;
        tile.style.transform = `translateX(${Math.min(rank, count) * (size + 8)}px)`;
        tile.classList.toggle("away", away);
        tile.setAttribute("aria-hidden", away);
        tile.style.order = rank;
        near.textContent = two(reading.near[item]);
      });
      const first = reading.order.slice(0, count).map((item) => items[item].kind);
      const counted = (kind) => first.filter((each) => each === kind).length;
      const [object, change] = [counted("object"), counted("change")];
      const sentence = words.found.replace("{object}", object).replace("{change}", change).replaceAll("{count}", count);
      said.textContent = reading.muted ? words.collapsed : sentence;
      said.prepend(make("b", { textContent: `${label} ` }));
      row.classList.toggle("muted", reading.muted);
      row.setAttribute("aria-label", reading.order.slice(0, count).map((n) => items[n].alt).join("; "));
      row.dataset.order = reading.order.slice(0, count).join(" ");
    }
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", this.data.alt);
    this.root.dataset.a = this.live ? this.live.a : this.data.a;
  }
}
