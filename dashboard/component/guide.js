// What a step talks about, and a button that brings it into view below the box that talks; the tour does it by itself.
const SPACE = 20;
const PATIENCE = 40;

// On a page that has just been turned to, the part may not be there yet.
function reveal(target, tries = PATIENCE) {
  const part = document.querySelector(`.st-key-${target}`);
  if (!part && tries) setTimeout(reveal, 50, target, tries - 1);
  if (!part) return;
  const box = document.querySelector(".st-key-lesson, .st-key-tour");
  const beside = box && !part.closest(".st-key-controls");
  part.style.scrollMarginTop = `${SPACE + (beside ? box.getBoundingClientRect().height + SPACE : 0)}px`;
  part.scrollIntoView({ block: "start" });
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".guide");
  const button = make("button", { textContent: data.button });
  button.addEventListener("click", () => reveal(data.target));
  root.replaceChildren(make("span", { textContent: data.text }), " ", button);
  if (data.auto && root.dataset.target !== data.target) reveal(data.target);
  root.dataset.target = data.target;
}
