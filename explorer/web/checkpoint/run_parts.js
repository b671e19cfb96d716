// A run as the pages load it: decoder, encoder, latents, each a safetensors file, as explorer/loader.py packs them.

import { classifierLayers, decoderLayers, encoderLayers } from "./architectures.js";
import { arraysOf, browserLayers, NotInBrowser } from "./browser_layers.js";
import { posteriorParameters } from "./model_spec.js";
import { planeArrays } from "./plane_arrays.js";
import { oneLine, Refusal } from "./refusal.js";
import {
  loadClassifier,
  loadColumns,
  loadConfig,
  loadGallery,
  loadLatents,
  loadMetrics,
  loadNotes,
  loadTrajectory,
  loadWeights,
} from "./run_files.js";
import { formatTensors } from "./tensor_file.js";

/** @typedef {import("./run_files.js").Folder} Folder */
/** @typedef {import("./run_files.js").Config} Config */
/** @typedef {import("./tensor_file.js").Tensor} Tensor */
/**
 * A run that was read whole. `files`: safetensors files for the pages by part; `gallery` and `classifier` are of the
 * data set, null without; `problems`: lines on what is left out.
 * @typedef {object} Run
 * @property {string} name @property {Config} config
 * @property {Record<string, any>} metrics @property {{name: string, hidden: boolean}} notes
 * @property {number} count  of held-out images
 * @property {Record<string, ArrayBuffer>} files @property {ArrayBuffer[]} columns
 * @property {{sha256: string, file: ArrayBuffer} | null} gallery
 * @property {{record: Record<string, any>, file: ArrayBuffer} | null} classifier
 * @property {string[]} problems
 */

/** Read a run; throws a Refusal in one line. @param {Folder} folder @returns {Promise<Run>} */
export async function readRun(folder) {
  /** @type {string[]} */
  const problems = [];
  const or = async (/** @type {Promise<any>} */ reading, /** @type {any} */ instead) => {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(error.message);
      return instead;
    }
  };
  const config = await loadConfig(folder);
  const metrics = await loadMetrics(folder, config);
  const latents = await loadLatents(folder, config);
  const weights = await loadWeights(folder, config);
  const trajectory = await loadTrajectory(folder, config);
  const columns = await loadColumns(folder, config);
  const notes = await or(loadNotes(folder), { name: "", hidden: false });
  const count = latents.get("mu")?.shape[0] ?? 0;
  const wanted = config.model.architecture !== "none" || config.dataset.gallery_sha256;
  const gallery = wanted ? await or(loadGallery(folder, config, count), null) : null;
  const judge = await or(classifierOf(folder), null);
  const networks = packedNetworks(folder, config, weights, gallery ? hasGrey(gallery.data) : true);
  return {
    name: folder.name,
    config,
    metrics,
    notes,
    count,
    files: { ...networks, latents: formatTensors(planeArrays(latents)), trajectory: formatTensors(trajectory) },
    columns: columns.map((values) => formatTensors({ values })),
    gallery: gallery && {
      sha256: gallery.sha256,
      file: formatTensors({ images: { shape: gallery.shape, data: gallery.data } }),
    },
    classifier: judge,
    problems,
  };
}

/**
 * Decoder and encoder.
 * @param {Folder} folder @param {Config} config @param {Map<string, Tensor>} weights @param {boolean} grey
 */
function packedNetworks(folder, { model, training }, weights, grey) {
  if (model.architecture === "none") {
    const none = formatTensors({}, { image_shape: JSON.stringify(model.image_shape), none: "true" });
    return { decoder: none, encoder: none };
  }
  /** @type {Record<string, string>} */
  const metadata = {
    image_shape: JSON.stringify(model.image_shape),
    likelihood: model.likelihood,
    posterior: model.posterior,
    latent_dim: String(model.latent_dim),
    classes: String(model.condition),
  };
  const binarize = training.binarize ?? "none";
  if (binarize !== "none") metadata.binarize = "true";
  if (model.likelihood === "bernoulli" && binarize === "none" && grey) metadata.cross_entropy = "true";
  const numbers = (/** @type {string} */ name) => Array.from(/** @type {Float32Array} */ (weights.get(name)?.data));
  if (model.prior !== "standard") {
    const rows = (/** @type {string} */ name) => {
      const all = numbers(name);
      return all.filter((_, i) => i % model.latent_dim === 0).map((_, i) =>
        all.slice(i * model.latent_dim, (i + 1) * model.latent_dim)
      );
    };
    const prior = { logits: numbers("prior.logits"), mean: rows("prior.mean"), log_var: rows("prior.log_var") };
    Object.assign(metadata, { prior: JSON.stringify(prior), prior_kind: model.prior });
  }
  if (model.likelihood === "gaussian") metadata.log_sigma = String(numbers("log_sigma")[0]);
  const code = [model.latent_dim];
  const parts = /** @type {const} */ ([
    ["decoder", decoderLayers, code, model.image_shape],
    ["encoder", encoderLayers, model.image_shape, [posteriorParameters(model)]],
  ]);
  const packed = parts.map(([part, layersOf, inputs, outputs]) => {
    const arrays = arraysOf(weights, part);
    const layers = fitting(
      folder,
      () => browserLayers(layersOf(model), arrays, part, [...inputs], [...outputs], model.condition),
    );
    return [part, formatTensors(asArrays(arrays), { ...metadata, layers: JSON.stringify(layers) })];
  });
  return /** @type {Record<string, ArrayBuffer>} */ (Object.fromEntries(packed));
}

/** @template T @param {Folder} folder @param {() => T} make @returns {T} */
function fitting({ path }, make) {
  try {
    return make();
  } catch (error) {
    const words = oneLine(error);
    const needs = "only the explorer itself, with its server, can show this run: ";
    throw new Refusal(`${path}: ${error instanceof NotInBrowser ? needs + words : `cannot be used (${words})`}`);
  }
}

/** @param {Map<string, Tensor>} tensors */
function asArrays(tensors) {
  const entries = [...tensors].map(([name, { shape, data }]) => [name, { shape, data }]);
  return /** @type {Record<string, {shape: number[], data: Float32Array}>} */ (Object.fromEntries(entries));
}

/** @param {Folder} folder */
async function classifierOf(folder) {
  const found = await loadClassifier(folder);
  if (!found) return null;
  const { record, tensors } = found;
  const arrays = arraysOf(tensors, "layers");
  const { image_shape: shape, classes } = record;
  const kernels = [...tensors].filter(([, tensor]) => tensor.shape.length === 4);
  kernels.sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  const channels = kernels.map(([, tensor]) => tensor.shape[0]);
  const listed = classifierLayers(shape, classes.length, channels);
  const layers = fitting(
    { ...folder, path: "classifier" },
    () => browserLayers(listed, arrays, "network", shape, [classes.length + 1]),
  );
  const metadata = { layers: JSON.stringify(layers), image_shape: JSON.stringify(shape) };
  return { record, file: formatTensors(asArrays(arrays), metadata) };
}

/** Whether any pixel is neither black nor white. @param {Uint8Array} images */
function hasGrey(images) {
  return images.some((value) => value > 0 && value < 255);
}
