// The plane of the Prior page's laboratory: a fitted prior's log-density, shaded, over the contours of the run's own.

import { Coloring } from "../../plane/coloring.js";
import { DensityWindow } from "../../plane/density_window.js";
import { Plane } from "../../plane/plane.js";
import { addToolbar } from "../../plane/toolbar.js";

/** @typedef {import("../../maths/plane_mixture.js").PlaneMixture} PlaneMixture */
/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../dom/theme.js").Theme} Theme */

const SIDE = 160; // cells of the view along each axis
const DEPTH = 10; // nats below the peak, where the shade ends
const DARKEST = 190;
const QUIET_MS = 120; // after the view's last change

export class FittedPlane {
  /**
   * @param {HTMLElement} root
   * @param {{move: (point: Pair) => void, describe: () => string}} events
   * @param {import("../../plane/share_menu.js").Share} share
   */
  constructor(root, { move, describe }, share) {
    this.root = root;
    this.plane = new Plane(root, { move, release: () => {}, describe, placed: () => this.place() });
    addToolbar(root, this.plane, share);
    this.own = new DensityWindow(this.plane, "lx-own-contour");
    this.fitted = new DensityWindow(this.plane, "", (log) => DARKEST * Math.max(1 + log / DEPTH, 0));
    /** @type {{own: PlaneMixture, fitted: PlaneMixture} | null} */
    this.mixtures = null;
    /** @type {Theme | null} */
    this.theme = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.plane.viewed = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.paint(), QUIET_MS);
    };
  }

  /**
   * @param {LatentSpace} space @param {{class_colors: string[], value_colors: string[]}} colors @param {Theme} theme
   * @param {Pair} point of the handle
   */
  async show(space, { class_colors, value_colors }, theme, point) {
    this.theme = theme;
    const coloring = new Coloring(space, "label", class_colors, value_colors, theme.dark);
    await this.plane.show(space, coloring, theme, point);
  }

  /** @param {PlaneMixture} own @param {PlaneMixture} fitted */
  compare(own, fitted) {
    this.mixtures = { own, fitted };
    this.paint();
  }

  /** Over what is seen of the plane. */
  paint() {
    const { mixtures, theme, plane: { camera } } = this;
    if (!mixtures || !theme || camera.width < 2) return;
    const [[left, right], [bottom, top]] = camera.ranges();
    const box = /** @type {import("../../maths/plane_mixture.js").Box} */ ([left, bottom, right, top]);
    this.own.show(mixtures.own.over(box, SIDE), theme.text);
    this.fitted.show(mixtures.fitted.over(box, SIDE), theme.accent);
    this.root.dataset.painted = String(mixtures.fitted.count);
    this.place();
  }

  place() {
    this.own.place();
    this.fitted.place();
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    this.plane.setTheme(theme);
    this.paint();
  }

  resize() {
    this.plane.resize();
    this.paint();
  }

  destroy() {
    clearTimeout(this.timer);
    this.plane.destroy();
  }
}
