// A white page for the projector. Streamlit keeps the theme in the browser, by path, and reads it when a page is loaded.
const NAME = () => `stActiveTheme-${location.pathname}-v2`;
const MEMORY = "hyperinvariances.themes"; // what was there before, by name

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".projector");
  const before = JSON.parse(sessionStorage.getItem(MEMORY) ?? "{}");
  if (data.on) {
    const dark = isDark(root);
    if (!dark || NAME() in before) return; // tried once: Python says what to do by hand
    before[NAME()] = localStorage.getItem(NAME());
    localStorage.setItem(NAME(), JSON.stringify("Light"));
    sessionStorage.setItem(MEMORY, JSON.stringify(before));
    reloadWhen(() => location.search.includes("projector=1"));
  } else if (Object.keys(before).length) {
    for (const [name, value] of Object.entries(before)) {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    }
    sessionStorage.removeItem(MEMORY);
    reloadWhen(() => !location.search.includes("projector=1"));
  }
}

const isDark = (root) => {
  const [r, g, b] = getComputedStyle(root).color.match(/\d+/g).map(Number);
  return r + g + b > 380; // light ink
};

// The address holds all that is to survive, so wait until Python has written it; and no question is cut off.
const reloadWhen = (ready, tries = 100) => {
  if (ready() && !bus.pending) location.reload();
  else if (tries) setTimeout(() => reloadWhen(ready, tries - 1), 100);
};
