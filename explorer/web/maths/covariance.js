// A symmetric 2x2 matrix by its eigenvalues, and a covariance as an ellipse.

/** @typedef {import("./types.js").Pair} Pair */
/**
 * One standard deviation along each axis; angle of the first in radians, counter-clockwise.
 * @typedef {{rx: number, ry: number, angle: number}} Ellipse
 */

/**
 * Eigenvalues, the larger first, and the angle of the first one's direction.
 * @param {number} xx @param {number} xy @param {number} yy
 * @returns {{values: [number, number], angle: number}}
 */
export function eigen(xx, xy, yy) {
  const mean = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  // The smaller in size by the determinant: the difference would lose its digits.
  const outer = mean >= 0 ? mean + spread : mean - spread;
  const inner = outer === 0 ? 0 : (xx * yy - xy * xy) / outer;
  return { values: mean >= 0 ? [outer, inner] : [inner, outer], angle: 0.5 * Math.atan2(2 * xy, xx - yy) };
}

const CORNERS = 72; // of an outline

/**
 * A Gaussian's ellipse as a closed curve.
 * @param {Pair} mean @param {ArrayLike<number>} cov xx, xy, yy @param {number} sigma standard deviations
 * @returns {Pair[]}
 */
export function outline([x, y], { 0: xx, 1: xy, 2: yy }, sigma) {
  const { rx, ry, angle } = ellipse(xx, xy, yy);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return Array.from({ length: CORNERS }, (_, i) => {
    const turn = (2 * Math.PI * i) / CORNERS;
    const [along, aside] = [sigma * rx * Math.cos(turn), sigma * ry * Math.sin(turn)];
    return [x + along * cos - aside * sin, y + along * sin + aside * cos];
  });
}

/**
 * One standard deviation of a covariance.
 * @param {number} xx @param {number} xy @param {number} yy @returns {Ellipse}
 */
export function ellipse(xx, xy, yy) {
  const { values: [large, small], angle } = eigen(xx, xy, yy);
  return { rx: Math.sqrt(large), ry: Math.sqrt(Math.max(small, 0)), angle };
}
