// Brings what a step talks about into view, with what is to be seen beside it, and keeps it there while the page is
// still being drawn or the box that talks grows; until a person scrolls, whose wish counts more.
const SPACE = 12;
const LEAST = 260; // pixels of what is talked about
const BOX = ".st-key-lesson, .st-key-tour";
const BODY = ".st-key-lesson-body";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".guide");
  const deaf = attend(root, Guide, data);
  return () => {
    deaf();
    memory(root).end();
  };
}

class Guide {
  constructor(root) {
    this.root = root;
    this.moment = null;
    this.left = false; // the person has scrolled away
    this.sizes = new ResizeObserver(() => requestAnimationFrame(() => this.root.isConnected && !this.left && this.place()));
    this.ears = new AbortController();
    const how = { capture: true, passive: true, signal: this.ears.signal };
    const listen = (kind, act) => document.addEventListener(kind, act, how);
    for (const kind of ["wheel", "touchmove"]) listen(kind, (event) => this.leave(!event.target.closest?.(BOX)));
    listen("scroll", (event) => event.target.matches?.(BODY) && this.fade());
    listen("keydown", (event) => this.leave(["PageUp", "PageDown"].includes(event.key)));
    listen("pointerdown", (event) => this.leave(event.target === scroller(event.target))); // its own bar
  }

  end() {
    this.ears.abort();
    this.sizes.disconnect();
  }

  leave(gone) {
    if (gone) this.left = true;
  }

  follow(data) {
    this.data = data;
    const show = make("button", { textContent: data.words.show, title: data.words.look });
    show.addEventListener("click", () => this.begin());
    this.root.replaceChildren(show);
    if (data.words.fold) this.root.append(this.folding(data.words));
    if (this.moment !== data.moment) {
      if (data.step !== this.step) for (const body of document.querySelectorAll(BODY)) body.scrollTop = 0;
      this.step = data.step;
      this.moment = data.moment;
      document.documentElement.toggleAttribute("data-folded", false);
      this.begin();
    }
    this.root.setAttribute("aria-label", data.words.look);
    this.root.setAttribute("role", "group");
  }

  hear() {}

  // The text can be put away: what it talks about is then seen whole, even on a small screen.
  folding(words) {
    const html = document.documentElement;
    const fold = make("button");
    const name = () => {
      const folded = html.hasAttribute("data-folded");
      fold.textContent = folded ? words.unfold : words.fold;
      fold.setAttribute("aria-expanded", !folded);
    };
    fold.addEventListener("click", () => {
      html.toggleAttribute("data-folded");
      name();
    });
    name();
    return fold;
  }

  begin() {
    this.left = false;
    this.sizes.disconnect();
    const box = document.querySelector(BOX);
    const grounds = [scroller(box)?.firstElementChild, box, document.querySelector(".st-key-controls")];
    for (const each of grounds) if (each) this.sizes.observe(each); // each of them places once at once
  }

  place() {
    const found = [this.data.target, ...this.data.beside].map(part).filter(Boolean);
    for (const ground of new Set(found.map(scroller))) {
      if (ground) bring(ground, found.filter((each) => scroller(each) === ground));
    }
    const main = scroller(document.querySelector(BOX));
    if (main && !found.some((each) => scroller(each) === main)) main.scrollTop = 0;
    // What is longer than its place is reached by the keyboard too.
    for (const body of document.querySelectorAll(BODY)) body.tabIndex = 0;
    this.fade();
  }

  // Text that goes on below fades out there.
  fade() {
    for (const body of document.querySelectorAll(BODY)) {
      body.toggleAttribute("data-more", body.scrollHeight - body.clientHeight - body.scrollTop > SPACE);
    }
  }
}

// Parts that are hidden, or not there yet, have no size.
const part = (key) => {
  const found = document.querySelector(`.st-key-${key}`);
  return found?.getBoundingClientRect().height ? found : null;
};

const scroller = (element) => {
  for (let each = element; each; each = each.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(each).overflowY) && !each.matches(BODY)) return each;
  }
  return null;
};

// All of the parts if they have room, else at least the beginning of the first one; in a figure of many charts, the chosen one.
const bring = (ground, parts) => {
  const { above, below } = room(ground);
  const rects = parts.map((each) => each.getBoundingClientRect());
  const top = Math.min(...rects.map((rect) => rect.top));
  const bottom = Math.max(...rects.map((rect) => rect.bottom));
  if (top >= above && bottom <= below) return;
  let move = top - above;
  if (bottom - top > below - above) {
    // What stands above the first part, such as its choices, keeps what room the beginning of that part leaves.
    const place = Math.max(above, Math.min(below - LEAST, above + rects[0].top - top));
    move = rects[0].top - place;
  }
  const chosen = inside(parts[0], ".chosen")?.getBoundingClientRect();
  if (chosen && chosen.bottom - move > below) move = Math.min(chosen.bottom - below, chosen.top - above);
  ground.scrollTop += move;
};

// Between the head of the page, or the tour, and the box of a lesson.
const room = (ground) => {
  const found = { above: SPACE, below: innerHeight - SPACE };
  for (const box of document.querySelectorAll(BOX)) {
    if (scroller(box) !== ground) continue;
    const rect = box.getBoundingClientRect();
    if (box.matches(".st-key-lesson")) found.below = rect.top - SPACE;
    else found.above = rect.height + 2 * SPACE;
  }
  const head = document.querySelector("header");
  if (head?.querySelector("nav, a, button") && scroller(document.querySelector(BOX)) === ground) {
    found.above = Math.max(found.above, head.getBoundingClientRect().bottom + SPACE);
  }
  return found;
};

const inside = (element, selector) => {
  for (const each of element.querySelectorAll("*")) {
    const found = each.shadowRoot?.querySelector(selector);
    if (found) return found;
  }
  return null;
};
