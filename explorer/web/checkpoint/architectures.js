// This project's own networks as lists of layers, as training/model/architectures.py makes them.

import { CLASS } from "./layer_kinds.js";
import { posteriorParameters } from "./model_spec.js";
import { sizeOf } from "./tensor_file.js";

/** @typedef {import("./layer_kinds.js").Layer} Layer */
/** @typedef {import("./model_spec.js").ModelSpec} ModelSpec */

const CONV_FEATURES = 128; // width of the full layer between convolutions and z
const CLASSIFIER_FEATURES = 128;
const CLASSIFIER_DROPOUT = 0.3;

/** From an image to the numbers of q(z|x). @param {ModelSpec} spec @returns {Layer[]} */
export function encoderLayers(spec) {
  if (spec.architecture === "layers") return spec.encoder_layers;
  return spec.architecture === "mlp" ? mlpEncoder(spec) : convEncoder(spec);
}

/**
 * From z to the logits of an image; throws an Error for sides that do not halve.
 * @param {ModelSpec} spec @returns {Layer[]}
 */
export function decoderLayers(spec) {
  if (spec.architecture === "layers") return spec.decoder_layers;
  return spec.architecture === "mlp" ? mlpDecoder(spec) : convDecoder(spec);
}

/**
 * From an image to the logits of its classes and of "none of them".
 * @param {number[]} shape @param {number} classes
 * @param {number[]} channels  of each of its convolutions @returns {Layer[]}
 */
export function classifierLayers(shape, classes, channels) {
  const { layers, size } = convolutions(shape, channels, { kind: "relu" });
  return [
    ...layers,
    { kind: "reshape", shape: [size] },
    { kind: "dropout", share: CLASSIFIER_DROPOUT },
    linear(size, CLASSIFIER_FEATURES),
    { kind: "relu" },
    linear(CLASSIFIER_FEATURES, classes + 1),
  ];
}

/**
 * In a conditional model, the class put beside the `width` numbers of a layer; and how many that makes.
 * @param {ModelSpec} spec @param {number} source @param {number} width @returns {[Layer[], number]}
 */
function withClass({ condition }, source, width) {
  return condition ? [[{ kind: "concat", from: [source, CLASS] }], width + condition] : [[], width];
}

/** @param {number} inputs @param {number} outputs @returns {Layer} */
function linear(inputs, outputs) {
  return { kind: "linear", inputs, outputs, bias: true };
}

/** @param {string} kind @param {number} inputs @param {number} outputs @param {number} side of its kernel */
function strided(kind, inputs, outputs, side) {
  const window = { kernel: [side, side], stride: [2, 2], padding: [1, 1], dilation: [1, 1], groups: 1 };
  return { kind, inputs, outputs, bias: true, ...window };
}

/** @param {number[]} shape @param {number[]} channels @param {Layer} activation */
function convolutions(shape, channels, activation) {
  let [before, height, width] = shape;
  /** @type {Layer[]} */
  const layers = [];
  for (const after of channels) {
    layers.push(strided("conv", before, after, 3), activation);
    [before, height, width] = [after, Math.ceil(height / 2), Math.ceil(width / 2)];
  }
  return { layers, size: before * height * width };
}

/** @param {ModelSpec} spec @returns {Layer[]} */
function mlpEncoder(spec) {
  const pixels = sizeOf(spec.image_shape);
  const [given, first] = withClass(spec, 0, pixels);
  /** @type {Layer[]} */
  const layers = [{ kind: "reshape", shape: [pixels] }, ...given];
  let width = first;
  for (const hidden of spec.hidden_dims) {
    layers.push(linear(width, hidden), { kind: spec.activation });
    if (spec.dropout) layers.push({ kind: "dropout", share: spec.dropout });
    width = hidden;
  }
  return [...layers, linear(width, posteriorParameters(spec))];
}

/** @param {ModelSpec} spec @returns {Layer[]} */
function mlpDecoder(spec) {
  const [layers, first] = withClass(spec, -1, spec.latent_dim);
  let width = first;
  for (const hidden of spec.decoder_hidden_dims) {
    layers.push(linear(width, hidden), { kind: spec.activation });
    width = hidden;
  }
  return [...layers, linear(width, sizeOf(spec.image_shape)), { kind: "reshape", shape: spec.image_shape }];
}

/** @param {ModelSpec} spec @returns {Layer[]} */
function convEncoder(spec) {
  const { layers, size } = convolutions(spec.image_shape, spec.hidden_dims, { kind: spec.activation });
  layers.push({ kind: "reshape", shape: [size] });
  const [given, width] = withClass(spec, layers.length - 1, size);
  layers.push(...given, linear(width, CONV_FEATURES), { kind: spec.activation });
  if (spec.dropout) layers.push({ kind: "dropout", share: spec.dropout });
  return [...layers, linear(CONV_FEATURES, posteriorParameters(spec))];
}

/** @param {ModelSpec} spec @returns {Layer[]} */
function convDecoder(spec) {
  const [channels, height, width] = spec.image_shape;
  const hidden = spec.decoder_hidden_dims;
  const scale = 2 ** hidden.length;
  if (!hidden.length || height % scale || width % scale) {
    throw new Error(`its decoder's ${hidden.length} convolutions need image sides divisible by ${scale}`);
  }
  const small = [hidden[0], height / scale, width / scale];
  const [layers, inner] = withClass(spec, -1, spec.latent_dim);
  for (const [inputs, outputs] of [[inner, CONV_FEATURES], [CONV_FEATURES, sizeOf(small)]]) {
    layers.push(linear(inputs, outputs), { kind: spec.activation });
  }
  layers.push({ kind: "reshape", shape: small });
  [...hidden.slice(1), channels].forEach((after, place) => {
    layers.push(
      { ...strided("conv_transpose", hidden[place], after, 4), output_padding: [0, 0] },
      { kind: spec.activation },
    );
  });
  return layers.slice(0, -1);
}
