// What colours the points and what lies behind them: two drop-downs.

import { COLOR_SELECT_HTML, offerColors } from "../../plane/color_select.js";

/** @typedef {import("../../plane/backdrop.js").Background} Background */
/** @typedef {import("../../run/latent_space.js").ColorBy} ColorBy */
/**
 * What lies behind the points: a layer, or axes bent to the prior's percentiles, with the manifold or without.
 * @typedef {Background | "percentiles" | "percentile-manifold"} Behind
 */

const BACKGROUNDS = {
  nothing: "Nothing",
  manifold: "Decoded manifold",
  prior: "Prior contours",
  percentiles: "Percentile axes",
  "percentile-manifold": "Percentiles, decoded",
};
/** Those whose axes are bent, with the layer that each of them has. @type {Partial<Record<Behind, Background>>} */
const BENT = { percentiles: "nothing", "percentile-manifold": "manifold" };
const OPTIONS = Object.entries(BACKGROUNDS).map(([name, title]) => `<option value="${name}">${title}</option>`);

export const APPEARANCE_HTML = `
<div class="lx-appearance">
  <label><span>Colour by</span> ${COLOR_SELECT_HTML}</label>
  <label data-part="behind"><span>Behind</span> <select data-part="background" aria-label="Behind the points"
    >${OPTIONS.join("")}</select></label>
</div>`;

export class Appearance {
  /**
   * @param {import("../../dom/page_frame.js").PageFrame} pageFrame
   * @param {{colored: () => void, laid: () => void}} changed  the colours; what is behind
   */
  constructor(pageFrame, changed) {
    /** @type {ColorBy} */
    this.colorBy = "label";
    /** @type {Behind} */
    this.background = "nothing";
    this.parts = {
      bar: pageFrame.part("bar"),
      color: pageFrame.part("color", HTMLSelectElement),
      behind: pageFrame.part("behind"),
      background: pageFrame.part("background", HTMLSelectElement),
    };
    this.parts.color.onchange = () => {
      this.colorBy = /** @type {ColorBy} */ (this.parts.color.value);
      pageFrame.report({ color_by: this.colorBy });
      changed.colored();
    };
    this.parts.background.onchange = () => {
      this.background = /** @type {Behind} */ (this.parts.background.value);
      pageFrame.report({ background: this.background });
      changed.laid();
    };
  }

  /** Of the bar that it stands in, in pixels. */
  get height() {
    return this.parts.bar.offsetHeight;
  }

  /** Whether the axes are the prior's percentiles. */
  get bends() {
    return this.background in BENT;
  }

  /** What is drawn behind the points. */
  get layer() {
    return BENT[this.background] ?? /** @type {Background} */ (this.background);
  }

  /** Say where axes cannot be bent. @param {boolean} shapeless  whether the prior has no shape on the plane's map */
  offer(shapeless) {
    for (const option of this.parts.background.options) {
      const title = BACKGROUNDS[/** @type {Behind} */ (option.value)];
      const lost = shapeless && (option.value in BENT || option.value === "prior");
      option.disabled = lost;
      option.textContent = lost ? `${title}: not on UMAP` : title;
    }
  }

  /** @param {Pick<import("./explore.js").State, "color_by" | "background">} state */
  begin({ color_by, background }) {
    this.colorBy = color_by;
    this.background = background;
  }

  /**
   * Offer what the run has; latents alone have no values of a decoder, and nothing to lie behind them.
   * @param {import("../../run/payload.js").RunInfo} info @param {boolean} decodes
   */
  show({ columns }, decodes) {
    const there = (/** @type {ColorBy} */ by) => decodes || by === "label" || by === "density";
    offerColors(this.parts.color, columns, there, this.colorBy);
    this.parts.behind.hidden = !decodes;
    this.parts.background.value = this.background;
    if (!decodes) this.background = "nothing";
  }
}
