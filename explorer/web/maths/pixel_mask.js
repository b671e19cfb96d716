// Which pixels of an image are seen: some ways to choose them, brushes, and a mask as a short text.

/** One byte for each place, 1 where it is seen. @typedef {Uint8Array} Mask */
/** @typedef {{width: number, height: number}} Size */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** @typedef {(x: number, y: number, size: Size, chance: () => number) => boolean} Way  whether a place is seen */

/** Ways to begin. @type {Record<string, Way>} */
export const WAYS = {
  nothing: () => false,
  everything: () => true,
  upper: (_x, y, { height }) => y < height / 2,
  lower: (_x, y, { height }) => y >= height / 2,
  left: (x, _y, { width }) => x < width / 2,
  right: (x, _y, { width }) => x >= width / 2,
  random: (_x, _y, _size, chance) => chance() < 0.1,
  every: (x, y) => x % 4 === 1 && y % 4 === 1,
};

/** @param {keyof typeof WAYS} way @param {Size} size @param {() => number} chance in (0, 1) @returns {Mask} */
export function maskOf(way, size, chance) {
  const { width, height } = size;
  return Uint8Array.from(
    { length: width * height },
    (_, i) => Number(WAYS[way](i % width, Math.floor(i / width), size, chance)),
  );
}

/** Six places a letter, the first highest; what is not seen at the end is left out. @param {Mask} mask */
export function textOf(mask) {
  let text = "";
  for (let i = 0; i < mask.length; i += 6) {
    let value = 0;
    for (let k = 0; k < 6; k++) value = 2 * value + (mask[i + k] ?? 0);
    text += LETTERS[value];
  }
  return text.replace(/A+$/, "") || "A";
}

/** The mask that a text says, as far as there are places. @param {string} text @param {number} count @returns {Mask} */
export function maskIn(text, count) {
  return Uint8Array.from({ length: count }, (_, i) => {
    const value = Math.max(LETTERS.indexOf(text[Math.floor(i / 6)] ?? "A"), 0);
    return (value >> (5 - (i % 6))) & 1;
  });
}

/**
 * The places that a round brush touches on its way.
 * @param {import("./types.js").Pair} from @param {import("./types.js").Pair} to in pixels @param {number} wide
 * @param {Size} size @returns {number[]}
 */
export function brushed([x0, y0], [x1, y1], wide, { width, height }) {
  const found = new Set();
  const steps = Math.max(Math.ceil(2 * Math.hypot(x1 - x0, y1 - y0)), 1);
  const radius = wide / 2;
  for (let k = 0; k <= steps; k++) {
    const [x, y] = [x0 + ((x1 - x0) * k) / steps, y0 + ((y1 - y0) * k) / steps];
    for (let row = Math.floor(y - radius); row <= y + radius; row++) {
      for (let column = Math.floor(x - radius); column <= x + radius; column++) {
        const inside = row >= 0 && column >= 0 && row < height && column < width;
        const own = row === Math.floor(y) && column === Math.floor(x);
        if (inside && (own || Math.hypot(column + 0.5 - x, row + 0.5 - y) <= radius)) found.add(row * width + column);
      }
    }
  }
  return [...found];
}

/**
 * The places of a rectangle between two pixels.
 * @param {import("./types.js").Pair} from @param {import("./types.js").Pair} to @param {Size} size @returns {number[]}
 */
export function boxed([x0, y0], [x1, y1], { width, height }) {
  const found = [];
  const [left, right] = [Math.max(Math.floor(Math.min(x0, x1)), 0), Math.min(Math.floor(Math.max(x0, x1)), width - 1)];
  const [top, low] = [Math.max(Math.floor(Math.min(y0, y1)), 0), Math.min(Math.floor(Math.max(y0, y1)), height - 1)];
  for (let y = top; y <= low; y++) for (let x = left; x <= right; x++) found.push(y * width + x);
  return found;
}

/**
 * Lines around what is seen: ends of each piece, in pixels.
 * @param {Mask} mask @param {Size} size @returns {number[][]}
 */
export function borders(mask, { width, height }) {
  const at = (/** @type {number} */ x, /** @type {number} */ y) =>
    x >= 0 && y >= 0 && x < width && y < height ? mask[y * width + x] : 0;
  /** @type {number[][]} */
  const lines = [];
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x < width; x++) {
      if (at(x, y - 1) === at(x, y)) continue;
      const last = lines.at(-1);
      if (last && last[1] === y && last[3] === y && last[2] === x) last[2] = x + 1;
      else lines.push([x, y, x + 1, y]);
    }
  }
  for (let x = 0; x <= width; x++) {
    for (let y = 0; y < height; y++) {
      if (at(x - 1, y) === at(x, y)) continue;
      const last = lines.at(-1);
      if (last && last[0] === x && last[2] === x && last[3] === y) last[3] = y + 1;
      else lines.push([x, y, x, y + 1]);
    }
  }
  return lines;
}
