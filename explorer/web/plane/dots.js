// Thousands of round dots a frame, painted into a buffer of pixels: drawn one by one on a canvas they take most of it.

const PHASES = 4; // places within a pixel, each way, at which a dot can lie: a cloud that glides is not to jump
const FINE = 8; // samples a pixel, each way, of how much of it a dot covers

/**
 * How much a dot covers of the pixels around it.
 * @typedef {object} Stamp
 * @property {number} radius  pixels
 * @property {number} side  pixels
 * @property {Uint8Array} alpha  opacity, 0 to 255; (PHASES down, PHASES across, side, side)
 * @property {Uint8Array} first  pixel of each row that is covered; (PHASES, PHASES, side)
 * @property {Uint8Array} end  the one after its last
 */

/** @type {Map<string, Stamp>} by diameter and opacity */
const stamps = new Map();
/** of the largest picture so far, all 0 between two of them; all painters share it */
let pixels = new Int32Array(0);

/** A picture of dots, which lie over each other in the order in which they are added. All lengths in device pixels. */
export class Dots {
  /** @param {number} width @param {number} height whole */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    if (pixels.length < width * height) pixels = new Int32Array(width * height);
    /** what has been painted on: columns and rows, the last ones not in it */
    this.left = width;
    this.right = 0;
    this.top = height;
    this.bottom = 0;
    this.stamp = stampOf(1, 1);
  }

  /** What the next dots are like. @param {number} diameter @param {number} opacity in [0, 1] */
  take(diameter, opacity) {
    this.stamp = stampOf(diameter, opacity);
  }

  /**
   * A dot, of which what lies outside is not painted.
   * @param {number} x of its middle, from the left @param {number} y from the top @param {number} color as `packed`
   */
  add(x, y, color) {
    const buffer = pixels;
    const { width, stamp: { radius, side, alpha, first, end } } = this;
    const [across, down] = [Math.round((x - radius) * PHASES), Math.round((y - radius) * PHASES)];
    const [left, top] = [Math.floor(across / PHASES), Math.floor(down / PHASES)];
    const [from, to] = [Math.max(top, 0), Math.min(top + side, this.height)];
    const [leftmost, rightmost] = [Math.max(left, 0), Math.min(left + side, width)];
    if (from >= to || leftmost >= rightmost) return;
    if (leftmost < this.left) this.left = leftmost;
    if (rightmost > this.right) this.right = rightmost;
    if (from < this.top) this.top = from;
    if (to > this.bottom) this.bottom = to;
    const phase = (down - top * PHASES) * PHASES + across - left * PHASES;
    for (let row = from; row < to; row++) {
      const line = phase * side + row - top;
      const last = Math.min(left + end[line], rightmost);
      for (let column = Math.max(left + first[line], leftmost); column < last; column++) {
        const at = row * width + column;
        const above = alpha[line * side + column - left];
        const below = buffer[at];
        buffer[at] = below === 0 ? above << 24 | color : over(above, color, below);
      }
    }
  }

  /** Put the picture on a canvas, and be done with it. @param {CanvasRenderingContext2D} context @param {number} x */
  put(context, x, /** @type {number} */ y) {
    const { left, right, top, bottom, width, height } = this;
    if (left >= right) return;
    const bytes = new Uint8ClampedArray(pixels.buffer, 0, 4 * width * height);
    context.putImageData(new ImageData(bytes, width, height), x, y, left, top, right - left, bottom - top);
    for (let row = top; row < bottom; row++) pixels.fill(0, row * width + left, row * width + right);
    Object.assign(this, { left: width, right: 0, top: height, bottom: 0 });
  }
}

/**
 * A colour over a pixel, "source over" with straight alpha: c = t c_above + (1 - t) c_below with t = a_above / a.
 * Red and blue are mixed in one product, in 256ths.
 * @param {number} above opacity, 1 to 255 @param {number} color as `packed`
 * @param {number} below a pixel, alpha uppermost
 */
function over(above, color, below) {
  const alpha = above + (Math.imul((below >>> 24) * (255 - above), 257) + 32_896 >>> 16); // x / 255, rounded
  const share = (256 * above + (alpha >> 1)) / alpha | 0;
  const redBlue = Math.imul(color & 0xff00ff, share) + Math.imul(below & 0xff00ff, 256 - share) + 0x800080;
  const green = Math.imul(color & 0xff00, share) + Math.imul(below & 0xff00, 256 - share) + 0x8000;
  return alpha << 24 | redBlue >>> 8 & 0xff00ff | green >>> 8 & 0xff00;
}

/** A colour as a pixel holds it: blue, green, red from the highest bits. @param {string} color as #rrggbb */
export function packed(color) {
  const number = parseInt(color.slice(1), 16);
  return (number & 0xff) << 16 | number & 0xff00 | number >>> 16;
}

/** @param {number} diameter @param {number} opacity */
function stampOf(diameter, opacity) {
  const key = `${diameter} ${opacity}`;
  const known = stamps.get(key);
  if (known) return known;
  const [radius, side] = [diameter / 2, Math.ceil(diameter) + 1];
  const alpha = new Uint8Array(PHASES * PHASES * side * side);
  const [first, end] = [new Uint8Array(PHASES * PHASES * side).fill(side), new Uint8Array(PHASES * PHASES * side)];
  for (let i = 0; i < alpha.length; i++) {
    const [line, column] = [Math.floor(i / side), i % side];
    const phase = Math.floor(line / side);
    const x = radius + phase % PHASES / PHASES - column;
    const y = radius + Math.floor(phase / PHASES) / PHASES - line % side;
    alpha[i] = Math.round(255 * opacity * covered(x, y, radius));
    if (!alpha[i]) continue;
    first[line] = Math.min(first[line], column);
    end[line] = column + 1;
  }
  const stamp = { radius, side, alpha, first, end };
  stamps.set(key, stamp);
  return stamp;
}

/**
 * The share of a pixel that a disc covers.
 * @param {number} x of the disc's middle, from the pixel's left @param {number} y from its top @param {number} radius
 */
function covered(x, y, radius) {
  let inside = 0;
  for (let i = 0; i < FINE * FINE; i++) {
    const [dx, dy] = [(i % FINE + 0.5) / FINE - x, (Math.floor(i / FINE) + 0.5) / FINE - y];
    if (dx * dx + dy * dy <= radius * radius) inside++;
  }
  return inside / (FINE * FINE);
}
