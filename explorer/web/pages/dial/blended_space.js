// A place between two runs of a family: points, posteriors and images of both, blended.

import { FlatPlane } from "../../maths/projection.js";
import { LatentSpace } from "../../run/latent_space.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */

export class BlendedSpace extends LatentSpace {
  /** @param {LatentSpace[]} members of two latent dimensions, with the same images in the same order */
  constructor(members) {
    const [first] = members;
    const { count } = first;
    const mu = new Float32Array(2 * count);
    const xy = new Float32Array(2 * count);
    const cov = members.every((member) => member.cov) ? new Float32Array(3 * count) : null;
    const { origin, basis } = /** @type {FlatPlane} */ (first.projection);
    const arrays = { ...first.arrays, mu: { ...first.arrays.mu, data: mu } };
    super(arrays, first.decoder, new FlatPlane(xy, origin, basis, cov));
    this.members = members;
    this.at = NaN;
    this.other = new Float32Array(this.decoder.pixels);
    this.goTo(0);
  }

  /** The nearest is looked for among all: cells would have to be made anew in every frame. @override */
  get grid() {
    return null;
  }

  /** The members around the place, which are one where it is on it. @returns {LatentSpace[]} */
  get around() {
    const before = Math.floor(this.at);
    return [this.members[before], this.members[Math.ceil(this.at)]];
  }

  /** How far the way to the second of them is gone, 0 to 1. */
  get share() {
    return this.at - Math.floor(this.at);
  }

  /** @param {number} place  0 is the first member, 1 the second, between them the blend of both */
  goTo(place) {
    if (place === this.at) return;
    this.at = place;
    const { around: [before, after], share, cov } = this;
    mix(before.mu, after.mu, share, this.mu);
    mix(before.means, after.means, share, this.means);
    if (cov && before.cov && after.cov) mix(before.cov, after.cov, share, cov);
  }

  /** What both decoders make of a point, blended. @override @param {Pair} point @param {Float32Array} [out] */
  decode(point, out) {
    return this.blend((member, into) => member.decode(point, into), out);
  }

  /** Both reconstructions of an image, blended. @override @param {number} index @param {Float32Array} [out] */
  reconstruct(index, out) {
    return this.blend((member, into) => member.reconstruct(index, into), out);
  }

  /**
   * @param {(member: LatentSpace, into: Float32Array) => Float32Array} pixels of one member
   * @param {Float32Array} [out]
   */
  blend(pixels, out = new Float32Array(this.decoder.pixels)) {
    const { around: [before, after], share, other } = this;
    pixels(before, out);
    return share ? mix(out, pixels(after, other), share, out) : out;
  }
}

/**
 * @template {Float32Array} T
 * @param {Float32Array} from @param {Float32Array} to @param {number} share of the way @param {T} out
 */
function mix(from, to, share, out) {
  for (let i = 0; i < out.length; i++) out[i] = from[i] + share * (to[i] - from[i]);
  return out;
}
