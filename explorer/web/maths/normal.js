// The standard normal distribution N(0, I): density, shares, quantiles, and draws from it.

import { erfc } from "./erf.js";

/** log N(z; 0, I) in nats. @param {ArrayLike<number>} z */
export function logDensity(z) {
  let sum = z.length * Math.log(2 * Math.PI);
  for (let d = 0; d < z.length; d++) sum += z[d] * z[d];
  return -0.5 * sum;
}

/** The share of N(0, 1) below z. @param {number} z */
export function cumulative(z) {
  return 0.5 * erfc(-z * Math.SQRT1_2);
}

// Wichura (1988), algorithm AS 241, PPND16: numerators and denominators, highest power first; about 1 part in 10^16.
const MIDDLE = [
  [
    2509.0809287301226727,
    33430.575583588128105,
    67265.770927008700853,
    45921.953931549871457,
    13731.693765509461125,
    1971.5909503065514427,
    133.14166789178437745,
    3.387132872796366608,
  ],
  [
    5226.495278852854561,
    28729.085735721942674,
    39307.89580009271061,
    21213.794301586595867,
    5394.1960214247511077,
    687.1870074920579083,
    42.313330701600911252,
    1,
  ],
];
const OUTER = [
  [
    7.7454501427834140764e-4,
    0.0227238449892691845833,
    0.24178072517745061177,
    1.27045825245236838258,
    3.64784832476320460504,
    5.7694972214606914055,
    4.6303378461565452959,
    1.42343711074968357734,
  ],
  [
    1.05075007164441684324e-9,
    5.475938084995344946e-4,
    0.0151986665636164571966,
    0.14810397642748007459,
    0.68976733498510000455,
    1.6763848301838038494,
    2.05319162663775882187,
    1,
  ],
];
const FAR = [
  [
    2.01033439929228813265e-7,
    2.71155556874348757815e-5,
    0.0012426609473880784386,
    0.026532189526576123093,
    0.29656057182850489123,
    1.7848265399172913358,
    5.4637849111641143699,
    6.6579046435011037772,
  ],
  [
    2.04426310338993978564e-15,
    1.4215117583164458887e-7,
    1.8463183175100546818e-5,
    7.868691311456132591e-4,
    0.0148753612908506148525,
    0.13692988092273580531,
    0.59983220655588793769,
    1,
  ],
];

/** The z below which a share p of N(0, 1) lies; -Infinity at 0 and Infinity at 1. @param {number} p in [0, 1] */
export function quantile(p) {
  if (p <= 0 || p >= 1) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(MIDDLE, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  return Math.sign(q) * (r <= 5 ? ratio(OUTER, r - 1.6) : ratio(FAR, r - 5));
}

/** @param {number[][]} polynomials @param {number} x */
function ratio([above, below], x) {
  const value = (/** @type {number[]} */ factors) => factors.reduce((sum, factor) => sum * x + factor, 0);
  return value(above) / value(below);
}

/** Draws that a seed repeats (mulberry32). */
export class Random {
  /** @param {number} seed a whole number */
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** In (0, 1), never an end. */
  uniform() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  }

  /** From N(0, 1), through its quantiles. */
  normal() {
    return quantile(this.uniform());
  }
}
