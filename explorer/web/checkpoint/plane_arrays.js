// What the plane needs of a run's latents, as explorer/views/latents.py makes it.

/** @typedef {import("./tensor_file.js").Tensors} Tensors */
/** @typedef {{shape: number[], data: Float32Array | Int32Array}} Packed */

/**
 * `xy` (N, 2), `origin` (D,), `basis` (2, D), `mu` (N, D), `label` (N,) and, as far as the run has them,
 * `reconstruction`, `kl`, `width` (N,), `cov` (N, 3), `umap` (N, 2), `spread` (N, D) or (N, D, D).
 * @param {Tensors} latents  as they were checked @returns {Record<string, Packed>}
 */
export function planeArrays(latents) {
  const floats = (/** @type {string} */ name) => /** @type {Float32Array} */ (latents.get(name)?.data);
  const mu = floats("mu");
  const [count, dim] = latents.get("mu")?.shape ?? [0, 0];
  const { xy, origin, basis } = plane(floats, count, dim);
  const label = Int32Array.from(/** @type {BigInt64Array} */ (latents.get("label")?.data), Number);
  /** @type {Record<string, Packed>} */
  const arrays = {
    xy: { shape: [count, 2], data: xy },
    origin: { shape: [dim], data: origin },
    basis: { shape: [2, dim], data: basis },
    mu: { shape: [count, dim], data: mu },
    label: { shape: [count], data: label },
  };
  if (latents.has("reconstruction")) arrays.reconstruction = { shape: [count], data: floats("reconstruction") };
  const spread = spreadOf(latents, floats);
  if (spread) {
    const full = latents.has("scale_tril");
    arrays.kl = { shape: [count], data: floats("kl") };
    arrays.width = { shape: [count], data: widths(spread, count, dim, full) };
    arrays.cov = { shape: [count, 3], data: full ? fullCov(spread, basis, dim) : diagonalCov(spread, basis, dim) };
    const shape = full ? [count, dim, dim] : [count, dim];
    if (dim > 2) arrays.spread = { shape, data: Float32Array.from(spread) };
  }
  if (dim > 2 && latents.has("umap")) arrays.umap = { shape: [count, 2], data: floats("umap") };
  return arrays;
}

/**
 * Points on the plane, with z = origin + xy @ basis.
 * @param {(name: string) => Float32Array} floats @param {number} count @param {number} dim
 */
function plane(floats, count, dim) {
  if (dim > 2) return { xy: floats("pca"), origin: floats("pca_mean"), basis: floats("pca_components") };
  const origin = new Float32Array(dim);
  if (dim === 2) return { xy: floats("mu"), origin, basis: Float32Array.of(1, 0, 0, 1) };
  const xy = new Float32Array(2 * count);
  floats("mu").forEach((value, i) => xy[2 * i] = value);
  return { xy, origin, basis: Float32Array.of(1, 0) };
}

/**
 * Standard deviations of each q(z|x), or L of its covariance L L^T; null for codes.
 * @param {Tensors} latents @param {(name: string) => Float32Array} floats
 */
function spreadOf(latents, floats) {
  if (latents.has("scale_tril")) return Float64Array.from(floats("scale_tril"));
  return latents.has("log_var") ? Float64Array.from(floats("log_var"), (value) => Math.exp(0.5 * value)) : null;
}

/**
 * The D-th root of det L.
 * @param {Float64Array} spread @param {number} count @param {number} dim @param {boolean} full
 */
function widths(spread, count, dim, full) {
  const [row, step] = full ? [dim * dim, dim + 1] : [dim, 1];
  return Float32Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let d = 0; d < dim; d++) sum += Math.log(spread[i * row + d * step]);
    return Math.exp(sum / dim);
  });
}

/**
 * Entries xx, xy, yy of the covariance on the plane.
 * @param {Float64Array} spread @param {Float32Array} basis @param {number} dim
 */
function diagonalCov(spread, basis, dim) {
  // The products of single precision are rounded to it.
  const weights = [[0, 0], [0, 1], [1, 1]].map(([a, b]) =>
    Float32Array.from({ length: dim }, (_, d) => basis[a * dim + d] * basis[b * dim + d])
  );
  const cov = new Float32Array(3 * spread.length / dim);
  for (let i = 0; 3 * i < cov.length; i++) {
    weights.forEach((weight, k) => {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += spread[i * dim + d] ** 2 * weight[d];
      cov[3 * i + k] = sum;
    });
  }
  return cov;
}

/** The same of full ones. @param {Float64Array} spread @param {Float32Array} basis @param {number} dim */
function fullCov(spread, basis, dim) {
  const cov = new Float32Array(3 * spread.length / (dim * dim));
  const rows = [new Float64Array(dim), new Float64Array(dim)]; // of basis @ L
  for (let i = 0; 3 * i < cov.length; i++) {
    rows.forEach((row, a) => {
      for (let column = 0; column < dim; column++) {
        row[column] = 0;
        for (let d = 0; d < dim; d++) row[column] += basis[a * dim + d] * spread[(i * dim + d) * dim + column];
      }
    });
    [[0, 0], [0, 1], [1, 1]].forEach(([a, b], k) => {
      cov[3 * i + k] = rows[a].reduce((sum, value, d) => sum + value * rows[b][d], 0);
    });
  }
  return cov;
}
