// The error function.

// Press et al., Numerical Recipes, erfcc: a relative error of at most 1.2e-7; the highest power last.
const ERFC = [
  -1.26551223,
  1.00002368,
  0.37409196,
  0.09678418,
  -0.18628806,
  0.27886807,
  -1.13520398,
  1.48851587,
  -0.82215223,
  0.17087277,
];

/** 1 - erf(x). @param {number} x */
export function erfc(x) {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const tail = t * Math.exp(ERFC.reduceRight((sum, factor) => sum * t + factor, 0) - x * x);
  return x >= 0 ? tail : 2 - tail;
}
