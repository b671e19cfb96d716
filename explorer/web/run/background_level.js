// How light the background of an image is, place by place: a photo's light is rarely even.

const FLAT = 8; // of 255 levels: a border that varies less is a background in even light
const SAMPLES = 48; // a side, at most
const ROUNDS = 20;

/**
 * The background's level at each pixel: the border's median, or in uneven light the quadratic surface from which the
 * image differs least in sum (ink is the smaller part of an image, and hardly moves that).
 * @param {ArrayLike<number>} grey 0..255, row by row @param {number} width @param {number} height
 * @returns {Float32Array} row by row
 */
export function backgroundLevel(grey, width, height) {
  const edge = border(width, height).map((i) => grey[i]);
  const level = quantile(edge, 0.5);
  const spread = quantile(edge.map((v) => Math.abs(v - level)), 0.9);
  const background = new Float32Array(width * height).fill(level);
  if (spread < FLAT) return background;
  const u = Float64Array.from({ length: width }, (_, x) => (2 * x) / width - 1);
  const v = Float64Array.from({ length: height }, (_, y) => (2 * y) / height - 1);
  const rows = samples(width, height).map(([x, y]) => (
    { at: [1, u[x], v[y], u[x] * u[x], u[x] * v[y], v[y] * v[y]], value: grey[y * width + x] }
  ));
  let surface = [level, 0, 0, 0, 0, 0];
  // Least absolute deviations, as least squares whose weights are the last round's distances.
  for (let round = 0; round < ROUNDS; round++) {
    const matrix = surface.map(() => surface.map(() => 0));
    const right = surface.map(() => 0);
    for (const { at, value } of rows) {
      const weight = 1 / Math.max(Math.abs(value - dot(surface, at)), 1);
      at.forEach((a, j) => {
        right[j] += weight * a * value;
        at.forEach((b, k) => {
          matrix[j][k] += weight * a * b;
        });
      });
    }
    surface = solve(matrix, right);
  }
  const [one, across, down, acrossAcross, acrossDown, downDown] = surface;
  for (let y = 0; y < height; y++) {
    const [start, slope] = [one + (down + downDown * v[y]) * v[y], across + acrossDown * v[y]];
    for (let x = 0; x < width; x++) background[y * width + x] = start + (slope + acrossAcross * u[x]) * u[x];
  }
  return background;
}

/** Indices of the outermost pixels. @param {number} width @param {number} height */
export function border(width, height) {
  const found = [];
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(width - 1, 1);
    for (let x = 0; x < width; x += step) found.push(y * width + x);
  }
  return found;
}

/** @param {number[]} values @param {number} share */
export function quantile(values, share) {
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.round(share * (sorted.length - 1))];
}

/** Pixels on an even grid. @param {number} width @param {number} height @returns {[number, number][]} */
function samples(width, height) {
  const places = (/** @type {number} */ length) => {
    const count = Math.min(length, SAMPLES);
    return Array.from({ length: count }, (_, k) => Math.floor(((k + 0.5) * length) / count));
  };
  return places(height).flatMap((y) => places(width).map((x) => /** @type {[number, number]} */ ([x, y])));
}

/** @param {number[]} a @param {number[]} b */
function dot(a, b) {
  return a.reduce((sum, v, i) => sum + v * b[i], 0);
}

/** A symmetric positive definite system, by elimination. @param {number[][]} matrix @param {number[]} right */
function solve(matrix, right) {
  const size = right.length;
  const rows = matrix.map((row, j) => [...row.map((v, k) => (j === k ? v + 1e-9 : v)), right[j]]);
  for (let j = 0; j < size; j++) {
    for (let below = j + 1; below < size; below++) {
      const factor = rows[below][j] / rows[j][j];
      for (let k = j; k <= size; k++) rows[below][k] -= factor * rows[j][k];
    }
  }
  const found = right.map(() => 0);
  for (let j = size - 1; j >= 0; j--) {
    found[j] = (rows[j][size] - dot(rows[j].slice(j + 1, size), found.slice(j + 1))) / rows[j][j];
  }
  return found;
}
