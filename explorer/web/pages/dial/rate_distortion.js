// What a family's runs pay in KL for what they reconstruct: the rate-distortion curve, with the dial's place on it.

import { fitted } from "../../dom/canvas.js";
import { significant } from "../../dom/format.js";

/** @typedef {{rate: number, distortion: number, name: string}} Trade  of a run: KL and reconstruction, in nats */
/** @typedef {import("../../dom/theme.js").Theme} Theme */

const ROOM = { left: 44, right: 14, top: 34, bottom: 34 };
const TICKS = [0, 1, 3, 10, 30, 100, 300, 1000];
const REACH = 24; // pixels from a run's dot that a click counts as on it
const DOT = 4;

export class RateDistortion {
  /** @param {HTMLCanvasElement} canvas @param {(index: number) => void} choose a run that was clicked */
  constructor(canvas, choose) {
    this.canvas = canvas;
    /** @type {(Trade | null)[]} null where a run has no figures */
    this.trades = [];
    this.place = 0;
    /** @type {Theme | null} */
    this.theme = null;
    canvas.onclick = (event) => {
      const near = this.nearest(event.offsetX, event.offsetY);
      if (near >= 0) choose(near);
    };
    canvas.onpointermove = (event) => {
      canvas.style.cursor = this.nearest(event.offsetX, event.offsetY) >= 0 ? "pointer" : "";
    };
  }

  /** Rate and distortion at the dial's place, on the straight way between two runs; null where not known. */
  get now() {
    const [before, after] = [this.trades[Math.floor(this.place)], this.trades[Math.ceil(this.place)]];
    if (!before || !after) return null;
    const share = this.place - Math.floor(this.place);
    const at = (/** @type {number} */ a, /** @type {number} */ b) => a + share * (b - a);
    return { rate: at(before.rate, after.rate), distortion: at(before.distortion, after.distortion) };
  }

  /** Pixels of a pair of figures: KL across, by its logarithm but for what is below 1. */
  scales() {
    const known = this.trades.filter((trade) => trade !== null);
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const most = Math.max(...known.map(({ rate }) => rate), 1);
    const [low, high] = [Math.min, Math.max].map((end) => end(...known.map(({ distortion }) => distortion)));
    const pad = 0.06 * (high - low || 1);
    const across = (width - ROOM.left - ROOM.right) / Math.log1p(1.08 * most);
    const up = (height - ROOM.top - ROOM.bottom) / (high - low + 2 * pad);
    return {
      x: (/** @type {number} */ rate) => ROOM.left + across * Math.log1p(Math.max(rate, 0)),
      y: (/** @type {number} */ distortion) => height - ROOM.bottom - up * (distortion - low + pad),
      most,
      low,
      high,
    };
  }

  /** The run whose dot is within reach, or -1. @param {number} px @param {number} py */
  nearest(px, py) {
    if (!this.trades.some(Boolean)) return -1;
    const { x, y } = this.scales();
    const away = this.trades.map((one) => one ? Math.hypot(x(one.rate) - px, y(one.distortion) - py) : Infinity);
    const least = Math.min(...away);
    return least <= REACH ? away.indexOf(least) : -1;
  }

  draw() {
    const { canvas, theme, trades } = this;
    const known = trades.filter((trade) => trade !== null);
    if (!theme || !canvas.clientWidth) return;
    const { context, width, height } = fitted(canvas);
    if (!known.length) return;
    const { x, y, most, low, high } = this.scales();
    context.font = `12px ${theme.font}`;
    context.fillStyle = theme.muted;
    context.textAlign = "center";
    context.strokeStyle = theme.grid;
    for (const tick of TICKS.filter((one) => one <= most)) {
      line(context, [[x(tick), ROOM.top], [x(tick), height - ROOM.bottom]]);
      context.fillText(String(tick), x(tick), height - ROOM.bottom + 14);
    }
    context.textAlign = "right";
    context.fillText("rate: KL, nats", width - ROOM.right, height - 4);
    for (const value of [low, high]) context.fillText(significant(value), ROOM.left - 6, y(value) + 4);
    context.textAlign = "left";
    context.fillText("distortion: reconstruction, nats", 4, 12);
    context.strokeStyle = theme.muted;
    context.lineWidth = 2;
    line(context, known.map(({ rate, distortion }) => [x(rate), y(distortion)]));
    context.fillStyle = theme.text;
    let free = Infinity; // left of which there is room for a name: the first ones have the highest rates
    for (const { rate, distortion, name } of known) {
      const [px, py] = [x(rate), y(distortion)];
      dot(context, px, py, DOT);
      const wide = context.measureText(name).width;
      if (px + 0.5 * wide > free) continue;
      context.textAlign = "center";
      context.fillText(name, Math.min(px, width - ROOM.right - wide / 2), py - 9);
      free = px - 0.5 * wide - 4;
    }
    const { now } = this;
    if (!now) return;
    context.fillStyle = theme.accent;
    context.strokeStyle = theme.surface;
    dot(context, x(now.rate), y(now.distortion), 2 * DOT);
    context.stroke();
  }
}

/** @param {CanvasRenderingContext2D} context @param {number[][]} points */
function line(context, points) {
  context.beginPath();
  for (const [px, py] of points) context.lineTo(px, py);
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function dot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
