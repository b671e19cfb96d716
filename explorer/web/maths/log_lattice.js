// A log-density on an even lattice: doubled by cubic interpolation, and the levels that enclose most of its mass.

export const ENCLOSED = [0.5, 0.9, 0.99];
const OVER = 0.5; // nats by which an interpolated value may lie above those beside it
const BINS = 4096;
const DEPTH = 30; // nats below the peak: what lies lower holds nothing
// Lagrange's cubic through four values, at a quarter before and after the third.
const WEIGHTS = [-0.0390625, 0.2734375, 0.8203125, -0.0546875];

/** Row 0 is lowest. @typedef {{columns: number, rows: number, values: Float64Array}} Lattice */

/**
 * The same at half the step: each value gives way to two in a row, or four on a plane.
 * @param {Lattice} lattice @returns {Lattice}
 */
export function doubled({ columns, rows, values }) {
  const wide = new Float64Array(2 * columns * rows);
  for (let row = 0; row < rows; row++) line(values, row * columns, 1, columns, wide, 2 * row * columns, 1);
  if (rows === 1) return { columns: 2 * columns, rows, values: wide };
  const all = new Float64Array(4 * columns * rows);
  for (let x = 0; x < 2 * columns; x++) line(wide, x, 2 * columns, rows, all, x, 2 * columns);
  return { columns: 2 * columns, rows: 2 * rows, values: all };
}

/**
 * @param {Float64Array} from @param {number} start @param {number} stride @param {number} count
 * @param {Float64Array} to @param {number} begin @param {number} pace
 */
function line(from, start, stride, count, to, begin, pace) {
  const [outer, before, near, beyond] = WEIGHTS;
  const last = count - 1;
  for (let i = 0; i < count; i++) {
    const here = from[start + i * stride];
    const [low, high] = [from[start + Math.max(i - 1, 0) * stride], from[start + Math.min(i + 1, last) * stride]];
    const lower = from[start + Math.max(i - 2, 0) * stride];
    const higher = from[start + Math.min(i + 2, last) * stride];
    const left = outer * lower + before * low + near * here + beyond * high;
    const right = outer * higher + before * high + near * here + beyond * low;
    // Between values that differ by much a cubic swings above both, where nothing is.
    to[begin + 2 * i * pace] = Math.min(left, Math.max(low, here) + OVER);
    to[begin + (2 * i + 1) * pace] = Math.min(right, Math.max(high, here) + OVER);
  }
}

/**
 * The peak of a log-density, and the log-densities, less the peak's, whose contours enclose 50, 90 and 99 % of it.
 * @param {Float64Array} values at some points @param {Float64Array} [masses] around them; of an even lattice's points
 *   these are their densities
 */
export function levels(values, masses) {
  let peak = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > peak) peak = values[i];
  const bins = new Float64Array(BINS);
  let whole = 0;
  for (let i = 0; i < values.length; i++) {
    const below = peak - values[i];
    if (!(below < DEPTH)) continue;
    const mass = masses ? masses[i] : Math.exp(-below);
    bins[Math.floor((below / DEPTH) * BINS)] += mass;
    whole += mass;
  }
  let [sum, bin] = [0, 0];
  const found = ENCLOSED.map((share) => {
    while (bin < BINS - 1 && sum + bins[bin] < share * whole) sum += bins[bin++];
    const part = bins[bin] ? (share * whole - sum) / bins[bin] : 0;
    return (-(bin + Math.min(part, 1)) * DEPTH) / BINS;
  });
  return { peak, levels: found };
}
