// log p(x) of held-out images by the fitted priors, in their order, with the run's own as a line across.

import { decimals } from "../../dom/format.js";
import { nameOf, wordsOf } from "./fitted.js";

/** @typedef {import("./fitted.js").PriorRow} PriorRow */

const SVG = "http://www.w3.org/2000/svg";
const [WIDE, HIGH] = [420, 132];
const ROOM = { left: 10, right: 10, top: 36, bottom: 22 };
const FAR = 2; // spans of the mixtures beyond which any other is at the edge, with its number
const LEAST = 0.05; // nats that the chart is high

/**
 * @param {SVGSVGElement} svg @param {PriorRow} own @param {PriorRow[]} fitted @param {number} shown place of the one
 */
export function drawRise(svg, own, fitted, shown) {
  const values = fitted.map((row) => row.log_evidence);
  const errors = fitted.map((row) => row.below_best[1] ?? 0);
  const mixtures = fitted.flatMap((row, i) => row.gaussians ? [i] : []);
  let low = Math.min(...mixtures.map((i) => values[i] - errors[i]));
  let high = Math.max(...mixtures.map((i) => values[i] + errors[i]));
  const span = Math.max(high - low, LEAST);
  const [lowest, highest] = [low - FAR * span, high + FAR * span];
  const near = (/** @type {number} */ value) => value > lowest && value < highest;
  for (const value of [own.log_evidence, ...values].filter(near)) {
    [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  const across = (/** @type {number} */ i) =>
    ROOM.left + 16 + (i * (WIDE - ROOM.left - ROOM.right - 32)) / Math.max(fitted.length - 1, 1);
  const up = (/** @type {number} */ value) => {
    const share = (value - low) / Math.max(high - low, LEAST);
    return HIGH - ROOM.bottom - Math.min(Math.max(share, 0), 1) * (HIGH - ROOM.bottom - ROOM.top);
  };
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
  svg.setAttribute("aria-label", inWords(own, fitted));
  const parts = [];
  const level = up(own.log_evidence);
  parts.push(part("line", "lx-own-level", { x1: ROOM.left, x2: WIDE - ROOM.right, y1: level, y2: level }));
  const where = near(own.log_evidence) ? "" : own.log_evidence < low ? ", far below" : ", far above";
  const words = `own prior ${decimals(own.log_evidence)}${where}`;
  parts.push(part("text", "lx-own-words", { x: WIDE - ROOM.right, y: 12, "text-anchor": "end" }, words));
  const points = mixtures.map((i) => `${across(i)},${up(values[i])}`);
  parts.push(part("polyline", "lx-rise-line", { points: points.join(" ") }));
  fitted.forEach((row, i) => {
    const [x, y, error] = [across(i), up(values[i]), errors[i]];
    parts.push(
      part("line", "lx-standard-error", { x1: x, x2: x, y1: up(values[i] - error), y2: up(values[i] + error) }),
    );
    parts.push(part("circle", i === shown ? "lx-shown" : "", { cx: x, cy: y, r: i === shown ? 6 : 4 }));
    const label = row.prior === "aggregate" ? "q(z)" : nameOf(row);
    parts.push(part("text", "lx-tick", { x, y: HIGH - 5, "text-anchor": "middle" }, label));
  });
  const [x, y] = [across(shown), up(values[shown])];
  values.forEach((value, i) => {
    if (i === shown || near(value)) return;
    const edge = `${value < low ? "↓" : "↑"} ${decimals(value)}`;
    parts.push(part("text", "lx-tick", { x: across(i) + 16, y: up(value) - 9, "text-anchor": "end" }, edge));
  });
  const end = x < WIDE / 4 ? "start" : x > 0.75 * WIDE ? "end" : "middle";
  parts.push(part("text", "lx-value", { x, y: y - 9, "text-anchor": end }, decimals(values[shown])));
  svg.replaceChildren(...parts);
}

/** @param {PriorRow} own @param {PriorRow[]} fitted */
function inWords(own, fitted) {
  const all = fitted.map((row) => `${wordsOf(row)} ${decimals(row.log_evidence)}`);
  return `log p(x) in nats: ${all.join(", ")}; the run's own prior ${decimals(own.log_evidence)}`;
}

/** @param {string} kind @param {string} name @param {Record<string, string | number>} values @param {string} [text] */
function part(kind, name, values, text = "") {
  const element = document.createElementNS(SVG, kind);
  if (name) element.setAttribute("class", name);
  for (const [key, value] of Object.entries(values)) element.setAttribute(key, String(value));
  element.textContent = text;
  return element;
}
