// Functions of single numbers between a network's layers, as torch defines them.

import { erfc } from "../maths/erf.js";

/** @typedef {import("./network.js").Layer} Layer */

/**
 * The function of a layer, or null for a layer that is none.
 * @param {Layer} layer
 * @returns {((value: number) => number) | null}
 */
export function activation({ kind, ...options }) {
  if (kind === "relu") return (v) => (v > 0 ? v : 0);
  if (kind === "silu") return (v) => v / (1 + Math.exp(-v));
  if (kind === "sigmoid") return (v) => 1 / (1 + Math.exp(-v));
  if (kind === "tanh") return Math.tanh;
  if (kind === "exp") return Math.exp;
  if (kind === "log") return Math.log;
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
