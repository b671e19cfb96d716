// Gaussians at the modes of a density over a grid: where an ascent on the ELBO may start.

import { Gaussian } from "./gaussian.js";

/** @typedef {import("./types.js").Pair} Pair */
/**
 * Log-densities at the centres of equal cells of a box (x low, y low, x high, y high), row 0 lowest. A single row is of
 * one dimension: the Gaussians' second one is then idle (idle_dimension.js).
 * @typedef {{columns: number, rows: number, values: ArrayLike<number>, box: [number, number, number, number]}} Grid
 */

const [LEAST, LEAST_OF_A_LINE] = [0.25, 1e-4]; // bend of a mode over its cells, in nats; a line's are finer
const DEEPEST = 12; // nats below the highest mode: lower ones hold nothing

/**
 * Of each mode the Gaussian of its curvature, and of each grid the one of its mean and covariance; those with most
 * mass first, `most` at the most.
 * @param {Grid[]} grids @param {boolean} full whether axes may turn @param {number} most @returns {Gaussian[]}
 */
export function modes(grids, full, most) {
  const found = grids.flatMap((grid) => peaks(grid, full));
  found.sort((a, b) => b.mass - a.mass);
  return [...grids.map((grid) => whole(grid, full)), ...found.map(({ q }) => q)].slice(0, most);
}

/** @param {Grid} grid @param {boolean} full */
function peaks(grid, full) {
  const { rows, columns, values, box: [left, bottom, right, top] } = grid;
  const [dx, dy] = [(right - left) / columns, (top - bottom) / rows];
  const found = [];
  const line = rows === 1;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const height = values[row * columns + column];
      if (height < -DEEPEST || !highest(grid, row, column)) continue;
      // At the rim the curvature is that of the cells beside it.
      const [r, c] = [line ? 0 : Math.min(Math.max(row, 1), rows - 2), Math.min(Math.max(column, 1), columns - 2)];
      const at = (/** @type {number} */ up, /** @type {number} */ across) => values[(r + up) * columns + c + across];
      const xx = precision(at(0, -1), at(0, 0), at(0, 1), dx, line ? LEAST_OF_A_LINE : LEAST);
      const yy = line ? 1 : precision(at(-1, 0), at(0, 0), at(1, 0), dy);
      const mixed = line ? 0 : (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * dx * dy);
      const xy = full && mixed * mixed < 0.99 * xx * yy ? -mixed : 0;
      const determinant = xx * yy - xy * xy;
      /** @type {Pair} */
      const mu = [left + (column + 0.5) * dx, line ? 0 : bottom + (row + 0.5) * dy];
      const q = Gaussian.of(mu, [yy / determinant, -xy / determinant, xx / determinant]);
      found.push({ q, mass: height + Math.log(q.radii[0] * q.radii[1]) });
    }
  }
  return found;
}

/**
 * Whether no cell around one is higher, nor as high and before it.
 * @param {Grid} grid @param {number} row @param {number} column
 */
function highest({ rows, columns, values }, row, column) {
  const own = values[row * columns + column];
  for (let r = Math.max(row - 1, 0); r <= Math.min(row + 1, rows - 1); r++) {
    for (let c = Math.max(column - 1, 0); c <= Math.min(column + 1, columns - 1); c++) {
      const other = values[r * columns + c];
      if (other > own || (other === own && r * columns + c < row * columns + column)) return false;
    }
  }
  return true;
}

/**
 * Of a Gaussian through three log-densities; one as wide as two cells where they do not bend down.
 * @param {number} before @param {number} here @param {number} after @param {number} step
 * @param {number} [least] bend, in nats
 */
function precision(before, here, after, step, least = LEAST) {
  return Math.max(2 * here - before - after, least) / (step * step);
}

/** The Gaussian of a grid's mean and covariance. @param {Grid} grid @param {boolean} full */
function whole({ rows, columns, values, box: [left, bottom, right, top] }, full) {
  const [dx, dy] = [(right - left) / columns, (top - bottom) / rows];
  let [total, x, y, xx, xy, yy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < rows * columns; i++) {
    const weight = Math.exp(values[i]);
    const [across, up] = [(i % columns) + 0.5, Math.floor(i / columns) + 0.5];
    total += weight;
    x += weight * across;
    y += weight * up;
    xx += weight * across * across;
    xy += weight * across * up;
    yy += weight * up * up;
  }
  [x, y, xx, xy, yy] = [x, y, xx, xy, yy].map((sum) => sum / total);
  // A cell's own width at least.
  const [wide, high] = [Math.max(xx - x * x, 0.1) * dx * dx, Math.max(yy - y * y, 0.1) * dy * dy];
  if (rows === 1) return Gaussian.of([left + x * dx, 0], [wide, 0, 1]);
  const mixed = full ? (xy - x * y) * dx * dy : 0;
  const together = mixed * mixed < 0.999 * wide * high ? mixed : 0;
  return Gaussian.of([left + x * dx, bottom + y * dy], [wide, together, high]);
}
