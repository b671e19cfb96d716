// Networks as lists of layers, as config.json has them, of the kinds that training/model/layers.py knows.

import { isObject, shown } from "./fields.js";

/**
 * `kind`, the fields of that kind, and maybe `from`: the layers whose values it takes.
 * @typedef {Record<string, any>} Layer
 */
/** @typedef {(value: any) => boolean} Check */

const LARGEST = 2 ** 31;
export const CLASS = -2; // in `from`: the class that a conditional network is given, one-hot
const MOST_LAYERS = 1000;

/** @param {number} low @returns {Check} */
const whole = (low) => (value) => Number.isInteger(value) && low <= value && value < LARGEST;
/** @param {Check} item @returns {Check} */
const listOf = (item) => (value) => Array.isArray(value) && value.length < 100 && value.every(item);
/** @param {number} low @returns {Check} */
const pair = (low) => (value) => listOf(whole(low))(value) && value.length === 2;
/** @type {Check} */
const number = (value) => typeof value === "number" && Number.isFinite(value);
/** @type {Check} */
const flag = (value) => typeof value === "boolean";
/** @param {Check} check @returns {Check} */
const noneOr = (check) => (value) => value === null || check(value);
/** @type {Check} */
const any = () => true;

const SIZES = { inputs: whole(1), outputs: whole(1), bias: flag };
const WINDOW = { kernel: pair(1), stride: pair(1), padding: pair(0), dilation: pair(1), groups: whole(1) };
/** Of each kind its fields. @type {Record<string, Record<string, Check>>} */
const FIELDS = {
  linear: SIZES,
  conv: { ...SIZES, ...WINDOW },
  conv_transpose: { ...SIZES, ...WINDOW, output_padding: pair(0) },
  batch_norm: { features: whole(1), eps: number, affine: flag },
  relu: {},
  exp: {},
  log: {},
  leaky_relu: { slope: number },
  elu: { alpha: number },
  gelu: { approximate: (value) => value === "none" || value === "tanh" },
  silu: {},
  tanh: {},
  sigmoid: {},
  softplus: { beta: (value) => number(value) && value > 0, threshold: number },
  clamp: { low: noneOr(number), high: noneOr(number) },
  affine: { scale: number, shift: number },
  reshape: { shape: (value) => listOf(whole(1))(value) && value.length > 0 },
  upsample: { scale: pair(1) },
  dropout: { share: (value) => number(value) && value >= 0 && value < 1 },
  concat: {},
  slice: { start: whole(0), end: whole(1) },
  add: {},
  // No page runs one, so what is in it does not matter here.
  aten: { op: (value) => typeof value === "string", arguments: any, options: any, tensors: any },
};
/** How many values a kind takes, where that is not one. @type {Record<string, [number, number]>} */
const TAKES = { add: [2, 2], concat: [1, 100], aten: [1, 100] };

/**
 * A network's layers as they stand in config.json; throws an Error for what does not describe one.
 * @param {any} value @returns {Layer[]}
 */
export function checkLayers(value) {
  if (!Array.isArray(value) || !value.length || value.length > MOST_LAYERS) {
    throw new Error("a network must be a list of layers, up to 1,000");
  }
  value.forEach((layer, place) => {
    const kind = isObject(layer) ? layer.kind : null;
    if (typeof kind !== "string" || !Object.hasOwn(FIELDS, kind)) {
      throw new Error(`layer ${place} is of no known kind: ${shown(kind)}`);
    }
    const given = Object.keys(layer).filter((name) => name !== "kind" && name !== "from").sort();
    const fields = Object.keys(FIELDS[kind]).sort();
    if (String(given) !== String(fields)) {
      throw new Error(`layer ${place}, ${kind}, must have the fields [${fields.join(", ")}], not ${shown(given)}`);
    }
    for (const name of fields) {
      if (!FIELDS[kind][name](layer[name])) {
        throw new Error(`layer ${place}, ${kind}: ${name} cannot be ${shown(layer[name])}`);
      }
    }
    const sources = sourcesOf(layer, place);
    const [low, high] = TAKES[kind] ?? [1, 1];
    const fits = listOf(whole(CLASS))(sources) && sources.length >= low && sources.length <= high;
    if (!fits || Math.max(...sources) >= place) {
      throw new Error(`layer ${place}, ${kind}, cannot take its values from ${shown(sources)}`);
    }
  });
  return value;
}

/** Numbers of the layers whose values a layer takes. @param {Layer} layer @param {number} place @returns {number[]} */
export function sourcesOf(layer, place) {
  return layer.from ?? [place - 1];
}

/** Whether a network is given the class beside its input. @param {Layer[]} layers */
export function takesClass(layers) {
  return layers.some((layer, place) => sourcesOf(layer, place).includes(CLASS));
}
