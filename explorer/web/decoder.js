// The decoder's forward pass, in the page: z in, the pixels' expected values out.

/** @typedef {import("./safetensors.js").Tensor} Tensor */
/** @typedef {{kind: string, weight: string, bias: string, input: number[]}} Layer */
/** @typedef {(input: Float64Array<any>) => Float64Array<any>} Step */

/**
 * Sums run in double precision and weights are stored input by input, so that an input which ReLU zeroed is skipped.
 */
export class Decoder {
  /**
   * @param {Record<string, Tensor>} tensors
   * @param {Record<string, string>} metadata  layers, image_shape, likelihood (explorer/views/decoder.py)
   */
  constructor(tensors, metadata) {
    /** [C, H, W] */
    this.imageShape = /** @type {number[]} */ (JSON.parse(metadata.image_shape));
    this.mean = metadata.likelihood === "continuous-bernoulli" ? continuousBernoulliMean : sigmoid;
    /** @type {Layer[]} */
    const layers = JSON.parse(metadata.layers);
    /** @type {Step[]} */
    this.steps = layers.map((layer) => {
      if (layer.kind === "linear") return linear(tensors[layer.weight], tensors[layer.bias]);
      if (layer.kind === "conv_transpose") {
        return convTranspose(tensors[layer.weight], tensors[layer.bias], layer.input);
      }
      if (layer.kind === "silu") return inPlace((v) => v / (1 + Math.exp(-v)));
      if (layer.kind === "relu") return inPlace((v) => (v > 0 ? v : 0));
      throw new Error(`layer ${layer.kind} is unknown`);
    });
    const [channels, height, width] = this.imageShape;
    this.pixels = channels * height * width;
  }

  /**
   * E[x|z] with every pixel in [0, 1], channel by channel, row by row.
   * @param {ArrayLike<number>} z
   * @param {Float32Array} [out]
   */
  decode(z, out = new Float32Array(this.pixels)) {
    /** @type {Float64Array<any>} */
    let values = Float64Array.from(z);
    for (const step of this.steps) values = step(values);
    for (let i = 0; i < out.length; i++) out[i] = this.mean(values[i]);
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

/** @param {(value: number) => number} f @returns {Step} */
function inPlace(f) {
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = f(values[i]);
    return values;
  };
}

/** @param {Tensor} weight (out, in) @param {Tensor} bias (out) @returns {Step} */
function linear(weight, bias) {
  const [outputs, inputs] = weight.shape;
  const byInput = new Float32Array(outputs * inputs);
  for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) byInput[i * outputs + o] = weight.data[o * inputs + i];
  const result = new Float64Array(outputs);
  return (values) => {
    result.set(bias.data);
    for (let i = 0; i < inputs; i++) {
      const value = values[i];
      if (value === 0) continue;
      for (let o = 0, w = i * outputs; o < outputs; o++, w++) result[o] += value * byInput[w];
    }
    return result;
  };
}

/**
 * Stride 2, padding 1, kernel 4: every output pixel takes 2 x 2 input pixels.
 * @param {Tensor} weight (in, out, 4, 4) @param {Tensor} bias (out) @param {number[]} input [C, H, W] @returns {Step}
 */
function convTranspose(weight, bias, [channels, height, width]) {
  const outputs = weight.shape[1];
  const [tall, wide] = [2 * height, 2 * width];
  const result = new Float64Array(outputs * tall * wide);
  return (values) => {
    for (let o = 0; o < outputs; o++) result.fill(bias.data[o], o * tall * wide, (o + 1) * tall * wide);
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = values[(c * height + y) * width + x];
          if (value === 0) continue;
          for (let o = 0; o < outputs; o++) {
            const kernel = (c * outputs + o) * 16;
            for (let ky = 0; ky < 4; ky++) {
              const row = 2 * y + ky - 1;
              if (row < 0 || row >= tall) continue;
              for (let kx = 0; kx < 4; kx++) {
                const column = 2 * x + kx - 1;
                if (column < 0 || column >= wide) continue;
                result[(o * tall + row) * wide + column] += value * weight.data[kernel + 4 * ky + kx];
              }
            }
          }
        }
      }
    }
    return result;
  };
}
