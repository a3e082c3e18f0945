// What test pictures of each class were called. Every cell is a button that asks for its pictures.
export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".confusion");
  const kept = memory(root, () => ({ at: [0, 0] }));
  kept.choose = (cell) => setStateValue("cell", cell);
  draw(root, data, kept);
}

const draw = (root, data, kept) => {
  const { rows, columns, chosen, words } = data;
  const focused = root.getRootNode().activeElement?.dataset.place;
  const head = make("tr", {}, make("th", { scope: "col", className: "corner", textContent: words.corner }));
  for (const name of columns) {
    head.append(make("th", { scope: "col", className: "called", title: name }, make("span", { textContent: name })));
  }
  head.append(make("th", { scope: "col", className: "told", textContent: words.recall }));
  head.append(make("th", { scope: "col", className: "told", textContent: words.count }));
  const body = rows.map((row, r) => {
    const line = make("tr", {}, make("th", { scope: "row", className: "is", textContent: row.name, title: row.name }));
    row.cells.forEach((count, c) => line.append(cell(row, r, c, count)));
    line.append(make("td", { className: "told" }, make("b", { textContent: row.recall }), ` ${row.interval}`));
    line.append(make("td", { className: "told", textContent: row.count }));
    return line;
  });
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  table.setAttribute("aria-label", words.alt);
  root.replaceChildren(table);
  root.querySelector(`[data-place="${focused}"]`)?.focus();

  function cell(row, r, c, count) {
    const place = `${r},${c}`;
    const share = row.count ? count / row.count : 0;
    const shade = make("td", { className: c === row.right ? "right" : "wrong" });
    shade.style.setProperty("--share", `${Math.round(100 * share)}%`);
    if (!count) {
      shade.append(make("span", { className: "none", textContent: "0" }));
      return shade;
    }
    const button = make("button", { type: "button", textContent: count });
    button.dataset.place = place;
    // Functions, because a name may hold what means something in a replacement, such as $&.
    const said = words.cell.replace(/\{(count|is|called)\}/g, (_, word) => ({ count, is: row.name, called: columns[c] })[word]);
    button.setAttribute("aria-label", said);
    button.title = said;
    const pressed = chosen !== null && chosen[0] === r && chosen[1] === c;
    button.setAttribute("aria-pressed", pressed);
    button.addEventListener("click", () => kept.choose(pressed ? null : [r, c]));
    shade.append(button);
    return shade;
  }
};
