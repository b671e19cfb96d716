// The priors that were fitted to a run's codes afterwards: which one is shown, and what its figures say.

import { decimals, percent } from "../../dom/format.js";

/**
 * As `fit-prior` keeps it (docs/checkpoint-format.md); nats. The first is the run's own, the last the aggregate.
 * @typedef {object} PriorRow
 * @property {string} prior  standard, mixture, vamp; aggregate
 * @property {number | null} components  of a fitted mixture
 * @property {number} coverage  share of the prior that q(z) covers
 * @property {number} log_evidence
 * @property {[number, number | null]} over_own  with its standard error
 * @property {[number, number | null]} below_best  likewise
 * @property {number | null} recognisable  share of samples; null without a classifier
 * @property {import("../../maths/prior.js").Mixture | null} gaussians  of a fitted mixture
 */
/**
 * As explorer/fitted_priors.py makes it.
 * @typedef {object} Fitted
 * @property {PriorRow[] | null} priors  null: there are none
 * @property {string} why  a line on that, "" where they were just never fitted
 * @property {string | null} command  that fits them, null where none can be
 * @property {string[]} conclusions
 * @property {number} images  that they are fitted to
 * @property {number} judged  other ones, that log p(x) is of
 * @property {number} draws  of q(z|x) for each of those
 */

/** A prior's name in the address. @param {PriorRow} row */
export function nameOf({ prior, components }) {
  return prior === "aggregate" ? prior : String(components);
}

/** @param {PriorRow} row */
export function wordsOf({ prior, components }) {
  return prior === "aggregate" ? "aggregate q(z)" : `${components} Gaussian${components === 1 ? "" : "s"}`;
}

/**
 * Which of the fitted priors an address asks for: by name, else the mixture with the highest log p(x).
 * @param {PriorRow[]} fitted @param {string} name
 */
export function chosen(fitted, name) {
  const named = fitted.findIndex((row) => nameOf(row) === name);
  if (named >= 0) return named;
  return fitted.reduce(
    (best, row, i) => row.gaussians && row.log_evidence > fitted[best].log_evidence ? i : best,
    0,
  );
}

/** What stands in the columns of a prior. @param {PriorRow} row @param {boolean} own */
export function figuresOf(row, own) {
  const [gain, error] = row.over_own;
  const by = `${gain > 0 ? "+" : ""}${decimals(gain)}${error === null ? "" : ` ± ${decimals(error)}`}`;
  return {
    log_evidence: `${decimals(row.log_evidence)} nats${own ? "" : ` (${by})`}`,
    coverage: percent(row.coverage),
    recognisable: row.recognisable === null ? "no classifier" : percent(row.recognisable),
  };
}

/**
 * How the figures came about.
 * @param {Fitted} fitted @param {PriorRow} row that is shown @param {string} likelihood  half a line, or ""
 */
export function basisSentence({ images, judged, draws }, row, likelihood) {
  const count = (/** @type {number} */ number) => number.toLocaleString("en");
  const all = row.gaussians ? "" : " Its picture and samples here are of all held-out images.";
  return `Fitted to q(z|x) of ${count(images)} held-out images, judged on others: log p(x) of ${count(judged)} by ` +
    `${draws} importance-weighted draws each${likelihood ? ` (${likelihood})` : ""}.${all}`;
}

/** What to do where there are none. @param {Fitted} fitted */
export function unfittedSentence({ command, why }) {
  if (command === null) return `${why}.`;
  return why
    ? `${why}. This line, in the project's folder, fits priors to it anew; then reload this page:`
    : "No priors have been fitted to this run yet. This line, in the project's folder, does so in a minute or two; " +
      "then reload this page:";
}
