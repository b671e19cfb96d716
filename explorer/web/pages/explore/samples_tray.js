// Draws of the prior on Explore: decoded, marked on the plane, and where the handle goes when one is chosen.

import { coordinate, decimals } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";
import { AncestralSamples } from "../../run/ancestral_samples.js";

/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

const COUNT = 12;
const SEEDS = 10_000;

export const SAMPLES_HTML = `
<section class="lx-tray lx-samples" data-part="samples-tray" aria-label="Samples of the prior" hidden>
  <div class="lx-tray-controls"><span class="lx-note" data-part="samples-prior">z ~ p(z)</span>
    <button type="button" class="lx-button" data-part="samples-again" data-testid="samples-again">Again</button></div>
  <div class="lx-sample-row" data-part="samples"></div>
</section>`;

export class SamplesTray {
  /** @param {import("./explore.js").Explore} explore */
  constructor(explore) {
    this.explore = explore;
    this.root = explore.pageFrame.part("samples-tray");
    this.row = explore.pageFrame.part("samples");
    this.seed = 0;
    /** what is shown @type {AncestralSamples | null} */
    this.samples = null;
    /** @type {LatentSpace | null} */
    this.space = null;
    this.marks = Array.from({ length: COUNT }, () => {
      const mark = explore.plane.overlay.shape("circle", "lx-sample");
      mark.setAttribute("r", "5");
      return mark;
    });
    explore.pageFrame.part("samples-again").onclick = () => {
      this.seed = (this.seed + 1) % SEEDS;
      this.show(true);
      explore.commit();
    };
  }

  /** @param {boolean} open */
  show(open) {
    const { explore: { space, z: at } } = this;
    const known = this.space === space && this.samples?.seed === this.seed;
    if (!open) this.samples = null;
    else if (space && !known) {
      this.explore.pageFrame.part("samples-prior").textContent = `z ~ ${space.decoder.prior.words}`;
      const samples = this.samples = new AncestralSamples(space, COUNT, 1);
      this.space = space;
      samples.draw(this.seed, false);
      const buttons = samples.z.map((z) => this.button(z));
      this.row.replaceChildren(...buttons.map(({ button }) => button));
      samples.decode(samples.z.map((_, i) => i), (pixels, i) => {
        drawImage(buttons[i].canvas, pixels, space.decoder.imageShape);
      });
    }
    this.place();
    this.showChosen(at);
  }

  /** @param {number[]} z */
  button(z) {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    const canvas = document.createElement("canvas");
    const words = z.slice(0, 4).map((v, d) => `${coordinate(d)} ${decimals(v)}`).join(", ");
    button.title = `Put the handle here: ${words}`;
    button.setAttribute("aria-label", `Sample at ${words}`);
    button.onclick = () => {
      this.explore.goToZ(z);
      this.explore.commit();
    };
    button.append(canvas);
    return { button, canvas };
  }

  /** Show on which sample the handle lies. @param {ArrayLike<number>} z */
  showChosen(z) {
    this.samples?.z.forEach((sample, i) => {
      const chosen = sample.every((v, d) => Math.abs(v - z[d]) < 1e-4);
      this.row.children[i]?.setAttribute("aria-pressed", String(chosen));
    });
  }

  /** Follow the view. */
  place() {
    const { samples, marks, explore: { view, plane } } = this;
    marks.forEach((mark, i) => {
      const z = samples?.z[i];
      mark.style.display = z && view ? "" : "none";
      if (!z || !view) return;
      const [x, y] = plane.camera.toPixel(view.reach(view.project(z)));
      mark.setAttribute("cx", x.toFixed(1));
      mark.setAttribute("cy", y.toFixed(1));
    });
  }
}
