// A network's forward pass, in the page: layers over flat arrays of numbers.

/** @typedef {import("./safetensors.js").Tensor} Tensor */
/** @typedef {{kind: string, weight: string, bias: string, input: number[]}} Layer */
/** @typedef {Float64Array<any>} Values */
/** @typedef {((input: Values) => Values) & {four?: (inputs: Values[]) => Values[]}} Step  `four`: the same for four inputs at once */

/**
 * Sums run in double precision and weights are stored input by input, so that an input which is 0, as a dark pixel or
 * what ReLU cut off, is skipped.
 */
export class Network {
  /** @param {Record<string, Tensor>} tensors @param {Layer[]} layers  as explorer/views/network.py lists them */
  constructor(tensors, layers) {
    this.steps = layers.map((layer) => step(layer, tensors));
    /** numbers, or for convolutions channels, that come out of each layer with weights */
    this.outputs = layers.filter((layer) => layer.weight).map((layer) => tensors[layer.bias].shape[0]);
  }

  /** The last layer's values, which the next call overwrites. @param {ArrayLike<number>} input */
  run(input) {
    /** @type {Float64Array<any>} */
    let values = Float64Array.from(input);
    for (const next of this.steps) values = next(values);
    return values;
  }

  /**
   * The same for several inputs: four at a time, more than twice as fast, where no layer is a convolution.
   * @param {ArrayLike<number>[]} inputs @param {(values: Values, index: number) => void} take gets each last layer's values
   */
  runEach(inputs, take) {
    const fours = this.steps.every((next) => next.four) ? inputs.length - (inputs.length % 4) : 0;
    for (let i = 0; i < fours; i += 4) {
      /** @type {Values[]} */
      let values = inputs.slice(i, i + 4).map((input) => Float64Array.from(input));
      for (const next of this.steps) values = /** @type {(inputs: Values[]) => Values[]} */ (next.four)(values);
      values.forEach((found, j) => take(found, i + j));
    }
    for (let i = fours; i < inputs.length; i++) take(this.run(inputs[i]), i);
  }
}

/** @param {Layer} layer @param {Record<string, Tensor>} tensors @returns {Step} */
function step(layer, tensors) {
  const [weight, bias] = [tensors[layer.weight], tensors[layer.bias]];
  if (layer.kind === "linear") return linear(weight, bias);
  if (layer.kind === "conv") return conv(weight, bias, layer.input);
  if (layer.kind === "conv_transpose") return convTranspose(weight, bias, layer.input);
  if (layer.kind === "silu") return inPlace((v) => v / (1 + Math.exp(-v)));
  if (layer.kind === "relu") return inPlace((v) => (v > 0 ? v : 0));
  throw new Error(`layer ${layer.kind} is unknown`);
}

/** @param {(value: number) => number} f @returns {Step} */
function inPlace(f) {
  /** @param {Values} values */
  const apply = (values) => {
    for (let i = 0; i < values.length; i++) values[i] = f(values[i]);
    return values;
  };
  return Object.assign(apply, { four: (/** @type {Values[]} */ inputs) => inputs.map(apply) });
}

/** @param {Tensor} weight (out, in) @param {Tensor} bias (out) @returns {Step} */
function linear(weight, bias) {
  const [outputs, inputs] = weight.shape;
  const byInput = new Float32Array(outputs * inputs);
  for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) byInput[i * outputs + o] = weight.data[o * inputs + i];
  const results = [0, 1, 2, 3].map(() => new Float64Array(outputs));
  const [result, second, third, fourth] = results;
  /** @param {Values} values */
  const one = (values) => {
    result.set(bias.data);
    for (let i = 0; i < inputs; i++) {
      const value = values[i];
      if (value === 0) continue;
      for (let o = 0, w = i * outputs; o < outputs; o++, w++) result[o] += value * byInput[w];
    }
    return result;
  };
  /** Each weight is fetched once for four sums. @param {Values[]} values */
  const four = ([a, b, c, d]) => {
    for (const sums of results) sums.set(bias.data);
    for (let i = 0; i < inputs; i++) {
      const [va, vb, vc, vd] = [a[i], b[i], c[i], d[i]];
      for (let o = 0, w = i * outputs; o < outputs; o++, w++) {
        const factor = byInput[w];
        result[o] += va * factor;
        second[o] += vb * factor;
        third[o] += vc * factor;
        fourth[o] += vd * factor;
      }
    }
    return results;
  };
  return Object.assign(one, { four });
}

/**
 * Stride 2, padding 1, kernel 3.
 * @param {Tensor} weight (out, in, 3, 3) @param {Tensor} bias (out) @param {number[]} input [C, H, W] @returns {Step}
 */
function conv(weight, bias, [channels, height, width]) {
  const outputs = weight.shape[0];
  const [tall, wide] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  // One run over the outputs for each weight's place: result[y][x][o], turned round at the end.
  const byInput = new Float32Array(channels * 9 * outputs);
  for (let o = 0; o < outputs; o++) for (let k = 0; k < channels * 9; k++) byInput[k * outputs + o] = weight.data[o * channels * 9 + k];
  const sums = new Float64Array(tall * wide * outputs);
  const result = new Float64Array(outputs * tall * wide);
  return (values) => {
    for (let at = 0; at < sums.length; at += outputs) sums.set(bias.data, at);
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = values[(c * height + y) * width + x];
          if (value === 0) continue;
          // Output (oy, ox) sees input (2 oy + ky - 1, 2 ox + kx - 1).
          for (let ky = (y + 1) % 2; ky < 3; ky += 2) {
            const oy = (y + 1 - ky) / 2;
            if (oy < 0 || oy >= tall) continue;
            for (let kx = (x + 1) % 2; kx < 3; kx += 2) {
              const ox = (x + 1 - kx) / 2;
              if (ox < 0 || ox >= wide) continue;
              const at = (oy * wide + ox) * outputs;
              const w = ((c * 3 + ky) * 3 + kx) * outputs;
              for (let o = 0; o < outputs; o++) sums[at + o] += value * byInput[w + o];
            }
          }
        }
      }
    }
    for (let p = 0; p < tall * wide; p++) for (let o = 0; o < outputs; o++) result[o * tall * wide + p] = sums[p * outputs + o];
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
