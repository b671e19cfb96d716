// Both terms of the loss while they fall, each on a scale of its own, with a mark wherever beta was changed.

import { fitted } from "../../dom/canvas.js";
import { significant } from "../../dom/format.js";
import { betaText } from "./beta_scale.js";

/** @typedef {import("./server.js").Point} Point */
/** @typedef {import("./server.js").Mark} Mark */
/** @typedef {import("../../dom/theme.js").Theme} Theme */

const MOST = 6000; // points that are kept: of more, every other one
const ROOM = { left: 46, right: 8, top: 18, between: 24, bottom: 18 };
const TERMS = [{ name: "reconstruction", title: "Reconstruction", at: 1 }, { name: "kl", title: "KL", at: 2 }];

export class Curve {
  /** @param {HTMLCanvasElement} canvas @param {HTMLElement} root whose style says the colours */
  constructor(canvas, root) {
    this.canvas = canvas;
    this.root = root;
    /** @type {Point[]} */
    this.points = [];
    /** @type {Mark[]} */
    this.marks = [];
    this.epochs = 1;
    /** what the run's nats are, in half a line, "" where that goes without saying */
    this.what = "";
    /** @type {Theme | null} */
    this.theme = null;
  }

  clear() {
    this.what = "";
    this.points = [];
    this.marks = [];
    this.draw();
  }

  /** @param {import("./server.js").CurveNews} news @param {number} epochs that are to come in all */
  add({ points, marks }, epochs) {
    const last = this.points.at(-1)?.[0] ?? -1;
    // A run that was resumed does again what came after its last saved state.
    if (points.length && points[0][0] <= last) this.points = this.points.filter(([epoch]) => epoch < points[0][0]);
    this.points.push(...points);
    if (this.points.length > MOST) {
      this.points = this.points.filter((_, i) => i % 2 === 0 || i === this.points.length - 1);
    }
    this.marks = marks;
    this.epochs = Math.max(epochs, 1);
    this.draw();
  }

  /** The newest values of both terms, in nats. */
  get last() {
    return this.points.at(-1) ?? null;
  }

  draw() {
    const { canvas, theme } = this;
    if (!theme || !canvas.clientWidth) return;
    const { context, width, height } = fitted(canvas);
    context.font = `12px ${theme.font}`;
    const tall = (height - ROOM.top - ROOM.between - ROOM.bottom) / 2;
    const style = getComputedStyle(this.root);
    const end = Math.max(this.epochs, this.points.at(-1)?.[0] ?? 0);
    const x = (/** @type {number} */ epoch) => ROOM.left + (epoch / end) * (width - ROOM.left - ROOM.right);
    TERMS.forEach(({ name, title, at }, row) => {
      const top = ROOM.top + row * (tall + ROOM.between);
      const color = style.getPropertyValue(`--lx-${name}`);
      this.drawTerm(context, { at, title, top, tall, x, color, right: width - ROOM.right });
    });
    context.fillStyle = theme.muted;
    context.textAlign = "left";
    if (this.points.length) {
      context.fillText("0", ROOM.left, height - 4);
      context.textAlign = "right";
      const [right, epochs] = [width - ROOM.right, `${end} epoch${end > 1 ? "s" : ""}`];
      context.fillText(epochs, right, height - 4);
      this.drawWhat(context, ROOM.left + 16, right - context.measureText(epochs).width - 8, height - 4);
    }
    this.drawMarks(context, x, height - ROOM.bottom);
    this.canvas.setAttribute("aria-label", this.words());
  }

  /** Between both ends of the axis, shortened where it is narrow. @param {CanvasRenderingContext2D} context */
  drawWhat(context, /** @type {number} */ left, /** @type {number} */ right, /** @type {number} */ y) {
    const [short] = this.what.split(",");
    const text = context.measureText(this.what).width < right - left ? this.what : short;
    context.textAlign = "center";
    context.fillText(text, (left + right) / 2, y);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{at: number, title: string, top: number, tall: number, x: (epoch: number) => number, color: string,
   *   right: number}} plot
   */
  drawTerm(context, { at, title, top, tall, x, color, right }) {
    const theme = /** @type {Theme} */ (this.theme);
    const known = this.points.filter((point) => point[at] !== null);
    const values = known.map((point) => /** @type {number} */ (point[at]));
    const [low, high] = bounds(values);
    const y = (/** @type {number} */ value) => top + tall * (1 - (Math.min(value, high) - low) / (high - low || 1));
    context.strokeStyle = theme.grid;
    context.lineWidth = 1;
    for (const edge of [top, top + tall]) stroke(context, [[ROOM.left, edge], [right, edge]]);
    context.textAlign = "right";
    context.fillStyle = theme.muted;
    if (values.length) {
      context.fillText(edgeText(high), ROOM.left - 6, top + 4);
      context.fillText(edgeText(low), ROOM.left - 6, top + tall + 4);
    }
    context.textAlign = "left";
    context.fillStyle = color;
    const now = values.length ? ` ${significant(values[values.length - 1])} nats` : "";
    context.fillText(`${title}${now}`, ROOM.left, top - 5);
    context.strokeStyle = color;
    context.lineWidth = 2;
    stroke(context, known.map((point, i) => [x(point[0]), y(values[i])]));
  }

  /** @param {CanvasRenderingContext2D} context @param {(epoch: number) => number} x @param {number} bottom */
  drawMarks(context, x, bottom) {
    const theme = /** @type {Theme} */ (this.theme);
    context.textAlign = "left";
    let free = -Infinity; // of names that would lie over each other only the first is written
    for (const { epoch, beta } of this.marks.slice(1)) {
      context.strokeStyle = context.fillStyle = theme.text;
      context.lineWidth = 1;
      context.setLineDash([3, 3]);
      stroke(context, [[x(epoch), ROOM.top - 4], [x(epoch), bottom]]);
      context.setLineDash([]);
      const text = `β ${betaText(beta)}`;
      if (x(epoch) < free) continue;
      context.fillText(text, x(epoch) + 3, bottom - 3);
      free = x(epoch) + context.measureText(text).width + 8;
    }
  }

  words() {
    const { last, marks } = this;
    if (!last) return "Loss curve, empty so far";
    const said = (/** @type {number | null} */ value) => value === null ? "not finite" : `${significant(value)} nats`;
    const changes = marks.slice(1).map(({ epoch, beta }) =>
      `beta became ${betaText(beta)} in epoch ${Math.ceil(epoch)}`
    );
    const now = `Loss curve: reconstruction now ${said(last[1])}, KL ${said(last[2])}`;
    return [now, ...(this.what ? [this.what] : []), ...changes].join("; ");
  }
}

/** A number beside the axis, where there is little room. @param {number} value in nats */
function edgeText(value) {
  return significant(Math.round(100 * value) / 100);
}

/** Of the scale: the highest hundredth, as the first steps are, may lie above. @param {number[]} values */
function bounds(values) {
  if (!values.length) return [0, 1];
  const sorted = Float64Array.from(values).sort();
  const [low, most] = [sorted[0], sorted[Math.min(Math.floor(0.99 * sorted.length), sorted.length - 1)]];
  const high = Math.max(most, values[values.length - 1]); // the newest is always seen
  return [low, high > low ? high : low + 1];
}

/** @param {CanvasRenderingContext2D} context @param {number[][]} points */
function stroke(context, points) {
  context.beginPath();
  for (const [i, [x, y]] of points.entries()) i ? context.lineTo(x, y) : context.moveTo(x, y);
  context.stroke();
}
