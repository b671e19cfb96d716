// Points on their way from one run's latent space to the next.

import { pixelRatio } from "../dom/canvas.js";
import { drawingOrder, OPACITY } from "./points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./points.js").Points} Points */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */

const SIZE = 5; // CSS pixels
const MS = 600;

export class RunTransition {
  /**
   * @param {HTMLCanvasElement} canvas over the plot area
   * @param {Float32Array} from pixels, interleaved @param {Float32Array} to @param {Points} points
   */
  constructor(canvas, from, to, { space, coloring, shown }) {
    this.canvas = canvas;
    this.from = from;
    this.to = to;
    this.coloring = coloring;
    const drawn = drawingOrder(space.count).filter((index) => shown(space.label[index]));
    /** Sorted by colour, so that the fill changes rarely. */
    this.order = drawn.sort((a, b) => coloring.group(a) - coloring.group(b));
  }

  /**
   * Play it.
   * @param {(share: number) => void} step  the share of the way, in [0, 1], that has just been drawn
   * @param {() => boolean} wanted  false ends it early
   * @returns {Promise<void>}
   */
  play(step, wanted) {
    const start = performance.now();
    return new Promise((resolve) => {
      const frame = () => {
        if (!wanted()) return resolve();
        const time = Math.min((performance.now() - start) / MS, 1);
        const share = time * time * (3 - 2 * time);
        this.draw(share);
        step(share);
        if (time < 1) requestAnimationFrame(frame);
        else resolve();
      };
      frame();
    });
  }

  /** @param {number} share of the way, in [0, 1] */
  draw(share) {
    const { canvas, from, to, coloring } = this;
    const ratio = pixelRatio();
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

/** Whether the person wants nothing to move by itself. */
export function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
