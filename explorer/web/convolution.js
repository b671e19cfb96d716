// Convolutions as products: the pixels that an output sees, or that an input reaches, make up one row.

import { TOGETHER } from "./heap.js";

/** @typedef {import("./heap.js").Heap} Heap */
/** @typedef {import("./heap.js").Rows} Rows */
/** @typedef {import("./network.js").Step} Step */
/** @typedef {import("./network.js").Tensor} Tensor */

/**
 * Stride 2, padding 1, kernel 3.
 * @param {Heap} heap @param {Rows} input @param {Tensor} weight (out, in, 3, 3) @param {Tensor} bias (out)
 * @param {number[]} shape [C, H, W] of an input @returns {Step}
 */
export function conv(heap, input, weight, bias, [channels, height, width]) {
  const outputs = weight.shape[0];
  const [tall, wide] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const [seen, sums] = [heap.rows(tall * wide, channels * 9), heap.rows(tall * wide, outputs)];
  const rows = heap.rows(TOGETHER, outputs * tall * wide);
  const apply = heap.affine(outputs, channels * 9, (o, k) => weight.data[o * channels * 9 + k], (o) => bias.data[o]);
  /** @param {Float32Array} pixels */
  const gather = (pixels) => {
    for (let oy = 0; oy < tall; oy++) {
      for (let ox = 0; ox < wide; ox++) {
        const patch = heap.row(seen, oy * wide + ox);
        for (let k = 0; k < patch.length; k++) {
          const [y, x] = [2 * oy + (Math.floor(k / 3) % 3) - 1, 2 * ox + (k % 3) - 1];
          const inside = y >= 0 && y < height && x >= 0 && x < width;
          patch[k] = inside ? pixels[(Math.floor(k / 9) * height + y) * width + x] : 0;
        }
      }
    }
  };
  const run = (/** @type {number} */ count) => {
    for (let r = 0; r < count; r++) {
      gather(heap.row(input, r));
      apply(seen, sums, tall * wide);
      const result = heap.row(rows, r);
      for (let p = 0; p < tall * wide; p++) heap.row(sums, p).forEach((value, o) => { result[o * tall * wide + p] = value; });
    }
  };
  return { rows, run };
}

/**
 * Stride 2, padding 1, kernel 4.
 * @param {Heap} heap @param {Rows} input @param {Tensor} weight (in, out, 4, 4) @param {Tensor} bias (out)
 * @param {number[]} shape [C, H, W] of an input @returns {Step}
 */
export function convTranspose(heap, input, weight, bias, [channels, height, width]) {
  const outputs = weight.shape[1];
  const [tall, wide] = [2 * height, 2 * width];
  const [pixels, reached] = [heap.rows(height * width, channels), heap.rows(height * width, outputs * 16)];
  const rows = heap.rows(TOGETHER, outputs * tall * wide);
  const apply = heap.affine(outputs * 16, channels, (k, c) => weight.data[c * outputs * 16 + k], () => 0);
  /** @param {Float32Array} result */
  const scatter = (result) => {
    for (let o = 0; o < outputs; o++) result.fill(bias.data[o], o * tall * wide, (o + 1) * tall * wide);
    for (let p = 0; p < height * width; p++) {
      const values = heap.row(reached, p);
      const [top, left] = [2 * Math.floor(p / width) - 1, 2 * (p % width) - 1];
      for (let k = 0; k < values.length; k++) {
        const [y, x] = [top + ((k >> 2) & 3), left + (k & 3)];
        if (y >= 0 && y < tall && x >= 0 && x < wide) result[((k >> 4) * tall + y) * wide + x] += values[k];
      }
    }
  };
  const run = (/** @type {number} */ count) => {
    for (let r = 0; r < count; r++) {
      const values = heap.row(input, r);
      for (let p = 0; p < height * width; p++) {
        const pixel = heap.row(pixels, p);
        for (let c = 0; c < channels; c++) pixel[c] = values[c * height * width + p];
      }
      apply(pixels, reached, height * width);
      scatter(heap.row(rows, r));
    }
  };
  return { rows, run };
}
