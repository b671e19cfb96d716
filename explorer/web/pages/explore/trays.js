// The trays under Explore's plane, one of them open: what is selected, samples of the prior, sliders of z.

import { SELECTION_BAR_HTML } from "./selection_bar.js";
import { SAMPLES_HTML, SamplesTray } from "./samples_tray.js";
import { SLIDERS_HTML, SlidersTray } from "./sliders_tray.js";

/** @typedef {import("./explore.js").Explore} Explore */
/** @typedef {"selection" | "samples" | "sliders"} TrayName */
/** @typedef {"auto" | TrayName} Tray  auto: sliders above two dimensions, where nothing is selected */

const TABS = { selection: "Selection", samples: "Samples", sliders: "Sliders" };
const TITLES = {
  selection: "What is selected, and its neighbours",
  samples: "Twelve draws of the prior, decoded",
  sliders: "One slider for each latent dimension",
};

export const TRAYS_HTML = `
<div class="lx-trays">
  <div class="lx-tabs" role="group" aria-label="Under the plane">${
  Object.entries(TABS).map(([name, title]) =>
    `<button type="button" data-part="tray-tab" data-tray="${name}" data-testid="tray-${name}"
      title="${TITLES[/** @type {TrayName} */ (name)]}">${title}</button>`
  ).join("")
}</div>${SELECTION_BAR_HTML}${SAMPLES_HTML}${SLIDERS_HTML}
</div>`;

export class Trays {
  /** @param {Explore} explore */
  constructor(explore) {
    this.explore = explore;
    const { pageFrame } = explore;
    /** @type {Tray} */
    this.wanted = "auto";
    this.tabs = pageFrame.parts("tray-tab", HTMLButtonElement);
    this.samples = new SamplesTray(explore);
    this.sliders = new SlidersTray(explore);
    /** @type {Record<TrayName, HTMLElement>} */
    this.trays = {
      selection: pageFrame.part("selection-bar"),
      samples: this.samples.root,
      sliders: this.sliders.root,
    };
    for (const tab of this.tabs) {
      tab.onclick = () => {
        this.wanted = /** @type {TrayName} */ (tab.dataset.tray);
        this.show();
        explore.commit();
      };
    }
  }

  /** Stand as a state says. @param {Pick<import("./explore.js").State, "tray" | "draws">} state */
  begin({ tray, draws }) {
    this.wanted = tray;
    this.samples.seed = draws;
  }

  /** @returns {TrayName} */
  get open() {
    const { space, image, selection } = this.explore;
    if (this.wanted !== "auto") return space?.decodes ? this.wanted : "selection";
    return space && space.dim > 2 && space.decodes && image < 0 && !selection.size ? "sliders" : "selection";
  }

  /** Show the tray that is wanted, with the run as it is shown now. */
  show() {
    const { open, explore: { space } } = this;
    for (const tab of this.tabs) {
      tab.hidden = !space?.decodes;
      tab.setAttribute("aria-pressed", String(tab.dataset.tray === open));
    }
    for (const [name, tray] of Object.entries(this.trays)) tray.hidden = name !== open;
    this.samples.show(open === "samples");
    this.sliders.show(open === "sliders");
  }

  /** The page's parameters that are set here. */
  report() {
    return { tray: this.wanted, draws: this.samples.seed };
  }
}
