// The plane of the Infer page: p(z | seen pixels) as a picture with its contours, and the encoder's q beside it.

import { drawnDensity } from "../../maths/drawn_density.js";
import { Coloring } from "../../plane/coloring.js";
import { DensityWindow } from "../../plane/density_window.js";
import { Plane } from "../../plane/plane.js";
import { addToolbar } from "../../plane/toolbar.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/inference.js").Belief} Belief */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../dom/theme.js").Theme} Theme */

const SVG = "http://www.w3.org/2000/svg";
const DARKEST = 190; // opacity of the peak
const SMALL = 0.1; // share of the view below which contours are no shape
const NEIGHBOURHOOD = 1.2; // of the plane that is seen around a small posterior
const LEAST_SHARE = 0.5; // of the view that a close-up takes

export class BeliefPlane {
  /**
   * @param {HTMLElement} root
   * @param {{move: (point: Pair) => void, release: (index: number | null) => void, describe: () => string}} events
   * @param {import("../../plane/share_menu.js").Share} share
   */
  constructor(root, events, share) {
    this.plane = new Plane(root, {
      move: (point) => events.move(point),
      release: (_, index) => events.release(index),
      describe: events.describe,
      placed: () => this.placeShapes(),
    });
    addToolbar(root, this.plane, share);
    const { svg } = this.plane.overlay;
    this.shade = new DensityWindow(this.plane, "", (log) => DARKEST * Math.exp(0.5 * log));
    this.dots = shape(svg, "g", "lx-draws");
    this.ellipses = [2, 1].map((sigma) => shape(svg, "ellipse", `lx-encoder lx-encoder-${sigma}`));
    this.gap = shape(svg, "line", "lx-gap-line");
    this.shade.contours[2].after(this.dots, this.gap, ...this.ellipses);
    /** @type {Belief | null} */
    this.belief = null;
    /** @type {import("../../run/inference.js").LiveWindow | null} */
    this.window = null;
    /** where the draws are on the plane @type {Pair[]} */
    this.draws = [];
    /** the encoder's q on the plane @type {{mu: Pair, rx: number, ry: number, angle: number} | null} */
    this.q = null;
    /** @type {Theme | null} */
    this.theme = null;
  }

  /**
   * @param {LatentSpace} space @param {{class_colors: string[], value_colors: string[]}} colors @param {Theme} theme
   */
  async show(space, { class_colors, value_colors }, theme) {
    this.theme = theme;
    await this.plane.show(space, new Coloring(space, "label", class_colors, value_colors, theme.dark), theme);
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    this.plane.setTheme(theme);
    if (this.belief) this.believe(this.belief);
  }

  /** @param {Belief | null} belief null for none */
  believe(belief) {
    this.belief = belief;
    const { space } = this.plane;
    const points = belief && space ? belief.codes.map((z) => space.project(z)) : [];
    // Of more than two dimensions the draws tell how densely they lie.
    const window = this.window = belief && (belief.window ?? drawnDensity(points));
    this.draws = points.filter((_, k) => k % 10 === 5);
    this.shade.show(window, this.theme?.text ?? "");
    this.dots.replaceChildren(...this.draws.map(() => document.createElementNS(SVG, "circle")));
    this.plane.place();
  }

  /** @param {{mu: number[], factor: number[][]} | null} q of the encoder, null for none */
  showEncoder(q) {
    const { space } = this.plane;
    const ellipse = q && space?.ellipseOf(q.factor);
    this.q = space && q && ellipse ? { mu: space.project(q.mu), ...ellipse } : null;
    this.plane.place();
  }

  /** @param {Pair} point of the handle */
  moveTo(point) {
    this.plane.moveTo(point, null);
  }

  placeShapes() {
    const { plane: { camera, space }, belief, q } = this;
    this.shade.place();
    this.draws.forEach((point, i) => {
      const [x, y] = camera.toPixel(point);
      const dot = this.dots.children[i];
      dot.setAttribute("cx", x.toFixed(1));
      dot.setAttribute("cy", y.toFixed(1));
    });
    const shown = q && !space?.line ? q : null;
    this.ellipses.forEach((ellipse, i) => {
      ellipse.style.display = shown ? "" : "none";
      if (!shown) return;
      const [x, y] = camera.toPixel(shown.mu);
      ellipse.setAttribute("rx", String(Math.max((2 - i) * shown.rx * camera.scale, 2)));
      ellipse.setAttribute("ry", String(Math.max((2 - i) * shown.ry * camera.scale, 2)));
      ellipse.setAttribute("transform", `translate(${x} ${y}) rotate(${(-shown.angle * 180) / Math.PI})`);
    });
    this.gap.style.display = q && belief ? "" : "none";
    if (!q || !belief || !space) return;
    const [[x1, y1], [x2, y2]] = [camera.toPixel(q.mu), camera.toPixel(space.project(middle(belief.codes)))];
    for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) this.gap.setAttribute(name, String(value));
  }

  /** Bring the posterior into view where it cannot be seen: it lies outside, or is too small. */
  findIt() {
    const { plane, window } = this;
    const box = window?.box;
    if (!box || plane.space?.line) return;
    const [[left, right], [bottom, top]] = plane.camera.ranges();
    const inside = box[0] >= left && box[1] >= bottom && box[2] <= right && box[3] <= top;
    const share = Math.max((box[2] - box[0]) / (right - left), (box[3] - box[1]) / (top - bottom));
    if (inside && share > SMALL) return;
    const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const half = Math.max(box[2] - box[0], box[3] - box[1], NEIGHBOURHOOD) / 2;
    plane.camera.frame([x - half, y - half, x + half, y + half], 0.9);
    plane.viewChanged();
  }

  /** Show the posterior as large as it fits, or all of the plane again. */
  closeUp() {
    const { plane, window } = this;
    const box = window?.box;
    if (!plane.fitted || !box) return plane.reset();
    plane.camera.frame(box, LEAST_SHARE);
    plane.viewChanged();
  }

  resize() {
    this.plane.resize();
  }

  destroy() {
    this.plane.destroy();
  }
}

/** The draws' mean. @param {number[][]} codes */
function middle(codes) {
  return codes[0].map((_, d) => codes.reduce((sum, z) => sum + z[d], 0) / codes.length);
}

/** @template {"g" | "ellipse" | "line"} K @param {SVGElement} svg @param {K} kind @param {string} name */
function shape(svg, kind, name) {
  const element = document.createElementNS(SVG, kind);
  element.setAttribute("class", name);
  svg.append(element);
  return element;
}
