// The plane of a latent space that is being learned: principal axes that turn no further than the codes themselves do.

/** @typedef {import("./types.js").Pair} Pair */
/**
 * z = origin + x * basis[0] + y * basis[1].
 * @typedef {object} SteadyPlane
 * @property {Float32Array} origin (D,)
 * @property {Float32Array} basis (2, D), orthonormal rows
 * @property {Float32Array} xy interleaved points of the codes
 */

const FIRST_ROUNDS = 60;
const ROUNDS = 6; // from the axes of the frame before, which are near

/**
 * The codes on the plane of their two principal axes, which is turned within itself so that it lies as the one before.
 * @param {Float32Array} mu (N, D), D >= 2 @param {number} dim D @param {SteadyPlane | null} before
 * @returns {SteadyPlane}
 */
export function steadyPlane(mu, dim, before) {
  const count = mu.length / dim;
  const mean = new Float64Array(dim);
  for (let i = 0; i < mu.length; i++) mean[i % dim] += mu[i] / count;
  let basis = new Float64Array(2 * dim);
  if (before) basis.set(before.basis);
  else [basis[0], basis[dim + 1]] = [1, 1];
  if (dim > 2) {
    const covariance = covarianceOf(mu, dim, mean);
    for (let round = 0; round < (before ? ROUNDS : FIRST_ROUNDS); round++) {
      basis = orthonormal(times(covariance, basis, dim), dim) ?? basis;
    }
    if (before) basis = turned(basis, before.basis, dim);
  }
  const [x, y] = [0, 1].map((axis) => dot(mean, 0, basis, axis * dim, dim));
  const origin = Float32Array.from(mean, (v, d) => dim > 2 ? v - x * basis[d] - y * basis[dim + d] : 0);
  const xy = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    for (const axis of [0, 1]) xy[2 * i + axis] = dot(mu, i * dim, basis, axis * dim, dim);
  }
  return { origin, basis: Float32Array.from(basis), xy };
}

/** @param {Float32Array} mu @param {number} dim @param {Float64Array} mean */
function covarianceOf(mu, dim, mean) {
  const covariance = new Float64Array(dim * dim);
  for (let start = 0; start < mu.length; start += dim) {
    for (let a = 0; a < dim; a++) {
      const of = mu[start + a] - mean[a];
      for (let b = 0; b <= a; b++) covariance[a * dim + b] += of * (mu[start + b] - mean[b]);
    }
  }
  for (let a = 0; a < dim; a++) for (let b = 0; b < a; b++) covariance[b * dim + a] = covariance[a * dim + b];
  return covariance;
}

/** Both rows times a symmetric matrix. @param {Float64Array} matrix @param {Float64Array} rows @param {number} dim */
function times(matrix, rows, dim) {
  return Float64Array.from(rows, (_, k) => dot(matrix, (k % dim) * dim, rows, k - (k % dim), dim));
}

/** Gram and Schmidt; null where the rows span no plane. @param {Float64Array} rows @param {number} dim */
function orthonormal(rows, dim) {
  const out = Float64Array.from(rows);
  for (const start of [0, dim]) {
    const before = start ? dot(out, 0, out, dim, dim) : 0;
    for (let d = 0; d < dim; d++) out[start + d] -= start ? before * out[d] : 0;
    const length = Math.sqrt(dot(out, start, out, start, dim));
    if (!(length > 1e-12)) return null;
    for (let d = 0; d < dim; d++) out[start + d] /= length;
  }
  return out;
}

/**
 * The same plane with its axes turned, or mirrored, to lie nearest to others (Procrustes).
 * @param {Float64Array} basis @param {Float32Array} before @param {number} dim
 */
function turned(basis, before, dim) {
  const [a, b, c, d] = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([old, now]) =>
    dot(before, old * dim, basis, now * dim, dim)
  );
  const mirror = a * d - b * c < 0 ? -1 : 1;
  const angle = Math.atan2(c - mirror * b, a + mirror * d);
  // Rows of the orthogonal matrix nearest to [[a, b], [c, d]].
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const rows = [[cos, -mirror * sin], [sin, mirror * cos]];
  return Float64Array.from(basis, (_, k) => {
    const [row, at] = [rows[k < dim ? 0 : 1], k % dim];
    return row[0] * basis[at] + row[1] * basis[dim + at];
  });
}

/**
 * @param {ArrayLike<number>} a @param {number} from @param {ArrayLike<number>} b @param {number} start
 * @param {number} dim
 */
function dot(a, from, b, start, dim) {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[from + d] * b[start + d];
  return sum;
}
