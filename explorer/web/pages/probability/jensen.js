// Jensen's inequality (Eqs. 11-16) in one dimension: the logarithm of a mean lies above the mean of the logarithms.

import { fitted } from "../../dom/canvas.js";
import { decimals } from "../../dom/format.js";

/** @typedef {import("../../dom/theme.js").Theme} Theme */

const X = [0, 2.2];
const Y = [-2.6, 1.1];

/**
 * log E[w] - E[log w] in nats for w = 1 - spread or 1 + spread, each as likely: E[w] = 1.
 * @param {number} spread in [0, 1)
 */
export function jensenGap(spread) {
  return -0.5 * (Math.log1p(-spread) + Math.log1p(spread));
}

/** @param {HTMLCanvasElement} canvas @param {number} spread @param {Theme} theme */
export function drawJensen(canvas, spread, theme) {
  const { context, width, height } = fitted(canvas);
  const x = (/** @type {number} */ value) => 30 + ((value - X[0]) / (X[1] - X[0])) * (width - 44);
  const y = (/** @type {number} */ value) => height - 24 - ((value - Y[0]) / (Y[1] - Y[0])) * (height - 32);
  const line = (/** @type {number[][]} */ points) => {
    context.beginPath();
    for (const [px, py] of points) context.lineTo(x(px), y(py));
    context.stroke();
  };
  context.font = `${theme.label + 1}px ${theme.font}`;
  context.strokeStyle = theme.zero;
  line([[X[0], 0], [X[1], 0]]);
  context.fillStyle = theme.text;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const value of [0, 1, 2]) context.fillText(String(value), x(value), height - 18);
  context.textAlign = "right";
  context.fillText("w", width - 2, height - 18);
  context.textBaseline = "middle";
  for (const value of [-2, -1, 0, 1]) context.fillText(decimals(value).replace(/\.00$/, ""), 24, y(value));
  context.lineWidth = 2;
  context.strokeStyle = theme.text;
  line(Array.from({ length: 120 }, (_, i) => 0.074 + (i / 119) * (X[1] - 0.074)).map((w) => [w, Math.log(w)]));
  context.textAlign = "left";
  context.fillText("log w", x(1.62), y(0.48) - 16);
  const [low, high] = [1 - spread, 1 + spread];
  const gap = jensenGap(spread);
  context.save();
  context.beginPath();
  context.rect(28, 4, width - 34, height - 26);
  context.clip();
  context.setLineDash([5, 4]);
  context.lineWidth = 1.5;
  context.strokeStyle = theme.accent;
  line([[low, Math.log(low)], [high, Math.log(high)]]);
  context.setLineDash([]);
  context.lineWidth = 5;
  line([[1, 0], [1, -gap]]);
  context.fillStyle = theme.accent;
  for (const [px, py] of [[low, Math.log(low)], [high, Math.log(high)], [1, -gap]]) dot(context, x(px), y(py));
  context.fillStyle = theme.text;
  dot(context, x(1), y(0));
  context.restore();
  context.textAlign = "right";
  context.fillText("log E[w]", x(1) - 9, y(0) - 11);
  context.textAlign = "left";
  if (gap > 0.12) context.fillText("E[log w]", x(1) + 10, Math.min(y(-gap) + 12, height - 34));
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y */
function dot(context, x, y) {
  context.beginPath();
  context.arc(x, y, 4.5, 0, 2 * Math.PI);
  context.fill();
}
