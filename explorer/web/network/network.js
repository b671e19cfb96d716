// A network's forward pass, in the page: layers over rows of numbers, a row for each input.

import { activation } from "./activations.js";
import { conv, convTranspose } from "./convolution.js";
import { TOGETHER, WasmProduct } from "./wasm_product.js";

/** @typedef {import("./safetensors.js").Tensor} Tensor */
/** @typedef {import("./wasm_product.js").Rows} Rows */
/**
 * A layer as explorer/views/network.py tells it: its kind's own fields, and of every kind the numbers of the layers
 * whose values it takes (-1: the network's input, -2: the class that it is given, one-hot) and the shapes of the first
 * of them and of its own.
 * @typedef {{kind: string, from: number[], input: number[], output: number[], [field: string]: any}} Layer
 */
/** @typedef {Record<string, ArrayLike<number>>} Weights  a layer's tensors; without a bias, zeros in its place */
/**
 * @typedef {{rows: Rows, run: (count: number) => void}} Step  `run` fills the first rows from those of the layers
 *   before
 */

/** Single precision, as in torch. */
export class Network {
  /**
   * @param {Record<string, Tensor>} tensors @param {Layer[]} layers
   * @param {{inputs?: number, classes?: number, before?: Network}} [sizes]  numbers that it takes; classes of a
   *   conditional one; a network of the same layers that is not used any more, whose memory it takes over
   */
  constructor(tensors, layers, { inputs = product(layers[0].input), classes = 0, before } = {}) {
    /** @type {WasmProduct} */
    this.wasm = before ? before.wasm.again() : new WasmProduct();
    /** numbers, or for convolutions channels, that come out of each layer with weights */
    this.outputs = /** @type {number[]} */ (layers.map((layer) => layer.outputs).filter(Boolean));
    this.input = this.wasm.rows(TOGETHER, inputs);
    this.classes = classes;
    /** the class that is given, one-hot; zeros for none of them */
    this.given = this.wasm.rows(TOGETHER, classes);
    const overwrite = mayOverwrite(layers);
    /** @type {Step[]} */
    this.steps = [];
    layers.forEach((layer, i) => {
      const given = layer.from.map((source) => this.steps[source]?.rows ?? [this.input, this.given][-1 - source]);
      this.steps.push(step(this.wasm, given, layer, weightsOf(tensors, i, layer), overwrite[i]));
    });
    this.output = this.steps[this.steps.length - 1].rows;
  }

  /** Give a class to all that follows; -1 for none of them. @param {number} label */
  give(label) {
    for (let r = 0; r < TOGETHER && this.classes; r++) {
      this.wasm.row(this.given, r).forEach((_, k, row) => row[k] = k === label ? 1 : 0);
    }
  }

  /** The last layer's values, which the next call overwrites. @param {ArrayLike<number>} input */
  run(input) {
    this.forward([input]);
    return this.wasm.row(this.output, 0);
  }

  /**
   * The same for several inputs, faster: four of them share each weight that is fetched.
   * @param {ArrayLike<number>[]} inputs @param {(values: Float32Array, index: number) => void} take gets each last
   *   layer's values
   */
  runEach(inputs, take) {
    for (let i = 0; i < inputs.length; i += TOGETHER) {
      const some = inputs.slice(i, i + TOGETHER);
      this.forward(some);
      some.forEach((_, j) => take(this.wasm.row(this.output, j), i + j));
    }
  }

  /** @param {ArrayLike<number>[]} inputs at most four */
  forward(inputs) {
    inputs.forEach((input, i) => this.wasm.row(this.input, i).set(input));
    for (const { run } of this.steps) run(inputs.length);
  }
}

const CLASS = -2; // as in training/model/layers.py
const UNCHANGED = ["reshape", "dropout"]; // their values are those they take

/** Whether each layer may write over the values that it takes: no other layer wants them. @param {Layer[]} layers */
function mayOverwrite(layers) {
  /** @type {number[]} the layer whose rows a layer's values are in */
  const owners = [];
  const owner = (/** @type {number} */ source) => (source < 0 ? source : owners[source]);
  /** @type {Map<number, number>} */
  const uses = new Map();
  layers.forEach(({ kind, from }, i) => {
    const unchanged = UNCHANGED.includes(kind);
    owners.push(unchanged ? owner(from[0]) : i);
    if (!unchanged) { for (const source of from) uses.set(owner(source), (uses.get(owner(source)) ?? 0) + 1); }
  });
  // The class is given once for many inputs.
  return layers.map(({ from }) => owner(from[0]) !== CLASS && uses.get(owner(from[0])) === 1);
}

/** @param {Record<string, Tensor>} tensors @param {number} number @param {Layer} layer @returns {Weights} */
function weightsOf(tensors, number, { outputs }) {
  /** @type {Weights} */
  const weights = { bias: new Float32Array(outputs ?? 0) };
  for (const name of ["weight", "bias", "running_mean", "running_var"]) {
    const tensor = tensors[`${number}.${name}`];
    if (tensor) weights[name] = tensor.data;
  }
  return weights;
}

/**
 * @param {WasmProduct} wasm @param {Rows[]} given @param {Layer} layer @param {Weights} weights
 * @param {boolean} overwrite
 * @returns {Step}
 */
function step(wasm, given, layer, weights, overwrite) {
  const [input] = given;
  const { kind } = layer;
  if (UNCHANGED.includes(kind)) return { rows: input, run: () => {} };
  if (kind === "linear") return linear(wasm, input, layer, weights);
  if (kind === "conv") return conv(wasm, input, layer, weights);
  if (kind === "conv_transpose") return convTranspose(wasm, input, layer, weights);
  const rows = overwrite && kind !== "slice" && kind !== "upsample" && kind !== "concat"
    ? input
    : wasm.rows(TOGETHER, product(layer.output));
  const each = rowByRow(layer, weights);
  const run = (/** @type {number} */ count) => {
    for (let r = 0; r < count; r++) each(wasm.row(rows, r), given.map((some) => wasm.row(some, r)));
  };
  return { rows, run };
}

/** @param {Layer} layer @param {Weights} weights @returns {(result: Float32Array, given: Float32Array[]) => void} */
function rowByRow(layer, weights) {
  const { kind, input, output } = layer;
  if (kind === "batch_norm") return batchNorm(layer, weights);
  if (kind === "upsample") return upsample(layer);
  if (kind === "add") {
    return (result, [a, b]) => {
      for (let i = 0; i < result.length; i++) result[i] = a[i] + b[i];
    };
  }
  if (kind === "slice") {
    const start = (layer.start * product(input)) / input[0];
    return (result, [values]) => result.set(values.subarray(start, start + product(output)));
  }
  if (kind === "concat") {
    return (result, given) => {
      let at = 0;
      for (const values of given) {
        result.set(values, at);
        at += values.length;
      }
    };
  }
  const f = activation(layer);
  if (!f) throw new Error(`layer ${kind} is unknown`);
  return (result, [values]) => {
    for (let i = 0; i < result.length; i++) result[i] = f(values[i]);
  };
}

/**
 * @param {WasmProduct} wasm @param {Rows} input @param {Layer} layer @param {Weights} weights  `weight` is (out, in)
 * @returns {Step}
 */
function linear(wasm, input, { inputs, outputs }, { weight, bias }) {
  const rows = wasm.rows(TOGETHER, outputs);
  const apply = wasm.affine(outputs, inputs, (o, i) => weight[o * inputs + i], (o) => bias[o]);
  return { rows, run: (count) => apply(input, rows, count) };
}

/**
 * By the mean and variance of training.
 * @param {Layer} layer @param {Weights} weights
 * @returns {(result: Float32Array, given: Float32Array[]) => void}
 */
function batchNorm({ eps, affine, features, input }, weights) {
  const scale = Float32Array.from(
    weights.running_var,
    (variance, c) => (affine ? weights.weight[c] : 1) / Math.sqrt(variance + eps),
  );
  const shift = scale.map((factor, c) => (affine ? weights.bias[c] : 0) - weights.running_mean[c] * factor);
  const pixels = product(input) / features;
  return (result, [values]) => {
    for (let c = 0; c < features; c++) {
      for (let i = c * pixels; i < (c + 1) * pixels; i++) result[i] = values[i] * scale[c] + shift[c];
    }
  };
}

/** Each pixel repeated. @param {Layer} layer @returns {(result: Float32Array, given: Float32Array[]) => void} */
function upsample({ scale: [down, right], input: [, height, width], output: [channels, lines, columns] }) {
  return (result, [values]) => {
    for (let line = 0; line < channels * lines; line++) {
      const from = (Math.floor(line / lines) * height + Math.floor((line % lines) / down)) * width;
      for (let x = 0; x < columns; x++) result[line * columns + x] = values[from + Math.floor(x / right)];
    }
  };
}

/** @param {number[]} shape */
function product(shape) {
  return shape.reduce((size, side) => size * side, 1);
}
