// What a run's network is, as config.json describes it: the same as training/model/spec.py takes, and its layers.

import { isObject } from "./fields.js";
import { checkLayers, takesClass } from "./layer_kinds.js";

/** @typedef {import("./layer_kinds.js").Layer} Layer */
/**
 * @typedef {object} ModelSpec
 * @property {number[]} image_shape  [C, H, W]
 * @property {number} latent_dim
 * @property {"mlp" | "conv" | "layers" | "none"} architecture
 * @property {number[]} hidden_dims @property {number[]} decoder_hidden_dims
 * @property {string} activation @property {number} dropout
 * @property {"deterministic" | "diagonal" | "full"} posterior
 * @property {"bernoulli" | "gaussian" | "continuous-bernoulli"} likelihood
 * @property {Layer[]} encoder_layers @property {Layer[]} decoder_layers
 * @property {number} condition  0, or how many classes there are of which the network is given one
 * @property {"standard" | "mixture" | "vamp"} prior @property {number} prior_components
 */

const MOST_COMPONENTS = 1000;
const CHOICES = {
  architecture: ["mlp", "conv", "layers", "none"],
  activation: ["silu", "relu", "tanh"],
  posterior: ["deterministic", "diagonal", "full"],
  likelihood: ["bernoulli", "gaussian", "continuous-bernoulli"],
  prior: ["standard", "mixture", "vamp"],
};
const LISTS = ["image_shape", "hidden_dims", "decoder_hidden_dims"];
const NEEDED = [
  ...LISTS,
  "latent_dim",
  "architecture",
  "activation",
  "dropout",
  "posterior",
  "likelihood",
];
/** What runs of an older version do not say. */
const DEFAULTS = { encoder_layers: [], decoder_layers: [], condition: 0, prior: "standard", prior_components: 0 };

/**
 * The description in config.json; throws an Error for what describes no network.
 * @param {any} value @returns {ModelSpec}
 */
export function specOf(value) {
  if (!isObject(value)) throw new Error("it is no JSON object");
  for (const name of NEEDED) if (!Object.hasOwn(value, name)) throw new Error(`'${name}' is missing`);
  const odd = Object.keys(value).find((name) => !NEEDED.includes(name) && !Object.hasOwn(DEFAULTS, name));
  if (odd !== undefined) throw new Error(`there is no field '${odd.slice(0, 40)}'`);
  const own = value.architecture === "layers";
  const spec = /** @type {any} */ ({
    ...DEFAULTS,
    ...value,
    encoder_layers: own ? checkLayers(value.encoder_layers) : [],
    decoder_layers: own ? checkLayers(value.decoder_layers) : [],
  });
  const isCount = (/** @type {any} */ one) => Number.isInteger(one) && one > 0 && one < 2 ** 31;
  for (const name of LISTS) {
    if (!Array.isArray(spec[name]) || !spec[name].every(isCount)) {
      throw new Error(`${name} must hold positive whole numbers`);
    }
  }
  if (!isCount(spec.latent_dim)) throw new Error("latent_dim must hold positive whole numbers");
  if (spec.image_shape.length !== 3) throw new Error("image_shape must be (C, H, W)");
  if (!(typeof spec.dropout === "number" && spec.dropout >= 0 && spec.dropout < 1)) {
    throw new Error("dropout must be in [0, 1)");
  }
  if (spec.condition !== 0 && !isCount(spec.condition)) {
    throw new Error("condition must be the number of classes that are given, or 0");
  }
  if (!Number.isInteger(spec.prior_components) || (spec.prior_components > 0) !== (spec.prior !== "standard")) {
    throw new Error("prior_components must be how many a learned prior has, 0 for the standard one");
  }
  if (spec.prior_components < 0 || spec.prior_components > MOST_COMPONENTS) {
    throw new Error("prior_components must be at most 1,000");
  }
  if (!spec.condition && (takesClass(spec.encoder_layers) || takesClass(spec.decoder_layers))) {
    throw new Error("a layer takes the class, but condition is 0");
  }
  for (const [name, names] of Object.entries(CHOICES)) {
    if (!names.includes(spec[name])) throw new Error(`${name} must be one of ${names.join(", ")}`);
  }
  return spec;
}

/** How many numbers the encoder gives an image: mu, and log_var or L's lower triangle. @param {ModelSpec} spec */
export function posteriorParameters({ latent_dim: dim, posterior }) {
  return dim + { deterministic: 0, diagonal: dim, full: dim * (dim + 1) / 2 }[posterior];
}
