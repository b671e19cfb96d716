// The importance-weighted bound for several numbers of draws K: estimates of which none shares a draw with another.

const COUNTS = [1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200, 300, 500, 700, 1000, 2000, 3000, 5000];
const BAND = [0.05, 0.95];
const KEPT = 4000; // estimates of one K that quantiles are taken of
const ENOUGH = 20; // the fewest of which nine in ten can be told

/**
 * Of each K, in nats: the mean of the estimates, its standard error, and between what nine in ten of them lie; NaN
 * where there are too few.
 * @typedef {object} Bound
 * @property {number[]} counts  K
 * @property {number[]} mean
 * @property {number[]} error
 * @property {number[]} low
 * @property {number[]} high
 * @property {number[]} estimates  how many
 */

export class ImportanceBound {
  constructor() {
    this.sums = COUNTS.map(() => ({ estimates: 0, sum: 0, squares: 0, kept: /** @type {number[]} */ ([]) }));
  }

  /** More draws. @param {ArrayLike<number>} logWeights log p(x, z) - log q(z|x) at draws z of q, in nats */
  add(logWeights) {
    COUNTS.forEach((count, i) => {
      const sums = this.sums[i];
      for (let start = 0; start + count <= logWeights.length; start += count) {
        const value = logMean(logWeights, start, start + count);
        sums.estimates += 1;
        sums.sum += value;
        sums.squares += value * value;
        if (sums.kept.length < KEPT) sums.kept.push(value);
      }
    });
  }

  /** @returns {Bound} */
  read() {
    const rows = this.sums.map(({ estimates, sum, squares, kept }) => {
      const sorted = Float64Array.from(kept).sort();
      const mean = sum / estimates;
      const variance = Math.max(squares / estimates - mean * mean, 0);
      const [low, high] = BAND.map((share) => estimates < ENOUGH ? NaN : quantile(sorted, share));
      return { mean, error: Math.sqrt(variance / Math.max(estimates - 1, 1)), low, high, estimates };
    });
    const column = (/** @type {"mean" | "error" | "low" | "high" | "estimates"} */ name) =>
      rows.map((row) => row[name]);
    return {
      counts: COUNTS,
      mean: column("mean"),
      error: column("error"),
      low: column("low"),
      high: column("high"),
      estimates: column("estimates"),
    };
  }
}

/** log of the mean of exp. @param {ArrayLike<number>} logs @param {number} start @param {number} end */
function logMean(logs, start, end) {
  let highest = -Infinity;
  for (let i = start; i < end; i++) highest = Math.max(highest, logs[i]);
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.exp(logs[i] - highest);
  return highest + Math.log(sum / (end - start));
}

/** Between the two values that lie around a share. @param {Float64Array} sorted @param {number} share */
function quantile(sorted, share) {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
