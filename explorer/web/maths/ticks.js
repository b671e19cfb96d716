// Round values along an axis.

/** The smallest of 1, 2, 5 times a power of ten that is at least `least`. @param {number} least above 0 */
export function tickStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * /** @type {number} */ ([1, 2, 5, 10].find((factor) => factor * power >= least * 0.999));
}

/** All multiples of `step` between two values. @param {number} low @param {number} high @param {number} step */
export function ticks(low, high, step) {
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(Math.floor(high / step) - first + 1, 0) }, (_, i) => (first + i) * step);
}
