// What a step talks about, and a button that brings it into view.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".guide");
  const button = make("button", { textContent: data.button });
  button.addEventListener("click", () => {
    document.querySelector(`.st-key-${data.target}`)?.scrollIntoView({ block: "center" });
  });
  root.replaceChildren(make("span", { textContent: data.text }), " ", button);
}
