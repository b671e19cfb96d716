// The selected image: itself, its reconstruction, and the class and the value that it has.

import { vector } from "../../dom/format.js";
import { clearImage, drawImage } from "../../dom/image.js";

/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

const HINT = "Click a point to see its image, its reconstruction and, where the code has noise, q(z|x) at 1 and 2 σ.";
const ALONE = "Click a point to see what is known of it, and its neighbours.";

export class SelectedReadout {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.root = pageFrame.part("selected");
    const [image, reconstruction] = pageFrame.parts("selected-image", HTMLCanvasElement);
    this.image = image;
    this.reconstruction = reconstruction;
    this.title = pageFrame.part("selected-title");
    this.terms = pageFrame.part("selected-terms");
    this.hint = pageFrame.part("selected-hint");
  }

  /**
   * @param {LatentSpace} space @param {HeldOut} heldOut @param {string} words on the image
   * @param {number} index -1 for none
   */
  show(space, heldOut, words, index) {
    this.hint.textContent = space.decodes ? HINT : ALONE;
    this.root.classList.toggle("lx-empty", index < 0);
    if (index < 0) {
      clearImage(this.image);
      clearImage(this.reconstruction);
      return;
    }
    heldOut.draw(this.image, space, index);
    this.title.textContent = words;
    if (!space.decodes) {
      this.terms.textContent = `z = ${vector(space.code(index))}`;
      return;
    }
    drawImage(this.reconstruction, space.reconstruct(index), space.decoder.imageShape);
  }
}
