// PlotlyPoints on their way from one run's latent space to the next.

import { drawingOrder } from "./plotly_points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./coloring.js").Coloring} Coloring */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */

const SIZE = 5; // CSS pixels
const OPACITY = 0.8;

export class RunTransition {
  /**
   * @param {HTMLCanvasElement} canvas over the plot area
   * @param {Float32Array} from pixels, interleaved @param {Float32Array} to
   * @param {LatentSpace} space @param {Coloring} coloring @param {(label: number) => boolean} shown
   */
  constructor(canvas, from, to, space, coloring, shown) {
    this.canvas = canvas;
    this.from = from;
    this.to = to;
    this.coloring = coloring;
    const drawn = drawingOrder(space.count).filter((index) => shown(space.label[index]));
    /** Sorted by colour, so that the fill changes rarely. */
    this.order = drawn.sort((a, b) => coloring.group(a) - coloring.group(b));
  }

  /** @param {number} share of the way, in [0, 1] @param {number} ratio device pixels a CSS pixel */
  draw(share, ratio) {
    const { canvas, from, to, coloring } = this;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.globalAlpha = OPACITY;
    let group = -1;
    for (const index of this.order) {
      const next = coloring.group(index);
      if (next !== group) context.fillStyle = coloring.css(group = next);
      const x = from[2 * index] + share * (to[2 * index] - from[2 * index]);
      const y = from[2 * index + 1] + share * (to[2 * index + 1] - from[2 * index + 1]);
      context.fillRect(x - SIZE / 2, y - SIZE / 2, SIZE, SIZE);
    }
  }
}

/** Where every point is on the screen. @param {LatentSpace} space @param {Camera} camera */
export function pixels(space, camera) {
  const out = new Float32Array(space.xy.length);
  for (let i = 0; i < out.length; i += 2) [out[i], out[i + 1]] = camera.toPixel([space.xy[i], space.xy[i + 1]]);
  return out;
}
