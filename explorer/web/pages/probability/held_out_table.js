// What is known of each run's posteriors over all held-out images, as a table; only what its metrics have.

import { termsInNats } from "../../dom/format.js";
import { term } from "../../dom/glossary.js";
import { barWords, gapWords, histogramWords } from "./gap_words.js";

/**
 * @typedef {object} Gaps  in nats, as training/measure/slow_metrics.py makes them
 * @property {number} images  how many
 * @property {number} mean
 * @property {Record<string, number>} quantiles  by the share below them
 * @property {number[]} edges  of the histogram's classes
 * @property {number[]} counts  of images in each class
 */
/**
 * @typedef {object} HeldOutMetrics  of a run, as explorer/views/posterior.py picks them
 * @property {Gaps} [gap]
 * @property {number[]} [kl_per_dimension]  in nats
 * @property {number} [active_units]
 * @property {boolean} [collapsed]
 */

const HEADS = [term("gap", "gap"), term("kl-of-dimension", "KL a dimension"), term("active", "active")].map((head) =>
  `<th scope="col">${head}</th>`
);

/**
 * A table of the runs that have any of these metrics; null if none has.
 * @param {Record<string, HeldOutMetrics>} metrics by run @param {Record<string, {title: string}>} runs
 */
export function heldOutTable(metrics, runs) {
  const rows = Object.entries(metrics).filter(([, found]) => Object.keys(found).length);
  if (!rows.length) return null;
  const table = document.createElement("table");
  table.innerHTML = `<thead><tr><th scope="col">run</th>${HEADS.join("")}</tr></thead>`;
  const body = document.createElement("tbody");
  body.append(...rows.map(([run, found]) => tableRow(runs[run].title, found)));
  table.append(body);
  return table;
}

/** @param {string} title of the run @param {HeldOutMetrics} metrics */
function tableRow(title, metrics) {
  const row = document.createElement("tr");
  const head = Object.assign(document.createElement("th"), { textContent: title, scope: "row" });
  const texts = [gapWords(metrics), dimensionsText(metrics.kl_per_dimension), activeText(metrics)];
  const cells = texts.map((textContent) => Object.assign(document.createElement("td"), { textContent }));
  if (metrics.gap) cells[0].append(histogram(metrics.gap));
  row.append(head, ...cells);
  return row;
}

/** The gaps as bars. @param {Gaps} gap */
function histogram(gap) {
  const { counts } = gap;
  const bars = Object.assign(document.createElement("span"), { className: "lx-histogram" });
  bars.setAttribute("role", "img");
  bars.setAttribute("aria-label", histogramWords(gap));
  const most = Math.max(...counts);
  bars.append(...counts.map((count, i) => {
    const bar = document.createElement("i");
    bar.style.height = `${(100 * count) / most}%`;
    bar.title = barWords(gap, i);
    return bar;
  }));
  return bars;
}

/** @param {number[] | undefined} kl */
function dimensionsText(kl) {
  return kl ? `${termsInNats(kl).slice(0, 4).join(", ")}${kl.length > 4 ? ", …" : ""} nats` : "none";
}

/** @param {HeldOutMetrics} metrics */
function activeText({ active_units: active, kl_per_dimension: kl, collapsed }) {
  if (active === undefined) return "none";
  return `${active}${kl ? ` of ${kl.length}` : ""}${collapsed ? ", collapsed" : ""}`;
}
