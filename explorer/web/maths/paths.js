// Paths from one latent vector to another, as functions of t in [0, 1].

/** @typedef {(t: number) => number[]} Path  z at t */

const CLOSE = 1e-9; // radians between directions that count as one

/** The straight line. @param {ArrayLike<number>} a @param {ArrayLike<number>} b @returns {Path} */
export function linear(a, b) {
  return (t) => Array.from(a, (v, d) => (1 - t) * v + t * b[d]);
}

/**
 * Around the origin, the prior's mean: the direction turns at an even rate along the great circle, the norm goes evenly
 * from |a| to |b|. Parallel vectors, and a zero vector, which has no direction, leave the straight line. Opposite
 * vectors have no one great circle: the turn goes by the axis that they point along least.
 * @param {ArrayLike<number>} a @param {ArrayLike<number>} b @returns {Path}
 */
export function spherical(a, b) {
  const [ra, rb] = [norm(a), norm(b)];
  if (ra === 0 || rb === 0 || a.length < 2) return linear(a, b);
  const u = Array.from(a, (v) => v / ra);
  const v = Array.from(b, (w) => w / rb);
  const angle = 2 * Math.atan2(norm(u.map((x, d) => x - v[d])), norm(u.map((x, d) => x + v[d])));
  if (angle < CLOSE) return linear(a, b);
  const side = Math.PI - angle < CLOSE ? across(u) : beside(v, u);
  return (t) => {
    if (t === 1) return Array.from(b);
    const r = (1 - t) * ra + t * rb;
    return u.map((x, d) => r * (Math.cos(t * angle) * x + Math.sin(t * angle) * side[d]));
  };
}

/**
 * Through given vectors, which lie at the given marks: never falling, from 0 up.
 * @param {ArrayLike<number>[]} vectors @param {number[]} marks @returns {Path}
 */
export function through(vectors, marks) {
  const last = marks.length - 1;
  const whole = marks[last];
  return (t) => {
    if (t >= 1 || !(whole > 0)) return linear(vectors[0], vectors[last])(t);
    let next = 1;
    while (next < last && marks[next] < t * whole) next += 1;
    const gap = marks[next] - marks[next - 1];
    return linear(vectors[next - 1], vectors[next])(gap > 0 ? (t * whole - marks[next - 1]) / gap : 0);
  };
}

/** `count + 1` vectors along a path. @param {Path} path @param {number} count */
export function sample(path, count) {
  return Array.from({ length: count + 1 }, (_, i) => path(i / count));
}

/** The part of v that is perpendicular to u, at length 1. @param {number[]} v @param {number[]} u */
function beside(v, u) {
  const along = u.reduce((sum, x, d) => sum + x * v[d], 0);
  const rest = v.map((x, d) => x - along * u[d]);
  const length = norm(rest);
  return rest.map((x) => x / length);
}

/** @param {number[]} u of length 1 */
function across(u) {
  const least = u.reduce((best, x, d) => (Math.abs(x) < Math.abs(u[best]) ? d : best), 0);
  return beside(u.map((_, d) => Number(d === least)), u);
}

/** @param {ArrayLike<number>} v */
export function norm(v) {
  let sum = 0;
  for (let d = 0; d < v.length; d++) sum += v[d] * v[d];
  return Math.sqrt(sum);
}

/** The L2 distance of two images or vectors. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export function distance(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return Math.sqrt(sum);
}
