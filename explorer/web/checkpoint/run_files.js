// The files of a run's folder, each held against limit and hash, and refused as training/checkpoint.py does.

import * as fields from "./checkpoint_fields.js";
import { check } from "./fields.js";
import { parseJson, sha256Of, unsealed } from "./json_file.js";
import { specOf } from "./model_spec.js";
import { counted, oneLine, Refusal } from "./refusal.js";
import { expectTensor, parseTensors, required, shapeText } from "./tensor_file.js";

/** @typedef {import("./tensor_file.js").Tensors} Tensors */
/** @typedef {import("./model_spec.js").ModelSpec} ModelSpec */
/**
 * Where a run's files come from. `read` gives null for a file that is not there, and refuses one beyond its limit;
 * `beside`: the same of what lies beside the run's folder.
 * @typedef {object} Folder
 * @property {string} name  of the run
 * @property {string} path  of the folder, for messages
 * @property {(name: string, limit: number) => Promise<Uint8Array<ArrayBuffer> | null>} read
 * @property {(name: string, limit: number) => Promise<Uint8Array<ArrayBuffer> | null>} beside
 */
/**
 * What config.json says; `version`: the SHA-256 of its bytes.
 * @typedef {object} Config
 * @property {Record<string, any>} dataset
 * @property {ModelSpec} model
 * @property {Record<string, any>} training
 * @property {Record<string, string>} files
 * @property {{name: string, categories: string[] | null}[]} columns
 * @property {string} version
 */

const CONFIG = "config.json";
const COLUMNS = "columns.safetensors";
const HASHED = [
  "model.safetensors",
  "latents.safetensors",
  "trajectory.safetensors",
  "history.jsonl",
  "metrics.json",
  "README.md",
];
const MAX_HEADER_BYTES = 1_000_000;
const MAX_RECORD_BYTES = 4_000_000;
export const MAX_FILE_BYTES = 2_000_000_000;
const MAX_NOTES_BYTES = 64_000;
const LARGEST_WEIGHT = 1e8; // products of larger ones leave float32
const LARGEST_LOG_VAR = 50;

/** @param {Folder} folder @param {string} name @param {number} limit */
async function readFile(folder, name, limit) {
  const bytes = await folder.read(name, limit);
  if (!bytes) throw new Refusal(`${folder.path}/${name}: missing`);
  return bytes;
}

/** @param {Folder} folder @param {Config} config @param {string} name @param {number} [limit] */
async function readHashed(folder, config, name, limit = MAX_FILE_BYTES) {
  const bytes = await readFile(folder, name, limit);
  if ((await sha256Of(bytes)) !== config.files[name]) {
    throw new Refusal(
      `${folder.path}/${name}: damaged or changed since it was written (SHA-256 differs from ${CONFIG})`,
    );
  }
  return bytes;
}

/** @param {Folder} folder @param {Config} config @param {string} name */
async function loadTensors(folder, config, name) {
  return parseTensors(`${folder.path}/${name}`, await readHashed(folder, config, name));
}

/** @param {Folder} folder @returns {Promise<Config>} */
export async function loadConfig(folder) {
  const file = `${folder.path}/${CONFIG}`;
  const bytes = await readFile(folder, CONFIG, MAX_HEADER_BYTES);
  const value = check(file, await unsealed(file, bytes), fields.CONFIG);
  check(file, value.dataset, fields.DATASET, fields.DATASET_NEEDED, "dataset");
  check(file, value.training, fields.TRAINING, [], "training");
  for (const name of HASHED) {
    if (!Object.hasOwn(value.files, name)) throw new Refusal(`${file}: 'files' has no SHA-256 of ${name}`);
  }
  let model;
  try {
    model = specOf(value.model);
  } catch (error) {
    throw new Refusal(`${file}: 'model' does not describe a network: ${oneLine(error)}`);
  }
  const columns = columnsOf(file, value.columns ?? []);
  if (columns.length && !Object.hasOwn(value.files, COLUMNS)) {
    throw new Refusal(`${file}: 'files' has no SHA-256 of ${COLUMNS}`);
  }
  const { dataset, training, files } = value;
  return { dataset, model, training, files, columns, version: await sha256Of(bytes) };
}

/** @param {string} file @param {any} value @returns {{name: string, categories: string[] | null}[]} */
function columnsOf(file, value) {
  const names = new Set();
  for (const one of Array.isArray(value) ? value : [null]) {
    const { name, categories = null } = one ?? {};
    const texts = Array.isArray(categories) && categories.every((text) => typeof text === "string");
    if (typeof name !== "string" || names.has(name) || !(categories === null || texts)) {
      throw new Refusal(`${file}: 'columns' must list for each a 'name' of its own, and its 'categories' or null`);
    }
    names.add(name);
  }
  return value.map((/** @type {any} */ { name, categories = null }) => ({ name, categories }));
}

/** Of the finished run. @param {Folder} folder @param {Config} config @returns {Promise<Record<string, any>>} */
export async function loadMetrics(folder, config) {
  const file = `${folder.path}/metrics.json`;
  const bytes = await readHashed(folder, config, "metrics.json", MAX_RECORD_BYTES);
  const metrics = check(file, parseJson(file, bytes), fields.METRICS, fields.METRICS_NEEDED);
  const { kl_per_dimension: kl, gap } = metrics;
  if (kl && kl.length !== config.model.latent_dim) {
    throw new Refusal(`${file}: 'kl_per_dimension' has ${kl.length} numbers, expected ${config.model.latent_dim}`);
  }
  if (gap && gap.edges.length !== gap.counts.length + 1) {
    throw new Refusal(`${file}: 'gap' has ${gap.counts.length} counts between ${gap.edges.length} edges`);
  }
  return metrics;
}

/** What a person notes of the run; throws a Refusal for a damaged file. @param {Folder} folder */
export async function loadNotes(folder) {
  const bytes = await folder.read("notes.json", MAX_NOTES_BYTES);
  if (!bytes) return { name: "", hidden: false };
  const file = `${folder.path}/notes.json`;
  const { name, hidden } = check(
    file,
    Object.fromEntries(Object.entries(await unsealed(file, bytes)).filter(([key]) => key !== "format_version")),
    fields.NOTES,
  );
  return { name: /** @type {string} */ (name), hidden: /** @type {boolean} */ (hidden) };
}

/** All tensors of the network, float32. @param {Folder} folder @param {Config} config */
export async function loadWeights(folder, config) {
  const file = `${folder.path}/model.safetensors`;
  const tensors = await loadTensors(folder, config, "model.safetensors");
  for (const [name, tensor] of tensors) {
    expectTensor(file, name, tensor, "float32", tensor.shape, LARGEST_WEIGHT);
  }
  const { prior, prior_components: count, latent_dim: dim, likelihood } = config.model;
  if (prior !== "standard") {
    for (const [name, shape] of Object.entries({ logits: [count], mean: [count, dim], log_var: [count, dim] })) {
      const most = name === "log_var" ? LARGEST_LOG_VAR : LARGEST_WEIGHT;
      expectTensor(file, `prior.${name}`, required(file, tensors, `prior.${name}`), "float32", shape, most);
    }
  }
  if (likelihood === "gaussian") {
    expectTensor(file, "log_sigma", required(file, tensors, "log_sigma"), "float32", [], LARGEST_LOG_VAR / 2);
  }
  return tensors;
}

/** Of the held-out images. @param {Folder} folder @param {Config} config @returns {Promise<Tensors>} */
export async function loadLatents(folder, config) {
  const file = `${folder.path}/latents.safetensors`;
  const tensors = await loadTensors(folder, config, "latents.safetensors");
  const small = tensors.get("label");
  if (small?.data instanceof Uint8Array && small.kind === "uint8") {
    const data = BigInt64Array.from(Array.from(small.data, BigInt));
    tensors.set("label", { kind: "int64", shape: small.shape, data });
  }
  const { latent_dim: dim, architecture, posterior } = config.model;
  const count = required(file, tensors, "mu").shape[0] ?? 1;
  /** @type {Record<string, number[]>} */
  const shapes = { mu: [count, dim], label: [count] };
  if (architecture !== "none") shapes.reconstruction = [count];
  if (posterior !== "deterministic") {
    shapes.kl = [count];
    if (posterior === "full") shapes.scale_tril = [count, dim, dim];
    else shapes.log_var = [count, dim];
  }
  if (dim > 2) {
    Object.assign(shapes, { pca: [count, 2], pca_mean: [dim], pca_components: [2, dim] });
    if (tensors.has("umap")) shapes.umap = [count, 2]; // not there where measuring was interrupted
  }
  for (const [name, shape] of Object.entries(shapes)) {
    const most = name === "log_var" ? LARGEST_LOG_VAR : undefined;
    expectTensor(file, name, required(file, tensors, name), name === "label" ? "int64" : "float32", shape, most);
  }
  const tril = shapes.scale_tril && /** @type {Float32Array} */ (tensors.get("scale_tril")?.data);
  if (tril && !tril.every((value, i) => (i % (dim * dim)) % (dim + 1) !== 0 || value > 0)) {
    throw new Refusal(`${file}: 'scale_tril' must have a positive diagonal`);
  }
  const most = BigInt(config.dataset.classes.length - 1);
  const label = /** @type {BigInt64Array} */ (tensors.get("label")?.data);
  if (!count || label.some((value) => value < 0n || value > most)) {
    throw new Refusal(`${file}: 'label' must hold at least one number, each from 0 to ${most}`);
  }
  return tensors;
}

/** The means of the same images through training, (T, N, D). @param {Folder} folder @param {Config} config */
export async function loadTrajectory(folder, config) {
  const file = `${folder.path}/trajectory.safetensors`;
  const tensors = await loadTensors(folder, config, "trajectory.safetensors");
  const [epoch, mu] = ["epoch", "mu"].map((name) => required(file, tensors, name));
  if (mu.shape.length !== 3 || mu.shape[2] !== config.model.latent_dim) {
    throw new Refusal(`${file}: tensor 'mu' has shape ${shapeText(mu.shape)}, expected (T, N, D)`);
  }
  expectTensor(file, "mu", mu, "float32", mu.shape);
  expectTensor(file, "epoch", epoch, "int64", [mu.shape[0]]);
  const epochs = Int32Array.from(/** @type {BigInt64Array} */ (epoch.data), Number);
  return {
    epoch: { shape: epoch.shape, data: epochs },
    mu: { shape: mu.shape, data: /** @type {Float32Array} */ (mu.data) },
  };
}

/**
 * The values of what else is known of each image, in the order of the columns.
 * @param {Folder} folder @param {Config} config
 */
export async function loadColumns(folder, config) {
  if (!config.columns.length) return [];
  const file = `${folder.path}/${COLUMNS}`;
  const tensors = await loadTensors(folder, config, COLUMNS);
  return config.columns.map(({ categories }, place) => {
    const tensor = tensors.get(String(place));
    if (!tensor) throw new Refusal(`${file}: tensor '${place}' is missing`);
    const kind = categories ? "int32" : "float32";
    const shape = required(file, tensors, "0").shape.slice(0, 1);
    if (tensor.kind !== kind || String(tensor.shape) !== String(shape)) {
      const [found, wanted] = [tensor.shape, shape].map(shapeText);
      throw new Refusal(`${file}: tensor '${place}' is ${tensor.kind} ${found}, expected ${kind} ${wanted}`);
    }
    const data = /** @type {Float32Array | Int32Array} */ (tensor.data);
    if (categories && data.some((value) => value < -1 || value >= categories.length)) {
      throw new Refusal(`${file}: tensor '${place}' must hold numbers from -1 to ${categories.length - 1}`);
    }
    return { shape: tensor.shape, data };
  });
}

/**
 * The held-out images beside a run; null where there are none. Throws a Refusal.
 * @param {Folder} folder @param {Config} config @param {number} count
 */
export async function loadGallery(folder, config, count) {
  const name = "gallery.safetensors";
  const bytes = await folder.beside(name, MAX_FILE_BYTES);
  if (!bytes) return null;
  const sha256 = await sha256Of(bytes);
  if (config.dataset.gallery_sha256 && sha256 !== config.dataset.gallery_sha256) {
    throw new Refusal(`${name}: these are not the images that the run was evaluated on (SHA-256 differs)`);
  }
  const tensors = parseTensors(name, bytes);
  const [images, label] = ["images", "label"].map((one) => required(name, tensors, one));
  if (images.kind !== "uint8" || images.shape.length !== 4 || String(label.shape) !== String(images.shape[0])) {
    throw new Refusal(`${name}: 'images' must be uint8 (N, C, H, W) and 'label' (N,)`);
  }
  const expected = [count, ...config.model.image_shape];
  if (String(images.shape) !== String(expected)) {
    throw new Refusal(
      `${name}: images of shape ${shapeText(images.shape)}, expected ${shapeText(expected)} for ${folder.name}`,
    );
  }
  return { sha256, shape: images.shape, data: /** @type {Uint8Array} */ (images.data) };
}

/**
 * Record and weights of the classifier beside a run; null where there is none. Throws a Refusal.
 * @param {Folder} folder
 */
export async function loadClassifier(folder) {
  const [file, weights] = ["classifier/classifier.json", "classifier/model.safetensors"];
  const bytes = await folder.beside(file, MAX_HEADER_BYTES);
  if (!bytes) return null;
  const record = check(file, await unsealed(file, bytes), fields.CLASSIFIER, fields.CLASSIFIER_NEEDED);
  const data = await folder.beside(weights, MAX_FILE_BYTES);
  if (!data) throw new Refusal(`${weights}: missing`);
  if ((await sha256Of(data)) !== record.sha256) {
    throw new Refusal(`${weights}: damaged or changed (SHA-256 differs from classifier.json)`);
  }
  const tensors = parseTensors(weights, data);
  for (const [name, tensor] of tensors) {
    expectTensor(weights, name, tensor, "float32", tensor.shape, LARGEST_WEIGHT);
  }
  return { record, tensors };
}

/** Refuse a file that is larger than what is read. @param {string} file @param {number} size @param {number} limit */
export function refuseLarge(file, size, limit) {
  if (size > limit) throw new Refusal(`${file}: ${counted(size)} bytes, expected at most ${counted(limit)}`);
}
