// The line-up: the query at the left, and what A and B find most alike, nearest first. Tiles glide to their places.
export default function ({ data, parentElement, setTriggerValue }) {
  const chooseAt = (number) => setTriggerValue("at", number);
  const chooseB = (values) => setTriggerValue("b", values);
  return attend(parentElement.querySelector(".neighbours"), Neighbours, data, { chooseAt, chooseB });
}

class Neighbours extends Follower {
  constructor(root) {
    super(root);
    this.strength = new Strength(this);
    this.walk = new Walk(this);
    new ResizeObserver(() => this.data && this.draw()).observe(root);
  }

  follow(data) {
    super.follow(data);
    this.strength.follow();
    this.walk.follow();
    this.draw();
  }

  build() {
    const { words, readings } = this.data;
    this.said = make("span");
    this.headline = make("h2", { className: "headline" }, this.said);
    this.picture = make("img");
    this.label = make("figcaption");
    const ask = make("figcaption", { className: "ask", textContent: words.query });
    this.query = make("figure", { className: "query" }, ask, this.picture, this.label);
    const query = make("div", { className: "looked" }, this.query, this.strength.build());
    this.rows = Object.keys(readings).map((label) => this.row(label));
    const lines = make("div", { className: "lines" }, ...this.rows.map((row) => row.row));
    if (readings.B) lines.append(this.walk.build());
    this.root.replaceChildren(this.headline, query, lines);
  }

  row(label) {
    const [list, note] = [make("div", { className: "list" }), make("p", { className: "note", hidden: true })];
    const dial = this.dial(label);
    return { label, list, note, dial, tiles: [], row: make("section", { className: `line ${label}` }, dial.element, note, list) };
  }

  // How much the extractor ignores the change that is shown, beside what it does.
  dial(label) {
    const { axis, number, words } = this.data;
    const input = make("input", { type: "range", min: 0, max: 1, step: 0.01 });
    input.setAttribute("aria-label", `${label}, ${axis}: ${words.ends}`);
    if (label === "A") {
      input.addEventListener("pointerdown", () => bus.emit("grab"));
      input.addEventListener("input", () => bus.emit("dialling", [number, +input.value]));
    } else {
      input.addEventListener("input", () => this.moveB(+input.value));
      input.addEventListener("change", () => this.chooseB(this.b));
    }
    const output = make("output");
    const [name, keeps, ignores] = [axis, words.keeps, words.ignores].map((text) => make("span", { textContent: text }));
    name.className = "axis";
    const element = make("div", { className: "dial" }, make("b", { textContent: label }), name, keeps, input, ignores, output);
    return { element, input, output };
  }

  dialled() {
    const { number, values } = this.data;
    for (const { label, dial } of this.rows) {
      const value = label === "A" ? (bus.values ?? values.A)[number] : (this.b ?? values.B)[number];
      dial.input.value = value;
      dial.input.style.setProperty("--share", value);
      dial.output.textContent = value.toFixed(2);
    }
  }

  rested() {
    this.b = null;
    this.dialled();
  }

  // B has no other slider, so it asks by itself: one question at a time, and then the newest.
  async moveB(value) {
    const { number, values, route } = this.data;
    this.b = (this.b ?? values.B).map((each, n) => (n === number ? value : each));
    this.dialled();
    if (this.asking) return;
    this.asking = true;
    for (let asked = null; this.b && asked !== write(this.b); ) {
      asked = write(this.b);
      const [a, scene] = [bus.a || this.data.a, this.shown.scene];
      try {
        const reading = await ask(route, { scene, a, b: asked, both: 1 });
        if (this.b && scene === this.shown.scene) bus.emit("reading", { a, b: asked, scene, reading });
      } catch {
        break; // Python says it when the hand lets go
      }
    }
    this.asking = false;
  }

  draw() {
    const { shown } = this;
    const { query } = shown;
    const narrow = this.root.clientWidth < 620;
    this.root.classList.toggle("narrow", narrow);
    this.said.replaceChildren(...inked(this.live?.reading.said ?? shown.said));
    if (this.picture.src !== query.src) Object.assign(this.picture, { src: query.src, alt: query.alt });
    this.label.textContent = query.label;
    this.strength.draw();
    for (const row of this.rows) this.line(row, shown.items, narrow);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", this.data.alt);
    this.root.dataset.a = this.values;
    this.root.dataset.at = shown.at;
  }

  line({ label, tiles, list, note, row }, items, narrow) {
    const { count, words } = this.data;
    const reading = this.reading(label);
    const size = Math.min(118, (list.clientWidth - 8 * (count - 1)) / count);
    list.style.height = `${size + (narrow ? 82 : 52)}px`;
    this.fill(tiles, list, items);
    reading.order.forEach((item, rank) => {
      const { tile, near } = tiles[item];
      const away = rank >= count;
      tile.style.width = `${size}px`;
      tile.style.transform = `translateX(${Math.min(rank, count) * (size + 8)}px)`;
      tile.classList.toggle("away", away);
      tile.setAttribute("aria-hidden", away);
      tile.style.order = rank;
      near.textContent = two(reading.near[item]);
      near.title = words.near;
      tile.style.setProperty("--near", Math.max(0, reading.near[item]));
    });
    note.hidden = !reading.muted;
    note.textContent = reading.muted ? words.collapsed : "";
    row.classList.toggle("muted", reading.muted);
    row.setAttribute("aria-label", reading.order.slice(0, count).map((n) => items[n].alt).join("; "));
    row.dataset.order = reading.order.slice(0, count).join(" ");
  }

  // As many tiles as there are pictures; those that are there already get new ones, which does not flicker.
  fill(tiles, list, items) {
    if (tiles.items === items) return;
    tiles.items = items;
    const { words } = this.data;
    while (tiles.length > items.length) tiles.pop().tile.remove();
    while (tiles.length < items.length) {
      const [picture, mark, name, near] = ["img", "span", "span", "b"].map((tag) => make(tag));
      mark.className = "mark";
      const bar = make("i", { className: "bar" }); // as long as the number below it
      const tile = make("figure", {}, picture, bar, near, make("figcaption", {}, mark, " ", name));
      tiles.push({ tile, near, picture, mark, name });
      list.append(tile);
    }
    items.forEach((item, n) => {
      const { tile, picture, mark, name } = tiles[n];
      tile.className = `tile ${item.kind}`;
      Object.assign(picture, { src: item.src, alt: item.alt });
      Object.assign(mark, { textContent: words.marks[item.kind], title: words.kinds[item.kind] });
      name.textContent = item.label;
    });
  }
}
