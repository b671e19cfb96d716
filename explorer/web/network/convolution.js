// Convolutions as products: the pixels that an output sees, or that an input reaches, make up one row.

import { TOGETHER } from "./wasm_product.js";

/** @typedef {import("./wasm_product.js").WasmProduct} WasmProduct */
/** @typedef {import("./wasm_product.js").Rows} Rows */
/** @typedef {import("./network.js").Layer} Layer */
/** @typedef {import("./network.js").Step} Step */
/** @typedef {import("./network.js").Weights} Weights */

const BAND = 64; // pixels of one product, at least: enough for its speed, few enough to stay in the cache

/**
 * `weight` is (out, in, tall, wide).
 * @param {WasmProduct} wasm @param {Rows} input @param {Layer} layer @param {Weights} weights @returns {Step}
 */
export function conv(
  wasm,
  input,
  { kernel: [tall, wide], stride: [down, right], padding: [above, before], ...layer },
  { weight, bias },
) {
  const [channels, height, width] = layer.input;
  const [outputs, lines, columns] = layer.output;
  const size = channels * tall * wide;
  const band = Math.min(lines, Math.ceil(BAND / columns));
  const [seen, sums] = [wasm.rows(band * columns, size), wasm.rows(band * columns, outputs)];
  const rows = wasm.rows(TOGETHER, outputs * lines * columns);
  const apply = wasm.affine(outputs, size, (o, k) => weight[o * size + k], (o) => bias[o]);

  /**
   * The pixels that an output sees, zeros beyond the image.
   * @param {Float32Array} all @param {number} pixels @param {number} patch @param {number} line @param {number} column
   */
  const gather = (all, pixels, patch, line, column) => {
    const [y, x] = [line * down - above, column * right - before];
    const [firstY, lastY] = [Math.max(0, -y), Math.min(tall, height - y)];
    const [firstX, lastX] = [Math.max(0, -x), Math.min(wide, width - x)];
    if (lastY - firstY < tall || lastX - firstX < wide) all.fill(0, patch, patch + size);
    for (let c = 0; c < channels; c++) {
      for (let ky = firstY; ky < lastY; ky++) {
        const [from, to] = [pixels + (c * height + y + ky) * width + x, patch + (c * tall + ky) * wide];
        for (let kx = firstX; kx < lastX; kx++) all[to + kx] = all[from + kx];
      }
    }
  };
  const run = (/** @type {number} */ count) => {
    const all = wasm.numbers();
    for (let r = 0; r < count; r++) {
      const [pixels, result] = [wasm.index(input, r), wasm.index(rows, r)];
      for (let top = 0; top < lines; top += band) {
        const positions = Math.min(band, lines - top) * columns;
        for (let p = 0; p < positions; p++) {
          gather(all, pixels, wasm.index(seen, p), top + Math.floor(p / columns), p % columns);
        }
        apply(seen, sums, positions);
        for (let p = 0; p < positions; p++) {
          const [from, to] = [wasm.index(sums, p), result + top * columns + p];
          for (let o = 0; o < outputs; o++) all[to + o * lines * columns] = all[from + o];
        }
      }
    }
  };
  return { rows, run };
}

/**
 * `weight` is (in, out, tall, wide).
 * @param {WasmProduct} wasm @param {Rows} input @param {Layer} layer @param {Weights} weights @returns {Step}
 */
export function convTranspose(
  wasm,
  input,
  { kernel: [tall, wide], stride: [down, right], padding: [above, before], ...layer },
  { weight, bias },
) {
  const [channels, height, width] = layer.input;
  const [outputs, lines, columns] = layer.output;
  const size = outputs * tall * wide;
  const band = Math.min(height, Math.ceil(BAND / width));
  const [pixels, reached] = [wasm.rows(band * width, channels), wasm.rows(band * width, size)];
  const rows = wasm.rows(TOGETHER, outputs * lines * columns);
  const apply = wasm.affine(size, channels, (k, c) => weight[c * size + k], () => 0);

  /**
   * Add what a pixel gives to the outputs that it reaches.
   * @param {Float32Array} all @param {number} values @param {number} result @param {number} line @param {number} column
   */
  const scatter = (all, values, result, line, column) => {
    const [y, x] = [line * down - above, column * right - before];
    const [firstY, lastY] = [Math.max(0, -y), Math.min(tall, lines - y)];
    const [firstX, lastX] = [Math.max(0, -x), Math.min(wide, columns - x)];
    for (let o = 0; o < outputs; o++) {
      for (let ky = firstY; ky < lastY; ky++) {
        const [from, to] = [values + (o * tall + ky) * wide, result + (o * lines + y + ky) * columns + x];
        for (let kx = firstX; kx < lastX; kx++) all[to + kx] += all[from + kx];
      }
    }
  };
  const run = (/** @type {number} */ count) => {
    const all = wasm.numbers();
    for (let r = 0; r < count; r++) {
      const [image, result] = [wasm.index(input, r), wasm.index(rows, r)];
      for (let o = 0; o < outputs; o++) {
        all.fill(bias[o], result + o * lines * columns, result + (o + 1) * lines * columns);
      }
      for (let top = 0; top < height; top += band) {
        const positions = Math.min(band, height - top) * width;
        for (let p = 0; p < positions; p++) {
          const [from, to] = [image + top * width + p, wasm.index(pixels, p)];
          for (let c = 0; c < channels; c++) all[to + c] = all[from + c * height * width];
        }
        apply(pixels, reached, positions);
        for (let p = 0; p < positions; p++) {
          scatter(all, wasm.index(reached, p), result, top + Math.floor(p / width), p % width);
        }
      }
    }
  };
  return { rows, run };
}
