// Runs in words, as explorer/views/runs.py and compare.py have them: titles, what each optimises, what its metrics say.

import { general } from "./refusal.js";

/** @typedef {Record<string, any>} Training  the options of a run, from its config.json */
/**
 * The titles of well-known runs, and a sentence for each objective.
 * @typedef {{titles: Record<string, string>, sentences: Record<string, string>}} Words
 */

const MOST_TURNS = 4; // told one by one
// As in explorer/views/compare.py.
const [COVERS, MISSES] = [0.8, 0.4];
const [APART, MIXED] = [0.66, 0.22];
const [MOST, FEW] = [0.7, 0.3];
const MOST_DIMENSIONS = 2;
const TELLING = 0.1;
const LEAST_FOLLOWED = 0.05;

/**
 * Title, and what the run optimises.
 * @param {string} name @param {Training} training @param {string} posterior @param {Words} words
 */
export function runText(name, training, posterior, { titles, sentences }) {
  const title = titles[name] ?? name;
  const objective = String(training.objective ?? "");
  const dimensions = inDimensions(training.latent_dim ?? 2);
  if (objective === "imported") {
    const what = `${training.model}, imported: what it minimised is not known here.`;
    const given = training.condition ? "Encoder and decoder are given the class y. " : "";
    return { title, sentence: dimensions + given + what };
  }
  if (objective === "latents") {
    const what = `Latents alone, '${training.latents}' of ${training.file}: no decoder, no prior.`;
    return { title, sentence: dimensions + what };
  }
  const beta = training.beta ?? 1;
  const learned = (training.prior ?? "standard") !== "standard";
  let sentence = sentences[objective] ?? `Trained with the objective '${objective}', posterior ${posterior}.`;
  if (objective === "elbo" && beta !== 1) {
    const weighs = beta > 1 ? "more than in the ELBO" : beta ? "less than in the ELBO" : "nothing";
    sentence = `Minimises reconstruction + ${general(beta)} KL: the prior weighs ${weighs}.`;
  }
  const turns = turnsInWords(training.beta_changes ?? []);
  if (turns) sentence = `Its beta was turned while it was trained: ${turns}.`;
  if (training.gradient === "score-function") sentence = `Learned by the score-function gradient (Eq. 20). ${sentence}`;
  if (posterior === "full") sentence = `Each q(z|x) may tilt: its covariance is a full L Lᵀ (Eq. 22). ${sentence}`;
  if (training.architecture === "conv") sentence = `Convolutions in place of full layers. ${sentence}`;
  if (learned) {
    const kind = training.prior === "vamp" ? "a VampPrior" : "a mixture of Gaussians";
    const rest = objective === "elbo" && beta === 1 ? "" : sentence;
    sentence = `Its prior is ${kind}, learned with the rest; its KL is a sampled estimate. ${rest}`;
  }
  if ((training.binarize ?? "none") !== "none") {
    sentence = `Its pixels are black or white, by chance of their grey: p(x) is a probability. ${sentence}`;
  }
  if (training.condition) {
    sentence = `Encoder and decoder are given the class y, so its figures are of log p(x|y). ${sentence}`;
  }
  return { title, sentence: dimensions + sentence };
}

/** @param {number} dim */
function inDimensions(dim) {
  if (dim === 1) return "One latent dimension: z is a single number. ";
  return dim > 2 ? `${dim} latent dimensions, of which a plane shows two directions. ` : "";
}

/** @param {{beta: number | "inf", epoch: number}[]} changes */
function turnsInWords(changes) {
  const words = changes.map(({ beta, epoch }, place) =>
    (beta === "inf" ? "KL only" : general(beta)) + (place ? ` from epoch ${general(epoch, 3)}` : "")
  );
  if (words.length <= MOST_TURNS) return words.join(", ");
  const more = `${words.length - MOST_TURNS + 1} more`;
  return [...words.slice(0, MOST_TURNS - 2), more, words[words.length - 1]].join(", ");
}

/** What metrics.json says that the run falls short in. @param {Record<string, any>} metrics */
export function shortcomings({ shortcomings: lines }) {
  return Array.isArray(lines)
    ? lines.filter((line) => line).map((line) => `${line[0].toUpperCase()}${line.slice(1)}.`)
    : [];
}

/**
 * One sentence on how a run covers the prior, keeps its classes apart and fills the space.
 * @param {Record<string, number | null>} metrics @param {number} classes @param {number} dim @param {boolean} given
 */
export function verdict(metrics, classes, dim, given) {
  const parts = [cloud(metrics, dim), ofClasses(metrics.neighbour_accuracy, classes, given)].filter(Boolean);
  const samples = ofSamples(metrics.recognisable, metrics.recognised_classes, classes);
  const joined = [parts.join(", "), samples].filter(Boolean).join("; ");
  if (!joined) return "This run was written without figures of its latent space.";
  return `${joined[0].toUpperCase()}${joined.slice(1)}.`;
}

/** The same for latents without a decoder. @param {(string | null)[]} own  classes @param {string[]} shared */
export function alone(own, shared) {
  const words = "Latents alone: there is no decoder and no prior, so that only the points can be compared.";
  return shared.length < 2 || own.some(Boolean) ? words : `${words} They came without classes.`;
}

/** @param {Record<string, number | null>} metrics @param {number} dim */
function cloud({ prior_coverage: coverage, prior_coverage_ceiling: ceiling, kl }, dim) {
  if (coverage === null) return kl === null ? "a code without noise, not tied to the prior" : "";
  if (!ceiling || dim > MOST_DIMENSIONS) return "";
  if (ceiling < TELLING) return "posteriors too narrow to tell how the prior is covered";
  const share = coverage / ceiling;
  return `${share >= COVERS ? "fills" : share < MISSES ? "misses most of" : "covers part of"} the prior`;
}

/** @param {number | null} accuracy @param {number} classes @param {boolean} given */
function ofClasses(accuracy, classes, given) {
  if (accuracy === null || classes === 1) return "";
  const beyond = (accuracy * classes - 1) / (classes - 1);
  if (given && beyond < APART) return "classes share the space, as each is given with z";
  return `classes ${beyond >= APART ? "lie apart" : beyond >= MIXED ? "overlap" : "cannot be told apart"}`;
}

/** @param {number | null} share @param {number | null} seen @param {number} classes */
function ofSamples(share, seen, classes) {
  if (share === null) return "";
  if (share === 0) return "no prior sample is recognisable";
  const how = share >= MOST ? "most" : share < FEW ? "few" : "some";
  return `${how} prior samples are recognisable${seen === null ? "" : ` (${seen} of ${classes} classes)`}`;
}

/**
 * The classes of several runs together, and of each run the numbers that its own have there, null where all are alike.
 * @param {Record<string, (string | null)[]>} own  of each run; null for images without a label @param {string[]} first
 */
export function sharedClasses(own, first) {
  const lists = Object.values(own);
  const none = Object.fromEntries(Object.keys(own).map((name) => [name, null]));
  if (lists.every((one) => JSON.stringify(one) === JSON.stringify(lists[0]))) return { classes: first, numbers: none };
  const together = [...new Set(lists.flat())].filter((name) => name !== null);
  const numbers = Object.entries(own).map(([run, names]) => [run, names.map((name) => together.indexOf(name ?? ""))]);
  return { classes: together, numbers: Object.fromEntries(numbers) };
}

/**
 * For each dimension the factor that it follows; null for data without factors.
 * @param {Record<string, any>} metrics
 */
export function followed({ factors, factor_information: information }) {
  if (!factors?.length || !information?.length) return null;
  return information.map((/** @type {number[]} */ shares) => {
    const best = shares.reduce(
      (most, share, place) =>
        share > shares[most] || (share === shares[most] && factors[place] > factors[most]) ? place : most,
      0,
    );
    return shares[best] >= LEAST_FOLLOWED ? { factor: factors[best], share: shares[best] } : null;
  });
}
