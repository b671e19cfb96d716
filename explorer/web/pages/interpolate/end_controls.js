// The controls that choose the ends: two images, pairs of one class, or class arithmetic.

import { drawImage } from "../../dom/image.js";
import { decimals, plain } from "../../dom/format.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("./interpolate.js").Interpolate} Interpolate */
/** @typedef {"two" | "same" | "arithmetic"} Mode */

export class EndControls {
  /** @param {Interpolate} page @param {Mode} mode */
  constructor(page, mode) {
    this.page = page;
    this.mode = mode;
    const { pageFrame, payload: { state, classes } } = page;
    const last = classes.length - 1;
    /** of the arithmetic, and of the ends to begin with */
    this.classes = [Math.min(state.class_a, last), Math.min(state.class_b, last)];
    this.strength = state.strength;
    this.ends = pageFrame.all(".lx-end").map((element) => ({
      element,
      canvas: element.querySelector("canvas"),
      select: element.querySelector("select"),
      another: element.querySelector("button"),
    }));
    this.arithmeticSelects = pageFrame.all(".lx-arithmetic select");
    this.strengthInput = /** @type {HTMLInputElement} */ (pageFrame.find(".lx-arithmetic input"));
    this.strengthOutput = pageFrame.find(".lx-arithmetic output");
    this.listen();
  }

  /** @returns {import("./path_ends.js").PathEnds} */
  get chosen() {
    return /** @type {any} */ (this.page.ends);
  }

  /** @returns {import("../../run/held_out.js").HeldOut} */
  get heldOut() {
    return /** @type {any} */ (this.page.heldOut);
  }

  listen() {
    const { pageFrame, payload: { classes } } = this.page;
    const options = () => classes.map((name, index) => new Option(name, String(index)));
    this.ends.forEach(({ select, another }, which) => {
      select.replaceChildren(new Option("point", "", false, false), ...options());
      select.options[0].hidden = true;
      select.onchange = () => this.chooseClass(which, Number(select.value));
      another.onclick = () => this.choose(which, this.heldOut.next(this.imageNear(which), 1));
    });
    this.arithmeticSelects.forEach((select, which) => {
      select.replaceChildren(...options());
      select.value = String(this.classes[which]);
      select.onchange = () => {
        this.classes[which] = Number(select.value);
        this.apply();
        this.page.commit();
      };
    });
    this.strengthInput.oninput = () => {
      this.strength = Number(this.strengthInput.value);
      this.page.work.slowDown();
      this.apply();
    };
    this.strengthInput.onchange = () => this.page.commit();
    for (const button of pageFrame.all("[data-mode]")) button.onclick = () => this.setMode(button.dataset.mode);
    const [before, next] = pageFrame.all(".lx-pair button");
    before.onclick = () => this.pair(-1);
    next.onclick = () => this.pair(1);
  }

  /** Begin with the data set. @param {boolean} unchosen the address named no ends */
  open(unchosen) {
    if (this.mode === "same" && unchosen) this.pair(0);
    this.apply();
  }

  /** @param {Mode} mode */
  setMode(mode) {
    const before = this.mode;
    this.mode = mode;
    if (mode === "same") this.pair(0);
    else if (mode === "two" && before === "same") this.chosen.setImage(1, this.heldOut.typical(this.classes[1]));
    this.apply();
    this.page.commit();
  }

  /** @param {number} which @param {number} label */
  chooseClass(which, label) {
    const members = this.heldOut.members[label] ?? [];
    if (!members.length) return this.show();
    if (this.mode === "same") this.setPair(label, 0);
    else this.choose(which, this.heldOut.typical(label));
  }

  /** @param {number} which @param {number} index */
  choose(which, index) {
    this.chosen.setImage(which, index);
    this.apply();
    this.page.commit();
  }

  /** The image at an end, or the one nearest to its point. @param {number} which */
  imageNear(which) {
    return this.page.space ? this.chosen.nearestImages(this.page.space)[which] : 0;
  }

  /** To another pair of images of one class. @param {number} places */
  pair(places) {
    const index = this.imageNear(0);
    const label = this.heldOut.label[index];
    const at = Math.floor((this.heldOut.members[label] ?? []).indexOf(index) / 2);
    this.setPair(label, at + places);
  }

  /** @param {number} label @param {number} at which pair, round and round */
  setPair(label, at) {
    const members = this.heldOut.members[label] ?? [0];
    const pairs = Math.max(Math.floor(members.length / 2), 1);
    const first = 2 * (((at % pairs) + pairs) % pairs);
    this.chosen.setImage(0, members[first]);
    this.chosen.setImage(1, members[first + 1] ?? members[first]);
    this.apply();
    this.page.commit();
  }

  /** B was dragged: the strength that brings it nearest. @param {Pair} point */
  pull(point) {
    const { space } = this.page;
    const shift = space && this.chosen.shift(space);
    if (!space || !shift) return;
    const [a] = this.chosen.latents(space);
    const square = shift.reduce((sum, v) => sum + v * v, 0);
    const along = space.latent(point).reduce((sum, v, d) => sum + (v - a[d]) * shift[d], 0);
    this.strength = square > 0 ? Math.min(Math.max(Math.round((100 * along) / square) / 100, -2), 2) : 0;
    this.apply();
  }

  apply() {
    this.chosen.arithmetic = this.mode === "arithmetic"
      ? { from: this.classes[0], to: this.classes[1], strength: this.strength }
      : null;
    this.page.endsChanged();
    this.show();
  }

  /** Each end in words. */
  names() {
    const { space, payload: { classes } } = this.page;
    const name = (
      /** @type {number} */ which,
    ) => (this.chosen.images[which] < 0 || !space
      ? `point ${"AB"[which]}`
      : article(classes[space.label[this.chosen.images[which]]]));
    if (this.mode !== "arithmetic") return [name(0), name(1)];
    const [from, to] = this.classes.map((label) => classes[label]);
    const times = Math.abs(this.strength) === 1 ? "" : `${plain(Math.abs(this.strength))} × `;
    return [name(0), `${name(0).replace(/^an? /, "")} ${this.strength < 0 ? "−" : "+"} ${times}(${to} − ${from})`];
  }

  show() {
    const { page: { pageFrame, space, view } } = this;
    pageFrame.root.dataset.mode = this.mode;
    for (const button of pageFrame.all("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === this.mode));
    }
    if (!space) return;
    this.ends.forEach(({ canvas, select, another }, which) => {
      const derived = which === 1 && this.mode === "arithmetic";
      const index = derived ? -1 : this.chosen.images[which];
      if (index < 0) {
        drawImage(canvas, space.decoder.decode(this.chosen.latents(space)[which]), space.decoder.imageShape);
      } else this.heldOut.draw(canvas, space, index);
      select.value = index < 0 ? "" : String(this.heldOut.label[index]);
      another.disabled = select.disabled = derived;
    });
    const members = this.heldOut.members[this.heldOut.label[this.imageNear(0)]] ?? [];
    pageFrame.find(".lx-pair output").textContent = `pair ${
      Math.floor(members.indexOf(this.imageNear(0)) / 2) + 1
    } of ${Math.max(Math.floor(members.length / 2), 1)}`;
    this.strengthInput.value = String(this.strength);
    this.strengthOutput.textContent = decimals(this.strength);
    pageFrame.root.classList.toggle("lx-every-run", view === "runs");
  }

  /** The parameters of the address that are chosen here. */
  report() {
    return {
      mode: this.mode,
      class_a: String(this.classes[0]),
      class_b: String(this.classes[1]),
      strength: plain(this.strength),
    };
  }
}

/** @param {string} name of a class, spoken of as one thing */
function article(name) {
  return `${/^(8|11|18|[aefhilmnorsx]$|[aeiou]\w)/i.test(name) ? "an" : "a"} ${name}`;
}
