// A grey image made black and white by one fixed draw, as training/data/binarize.py does, to the bit.

import { Random } from "./normal.js";

/**
 * Each pixel 1 with the chance of its grey value, by numbers that hang on the image alone; black and white stay.
 * @param {ArrayLike<number>} pixels in [0, 1], of one image
 */
export function fixedDraw(pixels) {
  const bytes = Uint8Array.from(pixels, (v) => Math.round(v * 255));
  const random = new Random(bytes.reduce((hash, v) => Math.imul(hash ^ v, 16777619), 2166136261 | 0));
  return Float32Array.from(bytes, (v) => (random.uniform() < v / 255 ? 1 : 0));
}
