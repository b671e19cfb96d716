// The selected image: itself, its reconstruction, and the class and the value that it has.

import { addAlong } from "../../dom/along.js";
import { vector } from "../../dom/format.js";
import { clearImage, drawImage } from "../../dom/image.js";
import { Random } from "../../maths/normal.js";
import { sigmaPoints } from "../../run/sigma_points.js";

/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

const HINT = "Click a point to see its image, its reconstruction and, where the code has noise, q(z|x) at 1 and 2 σ.";
const ALONE = "Click a point to see what is known of it, and its neighbours.";

export class SelectedReadout {
  /**
   * @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {() => void} draw  a z of its posterior
   * @param {import("../../dom/along.js").AlongLink[]} links
   */
  constructor(pageFrame, draw, links) {
    this.root = pageFrame.part("selected");
    const along = addAlong(pageFrame, links, this.root);
    this.infer = /** @type {HTMLElement} */ (along.querySelector("[data-testid=along-infer]"));
    const [image, reconstruction] = pageFrame.parts("selected-image", HTMLCanvasElement);
    this.ghosts = pageFrame.part("ghosts");
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
    return view.drawnOn(index, this.random);
  }

  /**
   * @param {LatentSpace} space as it is seen @param {HeldOut} heldOut @param {string} words on the image
   * @param {number} index -1 for none
   */
  show(space, heldOut, words, index) {
    this.draw.hidden = !space.cov || !space.decodes;
    this.infer.hidden = !space.decodes || !heldOut.gallery || space.decoder.server !== "";
    const ghosts = index >= 0 && space.decodes ? sigmaPoints(space, index) : [];
    this.ghosts.replaceChildren(...ghosts.map(({ name, z }) => ghost(space, index, name, z)));
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

/**
 * What the decoder makes of a z one standard deviation from an image's mean.
 * @param {LatentSpace} space @param {number} index @param {string} name @param {number[]} z
 */
function ghost(space, index, name, z) {
  const figure = document.createElement("figure");
  const canvas = document.createElement("canvas");
  canvas.dataset.testid = "ghost";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Image ${index} decoded at ${name}`);
  const decoder = space.decoder.given(space.arrays.label.data[index]);
  drawImage(canvas, decoder.decode(z), decoder.imageShape);
  figure.append(canvas, Object.assign(document.createElement("figcaption"), { textContent: name }));
  return figure;
}
