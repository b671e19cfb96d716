// The importance-weighted bound against the number of draws K: a curve with its spread, and the evidence it rises to.

import { fitted } from "../../dom/canvas.js";
import { ticks, tickStep } from "../../maths/ticks.js";
import { decimals } from "../../dom/format.js";

/** @typedef {import("../../maths/importance_bound.js").Bound} Bound */
/** @typedef {import("../../dom/theme.js").Theme} Theme */

const MARGIN = { left: 58, right: 14, top: 14, bottom: 34 };
const TICKS = 4;

/** @param {HTMLCanvasElement} canvas @param {Bound} bound @param {number | null} evidence @param {Theme} theme */
export function drawBound(canvas, bound, evidence, theme) {
  const { context, width, height } = fitted(canvas);
  const { counts, mean, low, high } = bound;
  const last = counts.length - 1;
  // The lowest draws of K = 1 would take the whole height: the curve comes first.
  const bottom = Math.max(
    Math.min(...low.filter((value) => !Number.isNaN(value)), mean[0]),
    2.2 * mean[0] - 1.2 * Math.max(mean[last], evidence ?? -Infinity) - 0.2,
  );
  const top = Math.max(evidence ?? -Infinity, mean[last]) + 0.12 * Math.max(mean[last] - bottom, 0.1);
  const [right, floor] = [width - MARGIN.right, height - MARGIN.bottom];
  const x = (/** @type {number} */ count) =>
    MARGIN.left + (Math.log(count) / Math.log(counts[last])) * (right - MARGIN.left);
  const y = (/** @type {number} */ value) =>
    floor - ((Math.max(value, bottom) - bottom) / (top - bottom)) * (floor - MARGIN.top);
  context.font = `${theme.label}px ${theme.font}`;
  context.textBaseline = "middle";
  for (const value of ticks(bottom, top, tickStep((top - bottom) / TICKS))) {
    context.fillStyle = theme.grid;
    context.fillRect(MARGIN.left, y(value), right - MARGIN.left, 1);
    context.fillStyle = theme.text;
    context.textAlign = "right";
    context.fillText(decimals(value).replace(/\.00$/, ""), MARGIN.left - 6, y(value));
  }
  context.textBaseline = "top";
  for (let count = 1; count <= counts[last]; count *= 10) {
    context.fillStyle = theme.grid;
    context.fillRect(x(count), MARGIN.top, 1, floor - MARGIN.top);
    context.fillStyle = theme.text;
    context.textAlign = count === 1 ? "left" : "center";
    context.fillText(count.toLocaleString("en"), x(count), floor + 4);
  }
  context.textAlign = "right";
  context.fillText("K draws", right, floor + 18);
  context.textAlign = "left";
  context.fillText("nats", 4, floor + 18);
  context.save();
  context.beginPath();
  context.rect(MARGIN.left, MARGIN.top, right - MARGIN.left, floor - MARGIN.top);
  context.clip();
  context.beginPath();
  const told = low.filter((value) => !Number.isNaN(value)).length; // the largest K have too few estimates at first
  for (let i = 0; i < told; i++) context.lineTo(x(counts[i]), y(high[i]));
  for (let i = told - 1; i >= 0; i--) context.lineTo(x(counts[i]), y(low[i]));
  context.globalAlpha = 0.2;
  context.fillStyle = theme.accent;
  context.fill();
  context.globalAlpha = 1;
  context.beginPath();
  for (let i = 0; i <= last; i++) context.lineTo(x(counts[i]), y(mean[i]));
  context.lineWidth = 2;
  context.strokeStyle = theme.accent;
  context.stroke();
  context.restore();
  if (evidence === null) return;
  context.setLineDash([5, 4]);
  context.lineWidth = 1.5;
  context.strokeStyle = theme.text;
  context.beginPath();
  context.moveTo(MARGIN.left, y(evidence));
  context.lineTo(right, y(evidence));
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = theme.text;
  context.textAlign = "left";
  context.textBaseline = "bottom";
  context.fillText("log p(x)", MARGIN.left + 4, y(evidence) - 2);
}
