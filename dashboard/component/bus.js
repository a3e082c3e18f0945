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
  emit(kind, detail) {
    for (const listener of this.listeners.values()) listener(kind, detail);
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

// A figure that Python's data and the hand's readings draw in turn. It brings `draw`, and may bring `build` for data
// of another scene, `scrub` for a strength that is pointed at, and `rested` for what can wait until the hand rests.
class Follower {
  constructor(root) {
    this.root = root;
  }

  follow(data) {
    const other = data.scene !== this.data?.scene || !!data.readings.B !== !!this.data?.readings.B;
    this.data = data;
    if (other) this.build();
    if (!bus.accepts(data.a)) return; // older than what the hand has done since
    this.live = null;
    this.draw();
    this.rested();
  }

  hear(kind, detail) {
    if (kind === "reading" && detail.scene === this.data.scene) {
      this.live = detail;
      this.draw();
    } else if (kind === "settle") this.follow(this.data);
    else if (kind === "scrub") this.scrub(detail);
  }

  // Values of A and what is read at them, or what is read at B: the hand's where it is ahead of Python.
  get values() {
    return this.live ? this.live.a : this.data.a;
  }

  reading(label) {
    return label === "A" && this.live ? this.live.reading : this.data.readings[label];
  }

  build() {}

  scrub() {}

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
