// One draw of each image's posterior, on the plane: what the encoder really hands to the decoder (Eq. 26).

import { Random } from "./normal.js";

/**
 * Points m + L epsilon, with the plane's part of each posterior, N(m, L L^T); the same at each call.
 * @param {Float32Array} means interleaved x, y @param {Float32Array} cov xx, xy, yy of each
 */
export function drawnPoints(means, cov) {
  const random = new Random(1);
  const points = new Float32Array(means.length);
  for (let i = 0; 2 * i < means.length; i++) {
    const [xx, xy, yy] = cov.subarray(3 * i, 3 * i + 3);
    const across = Math.sqrt(xx);
    const tilt = across > 0 ? xy / across : 0;
    const [first, second] = [random.normal(), random.normal()];
    points[2 * i] = means[2 * i] + across * first;
    points[2 * i + 1] = means[2 * i + 1] + tilt * first + Math.sqrt(Math.max(yy - tilt * tilt, 0)) * second;
  }
  return points;
}
