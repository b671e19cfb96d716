// The two ends of a way, A and B: held-out images, points of the plane, or B made from A by class arithmetic.

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {{from: number, to: number, strength: number}} Arithmetic  classes, and how much of their difference */

export class PathEnds {
  /** @param {HeldOut} heldOut */
  constructor(heldOut) {
    this.heldOut = heldOut;
    /** images, -1 where an end is a point */
    this.images = [-1, -1];
    /** @type {Pair[]} */
    this.points = [[0, 0], [0, 0]];
    /** @type {Arithmetic | null} */
    this.arithmetic = null;
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

  /** Both ends in a run's latent space. @param {LatentSpace} space @returns {[number[], number[]]} */
  latents(space) {
    const [a, b] = [0, 1].map((
      which,
    ) => (this.images[which] < 0 ? space.latent(this.points[which]) : Array.from(space.code(this.images[which]))));
    return [a, this.shifted(space, a) ?? b];
  }

  /**
   * The same ends in any other run. A point belongs to one run only: its nearest image there stands in.
   * @param {LatentSpace} space @param {LatentSpace} home the run whose points they are @returns {[number[], number[]]}
   */
  latentsOfImages(space, home) {
    const [a, b] = this.nearestImages(home).map((index) => Array.from(space.code(index)));
    return [a, this.shifted(space, a) ?? b];
  }

  /** @param {LatentSpace} home */
  nearestImages(home) {
    return [0, 1].map((
      which,
    ) => (this.images[which] < 0 ? home.nearest(this.points[which]).index : this.images[which]));
  }

  /** z + strength (mean of class b - mean of class a) @param {LatentSpace} space @param {number[]} z */
  shifted(space, z) {
    const shift = this.shift(space);
    return shift && this.arithmetic ? z.map((v, d) => v + (this.arithmetic?.strength ?? 0) * shift[d]) : null;
  }

  /** @param {LatentSpace} space @returns {number[] | null} */
  shift(space) {
    if (!this.arithmetic) return null;
    const [from, to] = [this.heldOut.mean(space, this.arithmetic.from), this.heldOut.mean(space, this.arithmetic.to)];
    return from && to ? Array.from(to, (v, d) => v - from[d]) : new Array(space.dim).fill(0);
  }
}
