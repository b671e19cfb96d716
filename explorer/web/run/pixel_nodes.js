// Sixteen codes whose images are decoded once: what each pixel says for them, so that a stroke is a sum.

import { NODES } from "../maths/blocks.js";
import { pixelTerms } from "../network/log_likelihood.js";

/** @typedef {import("../network/decoder.js").Decoder} Decoder */

/** The image that is seen, and which of its pixels are. */
export class SeenImage {
  /** @param {Decoder} decoder */
  constructor(decoder) {
    const [channels, height, width] = decoder.imageShape;
    this.terms = pixelTerms(decoder);
    this.channels = channels;
    /** pixels of one channel, which are seen or hidden together */
    this.places = height * width;
    /** @type {Float32Array} */
    this.x = new Float32Array(channels * this.places);
    /** one byte for each place: 1 where it is seen @type {Uint8Array} */
    this.seen = new Uint8Array(this.places);
  }

  /** Pixels of some places. @param {number[]} places @returns {number[]} */
  pixelsOf(places) {
    const all = [];
    for (let c = 0; c < this.channels; c++) for (const place of places) all.push(c * this.places + place);
    return all;
  }

  /** Whether another image differs at a place. @param {Float32Array} x @param {number} place */
  differs(x, place) {
    for (let c = 0; c < this.channels; c++) {
      if (x[c * this.places + place] !== this.x[c * this.places + place]) return true;
    }
    return false;
  }

  /** Places that are seen. */
  seenPlaces() {
    const all = [];
    for (let i = 0; i < this.places; i++) if (this.seen[i]) all.push(i);
    return all;
  }
}

export class PixelNodes {
  /** @param {ArrayLike<number>[]} codes 16 of them @param {Decoder} decoder @param {SeenImage} image */
  constructor(codes, decoder, image) {
    this.codes = codes;
    const { factor, offset } = image.terms;
    // The 16 numbers of a pixel lie together.
    this.factors = new Float32Array(NODES * image.x.length);
    this.offsets = new Float32Array(NODES * image.x.length);
    decoder.logitsOfEach(codes, (logits, node) => {
      for (let i = 0, at = node; i < logits.length; i++, at += NODES) {
        this.factors[at] = factor(logits[i]);
        this.offsets[at] = offset(logits[i]);
      }
    });
    /** log p(seen pixels | z) in nats */
    this.logLikelihood = new Float64Array(NODES);
    /** of each node, the probabilities of the classes, once they were asked for @type {(number[] | null)[]} */
    this.classes = Array(NODES).fill(null);
    this.recount(image);
  }

  /** @param {SeenImage} image */
  recount(image) {
    this.logLikelihood.fill(0);
    this.count(image.x, image.pixelsOf(image.seenPlaces()), 1, image.terms.constant);
  }

  /**
   * Some pixels come to be seen, or are not seen any more.
   * @param {Float32Array} x @param {number[]} pixels @param {1 | -1} sign @param {(pixel: number) => number} constant
   */
  count(x, pixels, sign, constant) {
    const { factors, offsets, logLikelihood } = this;
    for (const pixel of pixels) {
      const value = x[pixel];
      const known = sign * constant(value);
      for (let node = 0, at = pixel * NODES; node < NODES; node++, at++) {
        logLikelihood[node] += sign * (value * factors[at] + offsets[at]) + known;
      }
    }
  }

  /** What the decoder gave for a node. @param {number} node @param {Float32Array} factors of each pixel */
  read(node, factors) {
    for (let i = 0; i < factors.length; i++) factors[i] = this.factors[i * NODES + node];
    return factors;
  }
}
