// Functions of single numbers between a network's layers, as torch defines them.

/** @typedef {import("./network.js").Layer} Layer */

/** The function of a layer, or null for a layer that is none. @param {Layer} layer @returns {((value: number) => number) | null} */
export function activation({ kind, ...options }) {
  if (kind === "relu") return (v) => (v > 0 ? v : 0);
  if (kind === "silu") return (v) => v / (1 + Math.exp(-v));
  if (kind === "sigmoid") return (v) => 1 / (1 + Math.exp(-v));
  if (kind === "tanh") return Math.tanh;
  if (kind === "leaky_relu") return leakyRelu(options.slope);
  if (kind === "elu") return elu(options.alpha);
  if (kind === "gelu") return options.approximate === "tanh" ? geluByTanh : gelu;
  if (kind === "softplus") return softplus(options.beta, options.threshold);
  if (kind === "clamp") return clamp(options.low ?? -Infinity, options.high ?? Infinity);
  if (kind === "affine") return affine(options.scale, options.shift);
  return null;
}

/** @param {number} slope */
function leakyRelu(slope) {
  return (/** @type {number} */ v) => (v > 0 ? v : slope * v);
}

/** @param {number} alpha */
function elu(alpha) {
  return (/** @type {number} */ v) => (v > 0 ? v : alpha * Math.expm1(v));
}

/** @param {number} beta @param {number} threshold of beta v, above which it is the identity */
function softplus(beta, threshold) {
  return (/** @type {number} */ v) => (beta * v > threshold ? v : Math.log1p(Math.exp(beta * v)) / beta);
}

/** @param {number} low @param {number} high */
function clamp(low, high) {
  return (/** @type {number} */ v) => Math.min(Math.max(v, low), high);
}

/** @param {number} scale @param {number} shift */
function affine(scale, shift) {
  return (/** @type {number} */ v) => v * scale + shift;
}

/** @param {number} v */
function gelu(v) {
  return 0.5 * v * (2 - erfc(v * Math.SQRT1_2));
}

/** @param {number} v */
function geluByTanh(v) {
  return 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
}

// Press et al., Numerical Recipes, erfcc: a relative error of at most 1.2e-7; the highest power last.
const ERFC = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];

/** 1 - erf(x). @param {number} x */
function erfc(x) {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const tail = t * Math.exp(ERFC.reduceRight((sum, factor) => sum * t + factor, 0) - x * x);
  return x >= 0 ? tail : 2 - tail;
}
