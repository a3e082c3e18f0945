// The picture under growing strengths, and how similar its features stay. A click looks that frame up among others.
export default function ({ data, parentElement, setTriggerValue }) {
  const choose = (number) => setTriggerValue("at", number);
  return attend(parentElement.querySelector(".filmstrip"), Filmstrip, data, { choose });
}

class Filmstrip extends Follower {
  scrub(share) {
    const at = share === null ? -1 : Math.round(share * (this.frames.length - 1));
    this.frames.forEach(({ frame }, n) => frame.classList.toggle("scrubbed", n === at));
  }

  build() {
    const { frames, words, readings, coarse } = this.data;
    this.frames = frames.map((each, number) => {
      const frame = make("button", { className: "frame", type: "button", title: words.choose });
      frame.setAttribute("aria-label", each.alt);
      const photo = make("img", { className: "photo", src: each.photo, alt: "" });
      const seen = make("img", { className: coarse ? "seen coarse" : "seen", src: each.seen, alt: "", title: words.seen });
      const numbers = Object.keys(readings).map((label) => make("b", { className: label }));
      const shown = make("span", { className: "shown" }, photo, seen);
      frame.append(make("span", { className: "strength", textContent: each.label }), shown, ...numbers);
      frame.addEventListener("click", () => this.choose(number));
      frame.addEventListener("pointerenter", () => bus.emit("scrub", number / (frames.length - 1)));
      frame.addEventListener("pointerleave", () => bus.emit("scrub", null));
      return { frame, numbers };
    });
    this.said = make("p", { className: "said" });
    this.strip = make("div", { className: "frames" }, ...this.frames.map((each) => each.frame));
    this.strip.setAttribute("role", "group");
    this.root.replaceChildren(this.said, this.strip, make("p", { className: "key", textContent: words.key }));
  }

  draw() {
    const { readings, alt } = this.data;
    this.strip.setAttribute("aria-label", alt);
    this.said.replaceChildren(...inked(this.live?.reading.strip ?? this.shown.strip));
    this.frames.forEach(({ frame }, number) => frame.setAttribute("aria-pressed", number === this.shown.at));
    Object.keys(readings).forEach((label, which) => {
      const reading = this.reading(label);
      this.frames.forEach(({ numbers }, number) => {
        numbers[which].textContent = `${label} ${two(reading.similarity[number])}`;
        numbers[which].classList.toggle("muted", reading.muted);
      });
    });
    this.root.dataset.a = this.values;
  }
}
