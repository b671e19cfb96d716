// Layers made ready for the browser to run, as explorer/views/network.py makes them: all shapes known, and right.

import { sourcesOf } from "./layer_kinds.js";
import { counted } from "./refusal.js";
import { shapeText, sizeOf } from "./tensor_file.js";

/** @typedef {import("./layer_kinds.js").Layer} Layer */
/** @typedef {import("./tensor_file.js").Tensor} Tensor */

const MAX_WEIGHTS = 10_000_000;
/** Kinds whose output has the shape of their input. */
const SAME_SHAPE = (
  "batch_norm relu exp log leaky_relu elu gelu silu tanh sigmoid softplus clamp affine dropout add"
).split(" ");
const WEIGHTED = ["linear", "conv", "conv_transpose", "batch_norm"];

/** A network that torch runs and the browser does not. */
export class NotInBrowser extends Error {}

/** The tensors of one part of a state dict, by layer. @param {Map<string, Tensor>} weights @param {string} part */
export function arraysOf(weights, part) {
  const named = [...weights].filter(([name]) => name.startsWith(`${part}.`));
  return new Map(named.map(([name, tensor]) => [name.slice(part.length + 1), tensor]));
}

/**
 * Layers, each with `from` and the shapes `input` and `output`; throws NotInBrowser, or an Error where they do not fit.
 * @param {Layer[]} layers @param {Map<string, Tensor>} arrays @param {string} what  to call the network
 * @param {number[]} inputs @param {number[]} outputs  shapes @param {number} [classes]
 */
export function browserLayers(layers, arrays, what, inputs, outputs, classes = 0) {
  const count = [...arrays.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (count > MAX_WEIGHTS) {
    throw new NotInBrowser(`its ${what} has ${counted(count)} weights; the browser runs up to ${counted(MAX_WEIGHTS)}`);
  }
  /** @type {number[][]} */
  const shapes = [];
  /** @type {Layer[]} */
  const taken = [];
  /** @type {Map<string, number[]>} */
  const expected = new Map();
  layers.forEach((layer, place) => {
    const sources = [...sourcesOf(layer, place)];
    const given = sources.map((source) => source >= 0 ? shapes[source] : source === -1 ? inputs : [classes]);
    const named = `its ${what}'s layer ${place}`;
    const shape = shapeAfter(layer, given, named);
    if (!shape || Math.min(...shape) < 1) {
      throw new Error(`${named}, ${layer.kind}, cannot take ${given.map(shapeText).join(", ")}`);
    }
    if (sizeOf(shape) > MAX_WEIGHTS) throw new NotInBrowser(`${named} gives ${counted(sizeOf(shape))} numbers`);
    for (const [name, tensor] of tensorsOf(layer)) expected.set(`${place}.${name}`, tensor);
    shapes.push(shape);
    taken.push({ ...layer, from: sources, input: [...given[0]], output: [...shape] });
  });
  for (const name of [...new Set([...arrays.keys(), ...expected.keys()])].sort()) {
    const found = arrays.get(name);
    const wanted = expected.get(name);
    const words = (/** @type {number[] | undefined} */ shape) => shape ? shapeText(shape) : "None";
    if (words(found?.shape) !== words(wanted)) {
      throw new Error(`its ${what}'s tensor ${name} is ${words(found?.shape)}, expected ${words(wanted)}`);
    }
  }
  const last = sizeOf(shapes[shapes.length - 1]);
  if (last !== sizeOf(outputs)) {
    throw new Error(`its ${what} gives ${counted(last)} numbers, expected ${counted(sizeOf(outputs))}`);
  }
  return taken;
}

/**
 * The shape of a layer's value, or null where those it takes do not fit.
 * @param {Layer} layer @param {number[][]} given @param {string} named
 */
function shapeAfter(layer, given, named) {
  const { kind } = layer;
  const unknown = (/** @type {string} */ what) =>
    new NotInBrowser(`${named} is ${what}, which the browser does not run`);
  const [shape] = given;
  if (SAME_SHAPE.includes(kind)) {
    const fits = given.every((other) => String(other) === String(shape));
    return fits && (layer.features ?? shape[0]) === shape[0] ? shape : null;
  }
  if (kind === "reshape") return sizeOf(layer.shape) === sizeOf(shape) ? layer.shape : null;
  if (kind === "concat") {
    const fits = given.every((other) => String(other.slice(1)) === String(shape.slice(1)));
    return fits ? [given.reduce((sum, other) => sum + other[0], 0), ...shape.slice(1)] : null;
  }
  if (kind === "slice") return layer.end <= shape[0] ? [layer.end - layer.start, ...shape.slice(1)] : null;
  if (!WEIGHTED.includes(kind) && kind !== "upsample") throw unknown(layer.op ?? kind);
  if (shape.length !== (kind === "linear" ? 1 : 3)) throw unknown(`${kind} of values of ${shape.length} dimensions`);
  if (kind === "upsample") return [shape[0], shape[1] * layer.scale[0], shape[2] * layer.scale[1]];
  if (layer.inputs !== shape[0]) return null;
  if (kind === "linear") return [layer.outputs];
  if (layer.groups !== 1 || String(layer.dilation) !== "1,1") throw unknown(`a grouped or dilated ${kind}`);
  const sides = [0, 1].map((axis) => {
    const [kernel, stride, padding] = [layer.kernel[axis], layer.stride[axis], layer.padding[axis]];
    const side = shape[1 + axis];
    return kind === "conv"
      ? Math.floor((side + 2 * padding - kernel) / stride) + 1
      : (side - 1) * stride - 2 * padding + kernel + layer.output_padding[axis];
  });
  return [layer.outputs, ...sides];
}

/** Names and shapes of a layer's tensors. @param {Layer} layer @returns {[string, number[]][]} */
function tensorsOf({ kind, inputs, outputs, kernel, bias, features, affine }) {
  if (kind === "batch_norm") {
    const names = ["running_mean", "running_var", ...(affine ? ["weight", "bias"] : [])];
    return names.map((name) => [name, [features]]);
  }
  if (!WEIGHTED.includes(kind)) return [];
  const weight = kind === "linear"
    ? [outputs, inputs]
    : kind === "conv"
    ? [outputs, inputs, ...kernel]
    : [inputs, outputs, ...kernel];
  return [["weight", weight], ...(bias ? [/** @type {[string, number[]]} */ (["bias", [outputs]])] : [])];
}
