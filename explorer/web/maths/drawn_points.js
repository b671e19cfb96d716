// One draw of each image's posterior, on the plane: what the encoder really hands to the decoder (Eq. 26).

import { Random } from "./normal.js";

/** @typedef {import("./types.js").Pair} Pair */

/**
 * Points m + L epsilon, with the plane's part of each posterior, N(m, L L^T); the same at each call.
 * @param {Float32Array} means interleaved x, y @param {Float32Array} cov xx, xy, yy of each
 */
export function drawnPoints(means, cov) {
  const random = new Random(1);
  const points = new Float32Array(means.length);
  for (let i = 0; 2 * i < means.length; i++) {
    points.set(drawnPoint([means[2 * i], means[2 * i + 1]], cov.subarray(3 * i, 3 * i + 3), random), 2 * i);
  }
  return points;
}

/**
 * One of them.
 * @param {Pair} mean @param {ArrayLike<number>} cov xx, xy, yy @param {Random} random @returns {Pair}
 */
export function drawnPoint([x, y], { 0: xx, 1: xy, 2: yy }, random) {
  const across = Math.sqrt(xx);
  const tilt = across > 0 ? xy / across : 0;
  const [first, second] = [random.normal(), random.normal()];
  return [x + across * first, y + tilt * first + Math.sqrt(Math.max(yy - tilt * tilt, 0)) * second];
}
