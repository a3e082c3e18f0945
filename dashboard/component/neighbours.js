// The line-up: the query at the left, and what A and B find most alike, nearest first. Tiles glide to their places.
export default function ({ data, parentElement }) {
  return attend(parentElement.querySelector(".neighbours"), Neighbours, data);
}

class Neighbours extends Follower {
  constructor(root) {
    super(root);
    new ResizeObserver(() => this.data && this.draw()).observe(root);
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

  draw() {
    const { items, count, words } = this.data;
    const narrow = this.root.clientWidth < 620;
    this.root.classList.toggle("narrow", narrow);
    for (const { label, tiles, said, list, row } of this.rows) {
      const reading = this.reading(label);
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
    this.root.dataset.a = this.values;
  }
}
