// The selected image: itself, its reconstruction, and the class and the value that it has.

import { vector } from "../../dom/format.js";
import { clearImage, drawImage } from "../../dom/image.js";
import { drawnPoint } from "../../maths/drawn_points.js";
import { Random } from "../../maths/normal.js";

/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

const HINT = "Click a point to see its image, its reconstruction and, where the code has noise, q(z|x) at 1 and 2 σ.";
const ALONE = "Click a point to see what is known of it, and its neighbours.";

export class SelectedReadout {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {() => void} draw  a z of its posterior */
  constructor(pageFrame, draw) {
    this.root = pageFrame.part("selected");
    const [image, reconstruction] = pageFrame.parts("selected-image", HTMLCanvasElement);
    this.image = image;
    this.reconstruction = reconstruction;
    this.title = pageFrame.part("selected-title");
    this.terms = pageFrame.part("selected-terms");
    this.hint = pageFrame.part("selected-hint");
    this.draw = pageFrame.part("draw-z", HTMLButtonElement);
    this.draw.onclick = draw;
    this.random = new Random(1);
  }

  /**
   * Where a new draw of an image's posterior lies (Eq. 26).
   * @param {LatentSpace} view with posteriors @param {number} index
   */
  drawn(view, index) {
    const cov = /** @type {Float32Array} */ (view.cov).subarray(3 * index, 3 * index + 3);
    return view.reach(drawnPoint(view.point(index), cov, this.random));
  }

  /**
   * @param {LatentSpace} space @param {HeldOut} heldOut @param {string} words on the image
   * @param {number} index -1 for none @param {boolean} noisy whether its posterior has a shape on the plane
   */
  show(space, heldOut, words, index, noisy) {
    this.draw.hidden = !noisy || !space.decodes;
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
