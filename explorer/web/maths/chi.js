// How far from 0 draws of N(0, I) lie: |z| of D dimensions has a chi distribution.

import { erfc } from "./erf.js";

/**
 * The share of draws of N(0, I) in `dim` dimensions that lie nearer to 0 than `radius`: P(D/2, r²/2), the regularised
 * incomplete gamma function, which for whole D is a finite sum. True to about 1e-7.
 * @param {number} radius @param {number} dim
 */
export function chiShare(radius, dim) {
  const x = 0.5 * radius * radius;
  if (x === 0) return 0;
  let [power, farther] = dim % 2 ? [0.5, erfc(Math.sqrt(x))] : [0, 0];
  let log = power ? 0.5 * Math.log(x) - Math.log(0.5 * Math.sqrt(Math.PI)) : 0; // log of x^power / Γ(power + 1)
  for (; power < 0.5 * dim; power++) {
    farther += Math.exp(log - x);
    log += Math.log(x / (power + 1));
  }
  return Math.min(Math.max(1 - farther, 0), 1);
}
