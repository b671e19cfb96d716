// One live slider for each latent dimension on Explore: the handle follows, as far as its plane holds z.

import { coordinate, decimals } from "../../dom/format.js";
import { signScrolling } from "../../dom/scroll_sign.js";
import { dimensionOrder } from "../../maths/latent_dimensions.js";

/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {{d: number, input: HTMLInputElement, output: HTMLOutputElement}} Slider */

const SPAN = 3; // standard deviations of the prior to each side, at least

export const SLIDERS_HTML = `
<section class="lx-tray lx-sliders" data-part="sliders-tray" data-testid="sliders" aria-label="Latent dimensions"
  hidden></section>`;

export class SlidersTray {
  /** @param {import("./explore.js").Explore} explore */
  constructor(explore) {
    this.explore = explore;
    this.root = explore.pageFrame.part("sliders-tray");
    /** @type {LatentSpace | null} whose sliders there are */
    this.space = null;
    /** @type {Slider[]} */
    this.sliders = [];
  }

  /** @param {boolean} open */
  show(open) {
    const { space, z, payload: { runs, state } } = this.explore;
    if (open && space && space !== this.space) {
      this.space = space;
      this.sliders = dimensionOrder(space, runs[state.run].kl_per_dimension).map((d) => this.slider(space, d));
      this.root.replaceChildren(...this.sliders.map(({ input }) => /** @type {HTMLElement} */ (input.parentElement)));
    }
    if (open) signScrolling(this.root);
    this.showZ(z);
  }

  /** @param {LatentSpace} space @param {number} d @returns {Slider} */
  slider({ mu, dim, count }, d) {
    let most = SPAN;
    for (let i = 0; i < count; i++) most = Math.max(most, Math.abs(mu[i * dim + d]));
    const label = document.createElement("label");
    const output = document.createElement("output");
    const input = Object.assign(document.createElement("input"), {
      type: "range",
      min: String(-most),
      max: String(most),
      step: String(most / 300),
    });
    input.dataset.testid = `slider-${d + 1}`;
    input.setAttribute("aria-label", `${coordinate(d)}, latent dimension ${d + 1}`);
    input.oninput = () => {
      const z = Array.from(this.explore.z);
      z[d] = Number(input.value);
      this.explore.goToZ(z);
    };
    input.onchange = () => this.explore.commit();
    label.append(coordinate(d), input, output);
    return { d, input, output };
  }

  /** Follow the handle. @param {ArrayLike<number>} z */
  showZ(z) {
    if (this.root.hidden) return;
    for (const { d, input, output } of this.sliders) {
      if (document.activeElement !== input || Math.abs(Number(input.value) - z[d]) > Number(input.step)) {
        input.value = String(z[d]);
      }
      output.textContent = decimals(z[d] ?? 0);
      input.setAttribute("aria-valuetext", output.textContent);
    }
  }
}
