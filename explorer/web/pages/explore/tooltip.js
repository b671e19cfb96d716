// The image under the pointer, beside its reconstruction.

import { drawImage } from "../../dom/image.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

export class Tooltip {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.plane = pageFrame.part("plane");
    this.root = pageFrame.part("tooltip");
    const [image, reconstruction] = pageFrame.parts("tooltip-image", HTMLCanvasElement);
    this.image = image;
    this.reconstruction = reconstruction;
    this.text = pageFrame.part("tooltip-text");
    /** the image it was filled with last */
    this.index = -1;
  }

  hide() {
    this.root.hidden = true;
  }

  /** Fill it again when it is next shown: the run is another. */
  forget() {
    this.index = -1;
  }

  /**
   * @param {LatentSpace} space @param {HeldOut} heldOut @param {string} words on the image
   * @param {number} index of the image @param {Pair} pixel of the plot area
   */
  show(space, heldOut, words, index, [x, y]) {
    this.root.hidden = false;
    if (index !== this.index) {
      heldOut.draw(this.image, space, index);
      if (space.decodes) drawImage(this.reconstruction, space.reconstruct(index), space.decoder.imageShape);
      this.text.textContent = words;
      this.index = index;
    }
    const { offsetWidth, offsetHeight, style } = this.root;
    const right = x + offsetWidth + 72 > this.plane.clientWidth;
    const below = y + offsetHeight + 48 > this.plane.clientHeight;
    style.left = `${x + 40 + (right ? -offsetWidth - 16 : 16)}px`;
    style.top = `${y + 8 + (below ? -offsetHeight - 16 : 16)}px`;
  }
}
