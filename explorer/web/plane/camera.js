// The view of the plane: which part of it is seen, at one scale for both axes; of a line, z across and a share of 1 up.

/** @typedef {import("../maths/types.js").Pair} Pair */

const PERCENT_SHARE = 0.92; // of the view that the axes of percentiles take
const [FLOOR, TALL] = [0.82, 0.7]; // where a line lies, from the top, and how high 1 is; shares of the view

export class Camera {
  constructor() {
    /** @type {Pair} */
    this.center = [0, 0];
    /** pixels a unit */
    this.scale = 60;
    this.width = 1;
    this.height = 1;
    /** whether a latent space of one dimension is seen: only what lies across can be zoomed and moved */
    this.line = false;
    /** whether the axes are percentiles of the prior, from 0 to 100 */
    this.percent = false;
  }

  /** pixels a unit upwards */
  get up() {
    return this.line ? TALL * this.height : this.scale;
  }

  /** @param {Pair} point @returns {Pair} pixel inside the plot area */
  toPixel([x, y]) {
    return [this.width / 2 + (x - this.center[0]) * this.scale, this.height / 2 - (y - this.center[1]) * this.up];
  }

  /** @param {Pair} pixel @returns {Pair} */
  toPoint([px, py]) {
    return [this.center[0] + (px - this.width / 2) / this.scale, this.center[1] - (py - this.height / 2) / this.up];
  }

  /** Visible interval of each axis: [[left, right], [bottom, top]]. @returns {[Pair, Pair]} */
  ranges() {
    const [left, top] = this.toPoint([0, 0]);
    const [right, bottom] = this.toPoint([this.width, this.height]);
    return [[left, right], [bottom, top]];
  }

  /** Show a run's points, or all percentiles. @param {import("../run/latent_space.js").LatentSpace} space */
  fitTo({ xy, line, percentiles }) {
    this.percent = percentiles !== null;
    this.line = line;
    if (this.percent) this.frame([0, 0, 100, 100], PERCENT_SHARE);
    else this.fit(xy, line);
  }

  /** The box of all percentiles, as far as it is seen, in pixels: left, right, top, bottom. */
  percentBox() {
    const [[left, bottom], [right, top]] = [this.toPixel([0, 0]), this.toPixel([100, 100])];
    return [
      Math.max(left, 0),
      Math.min(right, this.width),
      this.line ? 0 : Math.max(top, 0),
      this.line ? this.height : Math.min(bottom, this.height),
    ];
  }

  /**
   * Show the cloud of the given interleaved points; its outermost hundredth on each axis may lie outside.
   * @param {ArrayLike<number>} xy @param {boolean} [line] codes of one dimension, at heights from 0 to 1
   */
  fit(xy, line = false) {
    this.line = line;
    const [left, right] = middle(Float32Array.from({ length: xy.length / 2 }, (_, i) => xy[2 * i]));
    const [bottom, top] = middle(Float32Array.from({ length: xy.length / 2 }, (_, i) => xy[2 * i + 1]));
    // A cloud as small as a point (a collapsed run) is still shown against the prior's own scale.
    const [wide, tall] = [Math.max(right - left, 4), Math.max(top - bottom, 4)];
    this.lookAt([(left + right) / 2, (bottom + top) / 2]);
    this.scale = 0.88 * Math.min(this.width / wide, line ? Infinity : this.height / tall);
  }

  /**
   * Show a box, with room around it.
   * @param {number[]} box x low, y low, x high, y high @param {number} share of the view that it takes
   */
  frame([left, bottom, right, top], share) {
    this.lookAt([(left + right) / 2, (bottom + top) / 2]);
    const tall = this.line ? Infinity : this.height / (top - bottom);
    this.scale = Math.min(share * Math.min(this.width / (right - left), tall), 1e6);
  }

  /** @param {Pair} pixel stays over the same point of the plane @param {number} factor above 1 zooms in */
  zoom(pixel, factor) {
    const before = this.toPoint(pixel);
    this.scale = Math.min(Math.max(this.scale * factor, 0.5), 1e6);
    const after = this.toPoint(pixel);
    this.lookAt([this.center[0] + before[0] - after[0], this.center[1] + before[1] - after[1]]);
  }

  /** @param {number} dx pixels @param {number} dy pixels */
  pan(dx, dy) {
    this.lookAt([this.center[0] - dx / this.scale, this.center[1] + dy / this.up]);
  }

  /** Have a point in the middle; a line keeps its height. @param {Pair} point */
  lookAt([x, y]) {
    this.center = [x, this.line ? (FLOOR - 0.5) / TALL : y];
  }
}

/**
 * The interval that holds all but half a percent at each end.
 * @param {Float32Array} values sorted in place @returns {Pair}
 */
function middle(values) {
  values.sort();
  const outer = Math.floor(0.005 * (values.length - 1));
  return [values[outer], values[values.length - 1 - outer]];
}
