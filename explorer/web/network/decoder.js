// The decoder: z in, the pixels' expected values out.

import { Network } from "./network.js";

export class Decoder {
  /**
   * @param {Record<string, import("./safetensors.js").Tensor>} tensors
   * @param {Record<string, string>} metadata  layers, image_shape, likelihood, log_sigma of a Gaussian one
   *   (explorer/loader.py)
   */
  constructor(tensors, metadata) {
    /** [C, H, W] */
    this.imageShape = /** @type {number[]} */ (JSON.parse(metadata.image_shape));
    this.likelihood = metadata.likelihood;
    /** logarithm of a Gaussian likelihood's standard deviation */
    this.logSigma = Number(metadata.log_sigma ?? 0);
    this.mean = metadata.likelihood === "continuous-bernoulli" ? continuousBernoulliMean : sigmoid;
    this.network = new Network(tensors, JSON.parse(metadata.layers));
    /** why the server decodes, where it does (remote_decoder.js) */
    this.server = "";
    this.problem = "";
    /** called when an image that the server was asked for is here */
    this.arrived = () => {};
    const [channels, height, width] = this.imageShape;
    this.pixels = channels * height * width;
  }

  /**
   * E[x|z] with every pixel in [0, 1], channel by channel, row by row.
   * @param {ArrayLike<number>} z
   * @param {Float32Array} [out]
   */
  decode(z, out = new Float32Array(this.pixels)) {
    return this.read(this.network.run(z), out);
  }

  /**
   * The same for many z, faster than one by one; each image is overwritten by the next.
   * @param {ArrayLike<number>[]} codes @param {(pixels: Float32Array, index: number) => void} take
   */
  decodeEach(codes, take) {
    const out = new Float32Array(this.pixels);
    this.network.runEach(codes, (logits, index) => take(this.read(logits, out), index));
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
