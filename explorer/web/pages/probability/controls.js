// The controls above the plane: which image, which family of q(z|x), and where q goes next.

import { controlParts } from "./markup.js";

/** @typedef {import("./elbo_ascent.js").Family} Family */
/** @typedef {import("./shown_image.js").ShownImage} ShownImage */
/**
 * @typedef {object} ControlEvents
 * @property {(index: number) => void} choose  an image; there may be none of this index
 * @property {(family: Family) => void} family
 * @property {() => void} reset  q to where it began
 * @property {() => void} optimise  q, or stop that
 * @property {() => void} closeUp
 */

export class Controls {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {ControlEvents} events */
  constructor(pageFrame, events) {
    const parts = (this.parts = controlParts(pageFrame));
    this.count = 0; // of images
    parts.image.onchange = () => events.choose(Math.trunc(Number(parts.image.value)) || 0);
    parts.another.onclick = () => events.choose(Math.floor(Math.random() * this.count));
    parts.reset.onclick = events.reset;
    parts.optimise.onclick = events.optimise;
    parts.closeUp.onclick = events.closeUp;
    for (const button of parts.families) {
      button.onclick = () => events.family(/** @type {Family} */ (button.dataset.family));
    }
  }

  /** @param {ShownImage} image */
  showImage({ index, space, start, encoder }) {
    const { parts } = this;
    this.count = space.count;
    parts.image.value = String(index);
    parts.image.max = String(space.count - 1);
    parts.reset.textContent = encoder || !start ? "Encoder's q" : "Start again";
    for (const button of [parts.optimise, parts.closeUp, parts.reset, ...parts.families]) button.disabled = !start;
    // One dimension has no other one to go with.
    for (const button of parts.families) button.disabled ||= space.line;
  }

  /** @param {Family | null} family of q; null where there is no q */
  showFamily(family) {
    for (const button of this.parts.families) {
      button.setAttribute("aria-pressed", String(button.dataset.family === family));
    }
  }
}
