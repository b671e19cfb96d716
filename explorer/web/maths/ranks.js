// Ranks: where each value stands among all, whatever their distances.

/**
 * The percentile of each value, 0 for the least and 100 for the most; equal values share theirs, NaN has none.
 * @param {ArrayLike<number>} values @returns {Float32Array}
 */
export function percentiles(values) {
  const sorted = Float64Array.from(values).filter((value) => !Number.isNaN(value)).sort();
  const last = sorted.length - 1;
  return Float32Array.from(values, (value) => {
    if (Number.isNaN(value)) return NaN;
    const [from, to] = [before(sorted, value, false), before(sorted, value, true) - 1];
    return last ? (100 * (from + to)) / (2 * last) : 50;
  });
}

/**
 * How many are below a value, or with those that are equal.
 * @param {Float64Array} sorted @param {number} value @param {boolean} equal
 */
function before(sorted, value, equal) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value || (equal && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
