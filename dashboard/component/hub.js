// What the components of the page tell one another. Each is a module of its own, so they meet at one object.
//
// While a person drags, the bank holds the page: numbers in `reading` messages are newer than anything Python
// has sent, and Python's data for other values waits until the bank lets go (`settle`). That, and counting
// requests, is why no stale frame is ever drawn.
const hub = (window[Symbol.for("hyperinvariances")] ??= {
  listeners: new Set(),
  held: false,
  a: "",
  asked: 0,
  shown: 0,
  pending: 0, // questions without an answer yet
  emit(kind, detail) {
    for (const listener of this.listeners) listener(kind, detail);
  },
  // What Python has said in words is pale until it has caught up: see `said` in style.css.
  hold(held) {
    this.held = held;
    document.documentElement.toggleAttribute("data-held", held);
  },
  accepts(a) {
    return !this.held || a === this.a;
  },
});

const write = (values) => values.map((value) => String(Math.round(value * 100) / 100)).join("-");
const percent = (value) => `${Math.round(100 * Math.max(value, 0))} %`;
const two = (value) => (value < -0.005 ? "−" : "") + Math.abs(value).toFixed(2);
const signed = (value) =>
  Math.abs(value) < 1e-9 ? "0" : (value < 0 ? "−" : "+") + Number(Math.abs(value).toPrecision(3));

// Python may draw a component again at any time; what it remembers lives with its root element.
const memories = new WeakMap();
const memory = (root, start) => {
  if (!memories.has(root)) memories.set(root, start());
  return memories.get(root);
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
  hub.pending += 1;
  try {
    const reply = await fetch(`${route}?${new URLSearchParams(parameters)}`, { cache: "no-store" });
    const found = await reply.json();
    if (!reply.ok) throw new Error(found.error);
    return found;
  } finally {
    hub.pending -= 1;
  }
};
