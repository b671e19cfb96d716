// The two ends of a path, A and B: held-out images, points of the plane, or B made from A by class arithmetic.

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/**
 * Where the ends may be at first: the numbers of images, or else points.
 * @typedef {Pick<import("./interpolate.js").State, "image_a" | "image_b" | "a" | "b">} Named
 */
/** @typedef {{from: number, to: number, strength: number}} Arithmetic  classes, and how much of their difference */

export class PathEnds {
  /** @param {HeldOut} heldOut @param {LatentSpace} home the run whose plane the points are on */
  constructor(heldOut, home) {
    this.heldOut = heldOut;
    this.home = home;
    /** images, -1 where an end is a point */
    this.images = [-1, -1];
    /** @type {Pair[]} */
    this.points = [[0, 0], [0, 0]];
    /** @type {Arithmetic | null} */
    this.arithmetic = null;
  }

  /** Begin where an address says, or else at typical images. @param {Named | null} named @param {number[]} classes */
  begin(named, classes) {
    const { heldOut, home } = this;
    const images = [named?.image_a ?? null, named?.image_b ?? null];
    const points = [named?.a ?? null, named?.b ?? null];
    for (const which of [0, 1]) {
      const [image, point] = [images[which], points[which]];
      if (image !== null && image < home.count) this.setImage(which, image);
      else if (point) this.setPoint(which, point);
      else {
        const typical = heldOut.typical(classes[which]);
        const taken = which === 1 && this.images[0] === typical; // where there is but one class
        this.setImage(which, taken ? heldOut.next(typical, 1) : typical);
      }
    }
  }

  /** @param {number} which @param {number} index */
  setImage(which, index) {
    this.images[which] = index;
  }

  /** @param {number} which @param {Pair} point */
  setPoint(which, point) {
    this.images[which] = -1;
    this.points[which] = point;
  }

  /** Whether an end is made from the other one, not chosen. @param {number} which */
  derived(which) {
    return which === 1 && this.arithmetic !== null;
  }

  /** Both ends' z. @returns {[number[], number[]]} */
  latents() {
    const { home } = this;
    const [a, b] = this.images.map((image, which) =>
      image < 0 ? home.latent(this.points[which]) : Array.from(home.code(image))
    );
    return [a, this.shifted(home, a) ?? b];
  }

  /**
   * The same ends in any other run. A point belongs to one run only: its nearest image there stands in.
   * @param {LatentSpace} space @returns {[number[], number[]]}
   */
  latentsIn(space) {
    const [a, b] = this.nearestImages().map((index) => Array.from(space.code(index)));
    return [a, this.shifted(space, a) ?? b];
  }

  /** The image at each end, or the one nearest to its point. */
  nearestImages() {
    return this.images.map((image, which) =>
      image < 0 ? this.home.nearestCodes(this.home.latent(this.points[which]), 1)[0].index : image
    );
  }

  /** z + strength (mean of class b - mean of class a) @param {LatentSpace} space @param {number[]} z */
  shifted(space, z) {
    const { arithmetic } = this;
    const shift = this.shift(space);
    return shift && arithmetic ? z.map((v, d) => v + arithmetic.strength * shift[d]) : null;
  }

  /** @param {LatentSpace} space @returns {number[] | null} */
  shift(space) {
    if (!this.arithmetic) return null;
    const [from, to] = [this.heldOut.mean(space, this.arithmetic.from), this.heldOut.mean(space, this.arithmetic.to)];
    return from && to ? Array.from(to, (v, d) => v - from[d]) : new Array(space.dim).fill(0);
  }
}
