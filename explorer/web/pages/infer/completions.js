// What the hidden pixels may be: images decoded at draws of z, their mean and their pixel-wise spread.

import { significant } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";
import { outline } from "./pixel_board.js";

/** @typedef {import("../../maths/pixel_mask.js").Mask} Mask */

const SCALE = 4; // pixels of a canvas to one of the image

export class Completions {
  /** @param {{images: HTMLCanvasElement[], mean: HTMLCanvasElement, spread: HTMLCanvasElement, largest: HTMLElement}}
   *   parts */
  constructor(parts) {
    this.parts = parts;
    this.small = document.createElement("canvas");
  }

  /**
   * @param {import("../../run/inference.js").Pictures} pictures @param {Mask} mask @param {number[]} shape [C, H, W]
   * @param {string} accent
   */
  show({ images, mean, spread }, mask, shape, accent) {
    const { parts } = this;
    const count = mean.length;
    parts.images.forEach((canvas, k) =>
      this.one(canvas, images.subarray(k * count, (k + 1) * count), mask, shape, accent)
    );
    this.one(parts.mean, mean, mask, shape, accent);
    // Its white is the largest spread, of which the caption tells: a half is a pixel that is black or white by turns.
    const largest = spread.reduce((most, v) => Math.max(most, v), 0);
    drawImage(parts.spread, spread.map((v) => v / (largest || 1)), shape);
    parts.largest.textContent = `spread, to ${significant(largest)}`;
  }

  /**
   * @param {HTMLCanvasElement} canvas @param {Float32Array} pixels @param {Mask} mask @param {number[]} shape
   * @param {string} accent
   */
  one(canvas, pixels, mask, shape, accent) {
    const [, height, width] = shape;
    if (canvas.width !== width * SCALE) [canvas.width, canvas.height] = [width * SCALE, height * SCALE];
    drawImage(this.small, pixels, shape);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.imageSmoothingEnabled = false;
    context.drawImage(this.small, 0, 0, canvas.width, canvas.height);
    outline(context, mask, { width, height }, SCALE, accent, 1);
  }
}
