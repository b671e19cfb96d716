// How densely draws lie on a plane: each is a small Gaussian, as wide as befits their number and spread.

import { levels } from "./log_lattice.js";

/** @typedef {import("./types.js").Pair} Pair */

const SIDE = 64; // points of the lattice along each axis
const ROOM = 3.5; // kernel widths around the draws
const LOWEST = -30; // nats below the peak

/**
 * As log-densities less the peak's on a lattice, row 0 lowest, and the levels that enclose 50, 90 and 99 %.
 * @param {Pair[]} points
 */
export function drawnDensity(points) {
  const widths = [0, 1].map((d) => {
    const mean = points.reduce((sum, point) => sum + point[d], 0) / points.length;
    const variance = points.reduce((sum, point) => sum + (point[d] - mean) ** 2, 0) / points.length;
    return Math.max(Math.sqrt(variance) * points.length ** (-1 / 6), 1e-3); // Scott's rule
  });
  const low = widths.map((width, d) => Math.min(...points.map((point) => point[d])) - ROOM * width);
  const high = widths.map((width, d) => Math.max(...points.map((point) => point[d])) + ROOM * width);
  const at = (/** @type {number} */ d, /** @type {number} */ k) => low[d] + ((k + 0.5) * (high[d] - low[d])) / SIDE;
  // A Gaussian without correlation is a product: both its factors at every row and column.
  const factors = widths.map((width, d) =>
    points.map((point) =>
      Float64Array.from({ length: SIDE }, (_, k) => Math.exp(-0.5 * ((at(d, k) - point[d]) / width) ** 2))
    )
  );
  const values = new Float64Array(SIDE * SIDE);
  points.forEach((_, n) => {
    const [across, up] = [factors[0][n], factors[1][n]];
    for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) values[y * SIDE + x] += across[x] * up[y];
  });
  const peak = values.reduce((a, b) => Math.max(a, b), 0);
  for (let i = 0; i < values.length; i++) values[i] = Math.max(Math.log(values[i] / peak), LOWEST);
  const box = /** @type {[number, number, number, number]} */ ([low[0], low[1], high[0], high[1]]);
  return { columns: SIDE, rows: SIDE, values: Float32Array.from(values), box, ...levels(values) };
}
