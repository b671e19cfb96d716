// What the JSON files of a checkpoint hold, field by field, as training/checkpoint_fields.py and run_notes.py have it.

import {
  byName,
  COUNT,
  FLAG,
  isObject,
  listOf,
  nullOr,
  NUMBER,
  number,
  record,
  SHA256,
  SHARE,
  TEXT,
  whole,
} from "./fields.js";

/** @typedef {import("./fields.js").Kind} Kind */
/** @typedef {import("./fields.js").Kinds} Kinds */

/** @type {Kind} */
const OBJECT = { words: "an object", fits: isObject };
const CLASSES = listOf(TEXT, 1);
const SIDES = listOf(whole(1, 2 ** 15));
/** @type {Kind} */
const IMAGE_SHAPE = {
  words: "[C, H, W]",
  fits: (value) =>
    SIDES.fits(value) && value.length === 3 &&
    value.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b) <= 2 ** 26,
};
/** @param {string[]} names @param {Kind} kind @returns {Kinds} */
const each = (names, kind) => Object.fromEntries(names.map((name) => [name, kind]));

/** @type {Kinds} */
export const CONFIG = {
  format_version: whole(1),
  dataset: OBJECT,
  model: OBJECT,
  training: OBJECT,
  versions: byName(TEXT),
  files: byName(SHA256),
};
/** @type {Kinds} */
export const DATASET = {
  name: TEXT,
  source: TEXT,
  licence: TEXT,
  classes: CLASSES,
  split: byName(TEXT),
  gallery_sha256: nullOr(SHA256),
};
export const DATASET_NEEDED = ["name", "source", "licence", "classes"];
/** @type {Kind} */
const BETA = { words: 'a number from 0 up, or "inf"', fits: (value) => value === "inf" || number(0).fits(value) };
/** Of the options of a run those that anything looks at. @type {Kinds} */
export const TRAINING = {
  ...each(["objective", "dataset", "model", "gradient", "baseline", "architecture", "binarize", "prior"], TEXT),
  ...each(["posterior", "likelihood", "start_from", "family"], nullOr(TEXT)),
  ...each(["prior_components", "importance_samples"], nullOr(whole(1))),
  beta: number(0),
  latent_dim: whole(1),
  epochs: whole(1),
  seed: whole(-(2 ** 63)),
  image_size: nullOr(listOf(whole(1))),
  beta_changes: listOf(record({ epoch: number(0), beta: BETA })),
};

const MEAN = nullOr(NUMBER); // none where it was not finite or does not apply
/** @type {Kinds} */
export const METRICS = {
  ...each(["reconstruction", "kl", "elbo"], MEAN),
  ...each(["prior_coverage", "prior_coverage_ceiling", "neighbour_accuracy"], nullOr(SHARE)),
  ...each(["recognisable", "recognisable_images"], nullOr(SHARE)),
  ...each(["recognised_classes", "active_units"], nullOr(COUNT)),
  ...each(["mutual_information_gap", "attribute_predictability", "factor_vae_score"], MEAN),
  ...each(["dci_disentanglement", "dci_completeness", "dci_informativeness"], MEAN),
  factors: nullOr(listOf(TEXT)),
  factor_information: nullOr(listOf(listOf(NUMBER))),
  ...each(["unit", "split"], TEXT),
  ...each(["images", "samples", "held_out_images", "prior_draws", "neighbours", "best_epoch"], COUNT),
  classifier_sha256: nullOr(SHA256),
  seed: whole(-(2 ** 63)),
  kl_per_dimension: nullOr(listOf(NUMBER, 1)),
  collapsed: FLAG,
  definitions: byName(TEXT),
  ...each(["importance_weighted_bound", "log_evidence", "bound_elbo"], MEAN),
  ...each(["bound_images", "bound_draws", "frechet_images"], COUNT),
  gap: nullOr(record({
    images: whole(1),
    mean: NUMBER,
    quantiles: byName(NUMBER, ["0.5"]),
    edges: listOf(number(1e-15), 2),
    counts: listOf(COUNT),
  })),
  ...each(["frechet_samples", "frechet_reconstructions", "inception_samples", "inception_reconstructions"], MEAN),
  shortcomings: listOf(TEXT),
  feature_network: nullOr(record({ name: TEXT, accuracy: SHARE, sha256: SHA256 })),
};
export const METRICS_NEEDED = ["reconstruction", "kl", "elbo"];

/** @type {Kinds} */
export const CLASSIFIER = {
  format_version: whole(1),
  sha256: SHA256,
  dataset: TEXT,
  classes: CLASSES,
  image_shape: IMAGE_SHAPE,
  accuracy: SHARE,
  ...each(["accuracy_with_rejection", "recognised_images", "rejected_images", "rejected_non_images"], SHARE),
  definitions: byName(TEXT),
  ...each(["split", "source", "licence"], TEXT),
  versions: byName(TEXT),
};
export const CLASSIFIER_NEEDED = ["format_version", "sha256", "dataset", "classes", "image_shape", "accuracy"];

// Controls, what has no meaning of its own, and what turns the direction of the text around it.
const UNSEEN = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
/** @param {any} value @param {number} most */
const seen = (value, most) => TEXT.fits(value) && [...value].length <= most;
/** What a person notes of a run. @type {Kinds} */
export const NOTES = {
  name: {
    words: "a text of up to 60 characters on one line",
    fits: (value) => seen(value, 60) && !UNSEEN.test(value),
  },
  note: {
    words: "a text of up to 2,000 characters",
    fits: (value) => seen(value, 2000) && !UNSEEN.test(value.replaceAll("\n", "")),
  },
  hidden: FLAG,
};
