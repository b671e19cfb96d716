// A network's forward pass, in the page: layers over rows of numbers, a row for each input.

import { Heap, TOGETHER } from "./heap.js";
import { conv, convTranspose } from "./convolution.js";

/** @typedef {import("./safetensors.js").Tensor} Tensor */
/** @typedef {import("./heap.js").Rows} Rows */
/** @typedef {{kind: string, weight: string, bias: string, input: number[]}} Layer */
/** @typedef {{rows: Rows, run: (count: number) => void}} Step  `run` fills the first rows from the rows of the step before */

/** Single precision, as in torch. */
export class Network {
  /** @param {Record<string, Tensor>} tensors @param {Layer[]} layers  as explorer/views/network.py lists them */
  constructor(tensors, layers) {
    this.heap = new Heap();
    /** numbers, or for convolutions channels, that come out of each layer with weights */
    this.outputs = layers.filter((layer) => layer.weight).map((layer) => tensors[layer.bias].shape[0]);
    const first = layers[0];
    this.input = this.heap.rows(TOGETHER, first.kind === "linear" ? tensors[first.weight].shape[1] : first.input.reduce((a, b) => a * b));
    /** @type {Step[]} */
    this.steps = [];
    for (const layer of layers) this.steps.push(step(this.heap, this.steps.at(-1)?.rows ?? this.input, layer, tensors));
    this.output = this.steps[this.steps.length - 1].rows;
  }

  /** The last layer's values, which the next call overwrites. @param {ArrayLike<number>} input */
  run(input) {
    this.forward([input]);
    return this.heap.row(this.output, 0);
  }

  /**
   * The same for several inputs, faster: four of them share each weight that is fetched.
   * @param {ArrayLike<number>[]} inputs @param {(values: Float32Array, index: number) => void} take gets each last layer's values
   */
  runEach(inputs, take) {
    for (let i = 0; i < inputs.length; i += TOGETHER) {
      const some = inputs.slice(i, i + TOGETHER);
      this.forward(some);
      some.forEach((_, j) => take(this.heap.row(this.output, j), i + j));
    }
  }

  /** @param {ArrayLike<number>[]} inputs at most four */
  forward(inputs) {
    inputs.forEach((input, i) => this.heap.row(this.input, i).set(input));
    for (const { run } of this.steps) run(inputs.length);
  }
}

/** @param {Heap} heap @param {Rows} input @param {Layer} layer @param {Record<string, Tensor>} tensors @returns {Step} */
function step(heap, input, layer, tensors) {
  const [weight, bias] = [tensors[layer.weight], tensors[layer.bias]];
  if (layer.kind === "linear") return linear(heap, input, weight, bias);
  if (layer.kind === "conv") return conv(heap, input, weight, bias, layer.input);
  if (layer.kind === "conv_transpose") return convTranspose(heap, input, weight, bias, layer.input);
  if (layer.kind === "silu") return inPlace(heap, input, (v) => v / (1 + Math.exp(-v)));
  if (layer.kind === "relu") return inPlace(heap, input, (v) => (v > 0 ? v : 0));
  throw new Error(`layer ${layer.kind} is unknown`);
}

/** @param {Heap} heap @param {Rows} rows @param {(value: number) => number} f @returns {Step} */
function inPlace(heap, rows, f) {
  const run = (/** @type {number} */ count) => {
    for (let r = 0; r < count; r++) {
      const values = heap.row(rows, r);
      for (let i = 0; i < values.length; i++) values[i] = f(values[i]);
    }
  };
  return { rows, run };
}

/** @param {Heap} heap @param {Rows} input @param {Tensor} weight (out, in) @param {Tensor} bias (out) @returns {Step} */
function linear(heap, input, weight, bias) {
  const [outputs, inputs] = weight.shape;
  const rows = heap.rows(TOGETHER, outputs);
  const apply = heap.affine(outputs, inputs, (o, i) => weight.data[o * inputs + i], (o) => bias.data[o]);
  return { rows, run: (count) => apply(input, rows, count) };
}
