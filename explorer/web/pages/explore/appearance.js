// What colours the points and what lies behind them: two drop-downs.

import { COLOR_SELECT_HTML, offerColors } from "../../plane/color_select.js";

/** @typedef {import("../../plane/backdrop.js").Background} Background */
/** @typedef {import("../../run/latent_space.js").ColorBy} ColorBy */

const BACKGROUNDS = { nothing: "Nothing", manifold: "Decoded manifold", prior: "Prior contours" };
const OPTIONS = Object.entries(BACKGROUNDS).map(([name, title]) => `<option value="${name}">${title}</option>`);

export const APPEARANCE_HTML = `
<div class="lx-appearance">
  <label><span>Colour by</span> ${COLOR_SELECT_HTML}</label>
  <label data-part="behind"><span>Behind</span> <select data-part="background" aria-label="Behind the points"
    >${OPTIONS.join("")}</select></label>
</div>`;

export class Appearance {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {() => void} changed */
  constructor(pageFrame, changed) {
    /** @type {ColorBy} */
    this.colorBy = "label";
    /** @type {Background} */
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
      changed();
    };
    this.parts.background.onchange = () => {
      this.background = /** @type {Background} */ (this.parts.background.value);
      pageFrame.report({ background: this.background });
      changed();
    };
  }

  /** Of the bar that it stands in, in pixels. */
  get height() {
    return this.parts.bar.offsetHeight;
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
    const names = columns.map(({ name }) => name);
    const there = (/** @type {ColorBy} */ by) => decodes || by === "label" || by === "density";
    offerColors(this.parts.color, names, there, this.colorBy);
    this.parts.behind.hidden = !decodes;
    this.parts.background.value = this.background;
    if (!decodes) this.background = "nothing";
  }
}
