// The selected image: itself, its reconstruction, and its two terms of the loss.

import { significant } from "../../dom/format.js";
import { clearImage, drawImage } from "../../dom/image.js";

/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

export class SelectedReadout {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.root = pageFrame.part("selected");
    const [image, reconstruction] = pageFrame.parts("selected-image", HTMLCanvasElement);
    this.image = image;
    this.reconstruction = reconstruction;
    this.title = pageFrame.part("selected-title");
    this.terms = pageFrame.part("selected-terms");
  }

  /** @param {LatentSpace} space @param {HeldOut} heldOut @param {string[]} classes @param {number} index -1 for none */
  show(space, heldOut, classes, index) {
    this.root.classList.toggle("lx-empty", index < 0);
    if (index < 0) {
      clearImage(this.image);
      clearImage(this.reconstruction);
      return;
    }
    heldOut.draw(this.image, space, index);
    drawImage(this.reconstruction, space.reconstruct(index), space.decoder.imageShape);
    const { reconstruction, kl } = space.values;
    this.title.textContent = `Image ${index}, class ${classes[space.label[index]]}`;
    this.terms.textContent = `reconstruction ${significant(reconstruction[index])} nats, ` +
      (kl ? `KL ${significant(kl[index])} nats` : "no KL: a code without noise");
  }
}
