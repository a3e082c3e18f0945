// What the components of the page tell one another. Each is a module of its own, so they meet at one object.
//
// While a person drags, the sliders hold the page: numbers in `reading` messages are newer than anything Python
// has sent, and Python's data for other values waits until they let go (`settle`). That, and counting
// requests, is why no stale frame is ever drawn.
const bus = (window[Symbol.for("hyperinvariances")] ??= {
  listeners: new Map(), // one per root element, however often Python draws it
  held: false,
  a: "",
  asked: 0,
  shown: 0,
  pending: 0, // questions without an answer yet
  values: null, // of A, where the sliders are
  recovers: false, // whether the page heals what a busy server does to it, see below
  pressed: null, // the button that a finger has gone down on, and where
  overdue: 0, // timer: Python has not been heard of for long
  stop: null, // the strength that a hand has moved to, with all that is shown there, until Python has it too
  emit(kind, detail) {
    for (const listener of this.listeners.values()) listener(kind, detail);
  },
  // What Python has said in words is pale until it has caught up: see `said` in style.css.
  hold(held) {
    this.held = held;
    document.documentElement.toggleAttribute("data-held", held);
  },
  // Python draws the sliders first: what figures have for other values is older, or the hand is ahead of both.
  accepts(a) {
    return a === this.a || !this.a;
  },
});

// Where a server is very busy, Streamlit may lose a message; the next one then has no place, and an empty page is left.
// What a person has done is on the server and in the address, so the page is loaded anew, at most once in half a minute.
const LOST = "Cannot set a node at a delta path";
const LOADED = "hyperinvariances.loaded"; // when this page was loaded anew
const anew = () => {
  if (Date.now() - Number(sessionStorage.getItem(LOADED)) < 30000) return;
  sessionStorage.setItem(LOADED, Date.now());
  location.reload();
};
const recover = ({ message, reason }) => {
  if (`${message} ${reason?.message}`.includes(LOST)) anew();
};
if (!bus.recovers) for (const kind of ["error", "unhandledrejection"]) window.addEventListener(kind, recover);

// While something goes on the page moves, and a button can move away between a finger's going down and coming up. The
// browser then clicks on nothing; what the finger went down on is meant, unless the hand itself has moved.
const STILL_PX = 4;
const press = ({ target, clientX, clientY }) => {
  bus.pressed = { button: target.closest?.("button"), x: clientX, y: clientY };
};
const meant = ({ target, clientX, clientY, detail }) => {
  const { button, x, y } = bus.pressed ?? {};
  bus.pressed = null;
  if (!button || button.contains(target) || !detail || Math.hypot(clientX - x, clientY - y) > STILL_PX) return;
  button.click();
};
if (!bus.recovers) {
  document.addEventListener("pointerdown", press, true);
  document.addEventListener("click", meant, true);
}

// Streamlit puts every change of the address into the browser's history, a click on a page twice. Going back is for pages;
// what is set on a page has Undo.
const pushed = history.pushState;
const kept = (url) => new URL(url ?? location.href, location.href).pathname === location.pathname;
if (!bus.recovers)
  history.pushState = function (state, title, url) {
    return (kept(url) ? history.replaceState : pushed).call(this, state, title, url);
  };
bus.recovers = true;

// The message that may be lost can be the one that tells the page to ask again, and it would wait for good. Python says
// in how many seconds it is due, 0 where nothing goes on; far beyond that the page is loaded anew, if the server answers.
const PATIENCE_S = 60;
const awaited = (seconds) => {
  clearTimeout(bus.overdue);
  if (seconds) bus.overdue = setTimeout(missed, 1000 * (PATIENCE_S + 5 * seconds), seconds);
};
const missed = async (seconds) => {
  awaited(seconds);
  const there = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (there?.ok && !document.hidden) anew();
};

const write = (values) => values.map((value) => String(Math.round(value * 100) / 100)).join("-");
const percent = (value) => `${Math.round(100 * Math.max(value, 0))} %`;
// Rounded as Python rounds it: halves away from 0, and no minus before 0.00.
const two = (value) => {
  const text = Math.abs(value).toFixed(2);
  return (value < 0 && +text ? "−" : "") + text;
};

// Python may draw a component again at any time; what it remembers lives with its root element.
const memories = new WeakMap();
const memory = (root, start) => {
  if (!memories.has(root)) memories.set(root, start());
  return memories.get(root);
};

// Pieces of a sentence, those about A or B in their colour.
const inked = (pieces) => pieces.map(([text, label]) => (label ? make("b", { className: label, textContent: text }) : text));

// A figure that Python's data and the hand's readings draw in turn. It brings `draw`, and may bring `build` for another
// family of scenes, `scrub` for a strength that is pointed at, `dialled` for sliders that have moved, and `rested` for
// what can wait until the hand rests.
class Follower {
  constructor(root) {
    this.root = root;
  }

  follow(data) {
    const other = data.family !== this.data?.family || !!data.readings.B !== !!this.data?.readings.B;
    this.data = data;
    if (other) this.build();
    this.dialled();
    if (!bus.accepts(data.a)) return; // older than what the hand has done since
    this.live = null;
    this.draw();
    this.rested();
  }

  hear(kind, detail) {
    if (kind === "reading" && detail.scene === this.shown.scene) {
      this.live = detail;
      this.draw();
    } else if (kind === "stop") {
      this.live = null;
      this.draw();
    } else if (kind === "settle") this.follow(this.data);
    else if (kind === "dial") this.dialled();
    else if (kind === "scrub") this.scrub(detail);
  }

  // What is there at the strength that is shown: where a hand has moved it, or where Python has it.
  get shown() {
    return bus.stop?.family === this.data.family ? bus.stop : this.data;
  }

  // Values of A and what is read at them, or what is read at B: the hand's where it is ahead of Python.
  get values() {
    return this.live?.a ?? this.shown.a;
  }

  reading(label) {
    const live = label === "A" ? this.live?.reading : this.live?.reading.pinned;
    return live ?? this.shown.readings[label];
  }

  build() {}

  scrub() {}

  dialled() {}

  rested() {}
}

// Show data in the figure that belongs to a root element; gives back what ends its listening. Streamlit asks for that
// only when the element goes away, not before it draws it again.
const attend = (root, Figure, data, verbs = {}) => {
  const figure = Object.assign(
    memory(root, () => new Figure(root)),
    verbs,
  );
  figure.follow(data);
  bus.listeners.set(root, (kind, detail) => figure.hear(kind, detail));
  return () => bus.listeners.delete(root);
};

const make = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

const ask = async (route, parameters) => {
  bus.pending += 1;
  try {
    const reply = await fetch(`${route}?${new URLSearchParams(parameters)}`, { cache: "no-store" });
    const found = await reply.json();
    if (!reply.ok) throw new Error(found.error);
    return found;
  } finally {
    bus.pending -= 1;
  }
};
