// Expectations under a two-dimensional standard normal distribution, as weighted sums over nodes.

/** @typedef {{epsilon: [number, number], weight: number}} Node */

/**
 * n x n nodes of Gauss and Hermite: exact for polynomials up to degree 2 n - 1 in each coordinate.
 * @param {number} n @returns {Node[]}
 */
export function gaussHermite(n) {
  const line = hermite(n);
  return line.flatMap((a) =>
    line.map((b) => ({ epsilon: /** @type {[number, number]} */ ([a.x, b.x]), weight: a.weight * b.weight }))
  );
}

/**
 * Equal cells over a disc, weighed by the density at their centres: another rule than the above, to check it by.
 * @param {number} step @param {number} reach radius @returns {Node[]}
 */
export function disc(step, reach) {
  /** @type {Node[]} */
  const nodes = [];
  const count = Math.floor(reach / step);
  for (let i = -count; i <= count; i++) {
    for (let j = -count; j <= count; j++) {
      const squared = (i * i + j * j) * step * step;
      if (squared > reach * reach) continue;
      nodes.push({ epsilon: [i * step, j * step], weight: (Math.exp(-squared / 2) / (2 * Math.PI)) * step * step });
    }
  }
  return nodes;
}

/**
 * Roots of the n-th Hermite polynomial, found one after the other by Newton's method, and their weights.
 * @param {number} n
 */
function hermite(n) {
  /** @type {number[]} */
  const roots = [];
  for (let i = 0; i < n; i++) {
    // Known roots are divided out, so that every search ends at a new one.
    let x = Math.sqrt(4 * n + 2) * (1 - (2 * i) / n) + 1e-3;
    for (let round = 0; round < 200; round++) {
      const { value, slope } = polynomial(n, x);
      const ratio = value / (slope - value * roots.reduce((sum, root) => sum + 1 / (x - root), 0));
      x -= ratio;
      if (Math.abs(ratio) < 1e-14) break;
    }
    roots.push(x);
  }
  // In normalised polynomials the weight is 1 / (n h_{n-1}(x)^2).
  return roots.map((x) => ({ x, weight: 1 / (n * polynomial(n, x).before ** 2) }));
}

/**
 * The normalised Hermite polynomial of degree n, the one before it, and its slope.
 * @param {number} n @param {number} x
 */
function polynomial(n, x) {
  let [before, value] = [0, 1];
  for (let k = 0; k < n; k++) [before, value] = [value, (x * value - Math.sqrt(k) * before) / Math.sqrt(k + 1)];
  return { value, before, slope: Math.sqrt(n) * before };
}
