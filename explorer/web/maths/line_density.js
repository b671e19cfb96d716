// Codes of one dimension: how densely they lie on the line, and heights under that density so that none hides another.

const KERNEL = [1, 4, 6, 4, 1].map((weight) => weight / 16); // a standard deviation of one bin
const ROOM = 3; // bins around, for the kernel
const GOLDEN = (Math.sqrt(5) - 1) / 2; // its multiples spread evenly over [0, 1), however many are taken

/**
 * The density of codes at each of them, as a share of all per unit of length: counted in bins that are the smaller the
 * more codes there are, smoothed, and read between the bins' centres.
 * @param {ArrayLike<number>} mu (N,) @returns {Float32Array} (N,)
 */
export function lineDensity(mu) {
  const count = mu.length;
  const sorted = Float64Array.from(mu).sort();
  const end = Math.floor(0.01 * (count - 1)); // outliers do not stretch the bins
  const [low, high] = [sorted[end], sorted[count - 1 - end]];
  const bins = Math.round(10 * count ** (1 / 5));
  const width = Math.max(high - low, 1e-6) / bins;
  const place = (/** @type {number} */ i) =>
    ROOM - 0.5 + Math.min(Math.max((mu[i] - low) / width, 0.5 - ROOM), bins + ROOM - 1.5);
  let counts = new Float64Array(bins + 2 * ROOM);
  for (let i = 0; i < count; i++) {
    const at = place(i);
    const bin = Math.floor(at);
    counts[bin] += 1 - (at - bin);
    counts[bin + 1] += at - bin;
  }
  counts = Float64Array.from(
    counts,
    (_, bin) => KERNEL.reduce((sum, weight, k) => sum + weight * (counts[bin + k - 2] ?? 0), 0),
  );
  return Float32Array.from({ length: count }, (_, i) => {
    const at = place(i);
    const bin = Math.floor(at);
    return ((1 - (at - bin)) * counts[bin] + (at - bin) * counts[bin + 1]) / (count * width);
  });
}

/**
 * Points (x, height): each code at a height between 0 and its density, the highest density being 1.
 * @param {ArrayLike<number>} mu (N,) @param {Float32Array} density at each @returns {Float32Array} interleaved
 */
export function underDensity(mu, density) {
  const most = density.reduce((highest, v) => Math.max(highest, v), 1e-12);
  const xy = new Float32Array(2 * mu.length);
  for (let i = 0; i < mu.length; i++) {
    xy[2 * i] = mu[i];
    xy[2 * i + 1] = (0.03 + 0.94 * ((i * GOLDEN) % 1)) * (density[i] / most);
  }
  return xy;
}
