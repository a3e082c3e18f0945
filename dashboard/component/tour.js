// The offer of a tour: on the first visit only. What was answered stays in this browser.
const KEY = "hyperinvariances.tour";

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tour");
  const remember = () => {
    try {
      localStorage.setItem(KEY, "seen");
    } catch {
      root.dataset.forgetful = "";
    }
    show();
  };
  const show = () => {
    root.hidden = data.running || remembered();
    document.documentElement.toggleAttribute("data-no-offer", root.hidden);
  };
  const start = () => {
    remember();
    setTriggerValue("start", true);
  };
  if (data.running && !remembered()) remember();
  root.replaceChildren(make("span", { textContent: data.words.text }), button(data.words.start, start), button(data.words.skip, remember));
  show();
}

// Storage may be forbidden; then the offer comes back on each visit, which is a nuisance but no fault.
const remembered = () => {
  try {
    return localStorage.getItem(KEY) === "seen";
  } catch {
    return false;
  }
};

const button = (text, act) => {
  const found = make("button", { textContent: text });
  found.addEventListener("click", act);
  return found;
};
