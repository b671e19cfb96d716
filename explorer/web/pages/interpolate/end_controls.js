// The controls that choose the ends: two images, pairs of one class, or class arithmetic.

import { endWords } from "./end_words.js";
import { decimals, plain, rounded } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("./path_ends.js").PathEnds} PathEnds */
/** @typedef {import("./interpolate.js").State} State */
/** @typedef {"two" | "same" | "arithmetic"} Mode */

export class EndControls {
  /**
   * @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {Mode} mode
   * @param {{change: () => void, drag: () => void, rest: () => void}} events the ends are others; the same, while
   *   something is dragged; they stay so
   */
  constructor(pageFrame, mode, events) {
    this.root = pageFrame.root;
    this.events = events;
    this.mode = mode;
    /** @type {PathEnds | null} */
    this.ends = null;
    /** names of the data set's classes @type {string[]} */
    this.names = [];
    /** of the arithmetic, and of the ends to begin with */
    this.classes = [0, 0];
    this.strength = 1;
    this.parts = {
      modes: pageFrame.parts("mode", HTMLButtonElement),
      canvases: pageFrame.parts("end-image", HTMLCanvasElement),
      selects: pageFrame.parts("end-class", HTMLSelectElement),
      others: pageFrame.parts("end-other", HTMLButtonElement),
      before: pageFrame.part("pair-before"),
      next: pageFrame.part("pair-next"),
      pair: pageFrame.part("pair"),
      arithmetic: pageFrame.parts("arithmetic-class", HTMLSelectElement),
      strength: pageFrame.part("strength", HTMLInputElement),
      strengthValue: pageFrame.part("strength-value"),
    };
    this.listen();
  }

  listen() {
    const { parts, events } = this;
    parts.selects.forEach((select, which) => {
      select.onchange = () => this.chooseClass(which, Number(select.value));
    });
    parts.others.forEach((button, which) => {
      button.onclick = () => {
        if (this.ends) this.choose(which, this.ends.heldOut.next(this.ends.nearestImages()[which], 1));
      };
    });
    parts.arithmetic.forEach((select, which) => {
      select.onchange = () => {
        this.classes[which] = Number(select.value);
        this.apply();
        events.rest();
      };
    });
    parts.strength.oninput = () => {
      this.strength = Number(parts.strength.value);
      events.drag();
      this.apply();
    };
    parts.strength.onchange = () => events.rest();
    for (const button of parts.modes) {
      button.onclick = () => this.setMode(/** @type {Mode} */ (button.dataset.mode));
    }
    parts.before.onclick = () => this.choosePair(-1);
    parts.next.onclick = () => this.choosePair(1);
  }

  /**
   * Begin with a data set.
   * @param {PathEnds} ends @param {string[]} names of its classes @param {State} state
   * @param {boolean} named whether the state also says where the ends are
   */
  begin(ends, names, state, named) {
    this.ends = ends;
    this.names = names;
    this.classes = [state.class_a, state.class_b].map((label) => Math.min(label, names.length - 1));
    this.strength = state.strength;
    const options = () => names.map((name, index) => new Option(name, String(index)));
    for (const select of this.parts.selects) {
      select.replaceChildren(new Option("point", "", false, false), ...options());
      select.options[0].hidden = true;
    }
    this.parts.arithmetic.forEach((select, which) => {
      select.replaceChildren(...options());
      select.value = String(this.classes[which]);
    });
    ends.begin(named ? state : null, this.classes);
    if (this.mode === "same" && !(named && (state.image_b !== null || state.b !== null))) this.takePair(...this.pair());
    this.applyArithmetic();
  }

  /** @param {Mode} mode */
  setMode(mode) {
    const { ends, mode: before } = this;
    this.mode = mode;
    if (!ends) return;
    if (mode === "same") this.takePair(...this.pair());
    else if (mode === "two" && before === "same") ends.setImage(1, ends.heldOut.typical(this.classes[1]));
    this.apply();
    this.events.rest();
  }

  /** @param {number} which @param {number} label */
  chooseClass(which, label) {
    const { ends, mode } = this;
    if (!ends?.heldOut.members[label]?.length) this.show();
    else if (mode === "same") {
      this.takePair(label, 0);
      this.apply();
      this.events.rest();
    } else this.choose(which, ends.heldOut.typical(label));
  }

  /** @param {number} which @param {number} index */
  choose(which, index) {
    this.ends?.setImage(which, index);
    this.apply();
    this.events.rest();
  }

  /** To another pair of images of one class. @param {number} places on */
  choosePair(places) {
    const [label, at] = this.pair();
    this.takePair(label, at + places);
    this.apply();
    this.events.rest();
  }

  /** The pair that A belongs to: its class, and its place among the class's pairs. @returns {[number, number]} */
  pair() {
    const { ends } = this;
    if (!ends) return [0, 0];
    const [index] = ends.nearestImages();
    const label = ends.heldOut.label[index];
    return [label, Math.floor((ends.heldOut.members[label] ?? []).indexOf(index) / 2)];
  }

  /** @param {number} label */
  pairCount(label) {
    return Math.max(Math.floor((this.ends?.heldOut.members[label] ?? []).length / 2), 1);
  }

  /** @param {number} label @param {number} at which pair, round and round */
  takePair(label, at) {
    const { ends } = this;
    const members = ends?.heldOut.members[label] ?? [0];
    const count = this.pairCount(label);
    const first = 2 * (((at % count) + count) % count);
    ends?.setImage(0, members[first]);
    ends?.setImage(1, members[first + 1] ?? members[first]);
  }

  /** B was dragged: the strength that brings it nearest. @param {Pair} point */
  pull(point) {
    const { ends } = this;
    const shift = ends?.shift(ends.home);
    if (!ends || !shift) return;
    const [a] = ends.latents();
    const square = shift.reduce((sum, v) => sum + v * v, 0);
    const along = ends.home.latent(point).reduce((sum, v, d) => sum + (v - a[d]) * shift[d], 0);
    this.strength = square > 0 ? Math.min(Math.max(Math.round((100 * along) / square) / 100, -2), 2) : 0;
    this.apply();
  }

  apply() {
    this.applyArithmetic();
    this.events.change();
  }

  applyArithmetic() {
    const { ends, mode, strength, classes: [from, to] } = this;
    if (ends) ends.arithmetic = mode === "arithmetic" ? { from, to, strength } : null;
  }

  /** Each end in words. */
  words() {
    const { ends, names, strength } = this;
    const word = (/** @type {number} */ which) => {
      const image = ends?.images[which] ?? -1;
      return image < 0 || !ends ? `point ${"AB"[which]}` : endWords(image, ends.heldOut.label[image], names);
    };
    if (this.mode !== "arithmetic") return [word(0), word(1)];
    const [from, to] = this.classes.map((label) => names[label]);
    const times = Math.abs(strength) === 1 ? "" : `${plain(Math.abs(strength))} × `;
    return [word(0), `${word(0).replace(/^an? /, "")} ${strength < 0 ? "−" : "+"} ${times}(${to} − ${from})`];
  }

  show() {
    const { ends, parts, mode } = this;
    this.root.dataset.mode = mode;
    for (const button of parts.modes) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    if (!ends) return;
    const { home, heldOut } = ends;
    parts.canvases.forEach((canvas, which) => {
      const derived = ends.derived(which);
      const index = derived ? -1 : ends.images[which];
      if (index < 0) drawImage(canvas, home.decoder.decode(ends.latents()[which]), home.decoder.imageShape);
      else heldOut.draw(canvas, home, index);
      parts.selects[which].value = index < 0 ? "" : String(heldOut.label[index]);
      parts.others[which].disabled = parts.selects[which].disabled = derived;
    });
    const [label, at] = this.pair();
    parts.pair.textContent = `pair ${at + 1} of ${this.pairCount(label)}`;
    parts.strength.value = String(this.strength);
    parts.strengthValue.textContent = decimals(this.strength);
  }

  /** The parameters of the address that are chosen here. */
  report() {
    const { ends, mode, strength, classes: [class_a, class_b] } = this;
    const [image_a, image_b] = (ends?.images ?? []).map((image) => image < 0 ? null : image);
    const [a, b] = (ends?.points ?? []).map((point, which) => ends?.images[which] === -1 ? point.map(rounded) : null);
    return { mode, class_a, class_b, strength: rounded(strength), image_a, image_b, a, b };
  }
}
