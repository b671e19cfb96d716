// The decoder: z in, the pixels' expected values out.

import { priorOf } from "../maths/prior.js";
import { Network } from "./network.js";

export class Decoder {
  /**
   * @param {Record<string, import("./safetensors.js").Tensor>} tensors
   * @param {Record<string, string>} metadata  layers, image_shape, latent_dim, classes of a conditional run,
   *   likelihood, log_sigma of a Gaussian one (explorer/loader.py)
   * @param {Decoder} [before]  of the same layers and not used any more: its memory is taken over
   */
  constructor(tensors, metadata, before) {
    /** [C, H, W] */
    this.imageShape = /** @type {number[]} */ (JSON.parse(metadata.image_shape));
    this.likelihood = metadata.likelihood;
    /** whether the run's images are made black and white before anything is computed of them */
    this.binarizes = metadata.binarize === "true";
    /** whether its Bernoulli is of grey pixels: a cross-entropy, no log-probability */
    this.crossEntropy = metadata.cross_entropy === "true";
    this.prior = priorOf(metadata);
    /** logarithm of a Gaussian likelihood's standard deviation */
    this.logSigma = Number(metadata.log_sigma ?? 0);
    this.mean = metadata.likelihood === "continuous-bernoulli" ? continuousBernoulliMean : sigmoid;
    /** how many there are of which a conditional run is given one; 0 for any other run */
    this.classes = Number(metadata.classes ?? 0);
    /** the class given, -1 for none */
    this.label = -1;
    /** the same network with another class given @type {Map<number, Decoder>} */
    this.byClass = new Map();
    const inputs = metadata.latent_dim ? Number(metadata.latent_dim) : undefined;
    const sizes = { inputs, classes: this.classes, before: before?.network };
    this.network = new Network(tensors, JSON.parse(metadata.layers), sizes);
    /** why the server decodes, where it does (remote_decoder.js) */
    this.server = "";
    this.problem = "";
    /** called when an image that the server was asked for is here */
    this.arrived = () => {};
    const [channels, height, width] = this.imageShape;
    this.pixels = channels * height * width;
  }

  /**
   * The decoder of a conditional run with this class given, E[x|z, y]; any other decoder is its own.
   * @param {number} label @returns {Decoder}
   */
  given(label) {
    if (!this.classes || label === this.label) return this;
    const known = this.byClass.get(label) ?? Object.assign(Object.create(Decoder.prototype), this, { label });
    this.byClass.set(label, known);
    return known;
  }

  /** What is given for z before it is made pixels, which the next call overwrites. @param {ArrayLike<number>} z */
  logits(z) {
    this.network.give(this.label);
    return this.network.run(z);
  }

  /**
   * The same for many z, faster than one by one.
   * @param {ArrayLike<number>[]} codes @param {(logits: Float32Array, index: number) => void} take
   */
  logitsOfEach(codes, take) {
    this.network.give(this.label);
    this.network.runEach(codes, take);
  }

  /**
   * E[x|z] with every pixel in [0, 1], channel by channel, row by row.
   * @param {ArrayLike<number>} z
   * @param {Float32Array} [out]
   */
  decode(z, out = new Float32Array(this.pixels)) {
    return this.read(this.logits(z), out);
  }

  /**
   * The same for many z, faster than one by one; each image is overwritten by the next.
   * @param {ArrayLike<number>[]} codes @param {(pixels: Float32Array, index: number) => void} take
   */
  decodeEach(codes, take) {
    const out = new Float32Array(this.pixels);
    this.logitsOfEach(codes, (logits, index) => take(this.read(logits, out), index));
  }

  /** @param {ArrayLike<number>} logits @param {Float32Array} out */
  read(logits, out) {
    for (let i = 0; i < out.length; i++) out[i] = this.mean(logits[i]);
    return out;
  }
}

/** @param {number} logit */
function sigmoid(logit) {
  return 1 / (1 + Math.exp(-logit));
}

/** @param {number} logit */
function continuousBernoulliMean(logit) {
  // Near 0 the two large terms cancel; their series is 1/2 + logit/12.
  if (Math.abs(logit) < 1e-2) return 0.5 + logit / 12;
  return sigmoid(logit) / Math.tanh(logit / 2) - 1 / logit;
}
