// What lies behind the points: nothing, the decoded manifold, or contours of the prior.

import { pixelRatio } from "../dom/canvas.js";
import { fill } from "../dom/image.js";
import { cumulative } from "../maths/normal.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../dom/theme.js").Theme} Theme */
/** @typedef {"nothing" | "manifold" | "prior"} Background */

const TILE_PIXELS = 26; // the smallest a tile is drawn; the largest is twice that
const SLICE_MS = 6; // decoding a frame: the rest of the frame belongs to the handle
const MAX_TILES = 6000;
const SIGMAS = [1, 2, 3];

export class Backdrop {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    /** @type {Background} */
    this.background = "nothing";
    /** @type {Map<string, HTMLCanvasElement>} decoded tiles of one run by level and grid place */
    this.tiles = new Map();
    /** @type {LatentSpace | null} */
    this.space = null;
    this.busy = false; // true while the handle is being dragged
    this.frame = 0;
  }

  /** @param {LatentSpace} space @param {Camera} camera @param {Theme} theme */
  draw(space, camera, theme) {
    const ratio = pixelRatio();
    if (this.space !== space) {
      this.space = space;
      this.tiles.clear();
    }
    this.canvas.hidden = this.background === "nothing"; // or it is blended into every frame all the same
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    cancelAnimationFrame(this.frame);
    if (this.background === "prior") {
      (!space.decoder.prior.standard ? drawMixture : space.line ? drawPriorOfLine : drawPrior)(
        context,
        space,
        camera,
        theme,
      );
    }
    if (this.background === "manifold" && !space.decoder.server) this.drawTiles(context, space, camera);
  }

  /**
   * Tiles lie on a grid fixed to the plane, so panning and zooming back need no decoding.
   * @param {CanvasRenderingContext2D} context @param {LatentSpace} space @param {Camera} camera
   */
  drawTiles(context, space, camera) {
    const whole = camera.percent ? 100 : 1; // which so many tiles fill
    const level = Math.ceil(Math.log2(TILE_PIXELS / (whole * camera.scale)));
    const step = whole * 2 ** level;
    const size = step * camera.scale;
    let [[left, right], [bottom, top]] = camera.ranges();
    if (camera.percent) { // beyond them there is no z
      [left, right, bottom, top] = [Math.max(left, 0), Math.min(right, 100), Math.max(bottom, 0), Math.min(top, 100)];
    }
    // Of a line there is one row of them, under it.
    const floor = space.line ? camera.toPixel([0, 0])[1] + size / 2 : 0;
    const [first, last] = space.line ? [0, step] : [bottom, top];
    /** @type {{key: string, center: [number, number], x: number, y: number, far: number}[]} */
    const missing = [];
    for (let i = Math.floor(left / step); i * step < right; i++) {
      for (let j = Math.floor(first / step); j * step < last; j++) {
        const key = `${level},${i},${j}`;
        const tile = this.tiles.get(key);
        const center = /** @type {[number, number]} */ ([(i + 0.5) * step, (j + 0.5) * step]);
        const [x, up] = camera.toPixel(center);
        const y = space.line ? floor : up;
        if (tile) context.drawImage(tile, x - size / 2, y - size / 2, size + 0.5, size + 0.5);
        else missing.push({ key, center, x, y, far: Math.hypot(x - camera.width / 2, y - camera.height / 2) });
      }
    }
    missing.sort((a, b) => b.far - a.far);
    const decodeSome = () => {
      const until = performance.now() + SLICE_MS;
      while (!this.busy && missing.length && performance.now() < until) {
        const { key, center, x, y } = missing[missing.length - 1];
        missing.length -= 1;
        const tile = decodeTile(space, center);
        if (this.tiles.size >= MAX_TILES) this.tiles.clear();
        this.tiles.set(key, tile);
        context.drawImage(tile, x - size / 2, y - size / 2, size + 0.5, size + 0.5);
      }
      if (missing.length) this.frame = requestAnimationFrame(decodeSome);
    };
    decodeSome();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
  }
}

/** @param {LatentSpace} space @param {[number, number]} point */
function decodeTile(space, point) {
  const shape = space.decoder.imageShape;
  const tile = document.createElement("canvas");
  [tile.height, tile.width] = shape.slice(1);
  const context = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  const image = context.createImageData(tile.width, tile.height);
  fill(image.data, space.decode(point), shape, 255);
  context.putImageData(image, 0, 0);
  return tile;
}

/**
 * Circles of the prior N(0, I) on the plane, each with the probability inside: 1 - exp(-r^2 / 2).
 * @param {CanvasRenderingContext2D} context @param {LatentSpace} space @param {Camera} camera @param {Theme} theme
 */
function drawPrior(context, space, camera, theme) {
  const [x, y] = camera.toPixel(space.priorCenter());
  context.strokeStyle = theme.text;
  context.fillStyle = theme.text;
  context.font = `${theme.label + 1}px ${theme.font}`;
  context.textAlign = "center";
  for (const sigma of SIGMAS) {
    const radius = sigma * camera.scale;
    context.globalAlpha = 0.06;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.globalAlpha = 0.55;
    context.stroke();
    context.globalAlpha = 0.9;
    if (radius > 20) {
      context.fillText(`${sigma}σ · ${Math.round(100 * (1 - Math.exp(-sigma * sigma / 2)))} %`, x, y - radius - 5);
    }
  }
  context.globalAlpha = 1;
}

/**
 * A learned prior: each Gaussian of its mixture at 1 and 2 standard deviations, the stronger the heavier it is.
 * @param {CanvasRenderingContext2D} context @param {LatentSpace} space @param {Camera} camera @param {Theme} theme
 */
function drawMixture(context, space, camera, theme) {
  const prior = /** @type {import("../maths/prior.js").MixturePrior} */ (space.decoder.prior);
  context.strokeStyle = context.fillStyle = theme.text;
  const heaviest = Math.max(...prior.logWeight);
  prior.mean.forEach((mean, k) => {
    const [x, y] = camera.toPixel(space.project(mean));
    const rows = prior.sigma[k].map((s, d) => Array.from({ length: d + 1 }, (_, i) => (i === d ? s : 0)));
    const shape = space.line ? { rx: prior.sigma[k][0], ry: 0.2, angle: 0 } : space.ellipseOf(rows);
    if (!shape) return;
    const strength = Math.exp(prior.logWeight[k] - heaviest);
    for (const sigma of [1, 2]) {
      const [a, b] = [shape.rx, shape.ry].map((radius) => sigma * radius * camera.scale);
      context.beginPath();
      context.ellipse(x, y, a, b, -shape.angle, 0, 2 * Math.PI);
      context.globalAlpha = 0.1 * strength;
      context.fill();
      context.globalAlpha = 0.15 + 0.5 * strength;
      context.stroke();
    }
  });
  context.globalAlpha = 1;
}

/**
 * The prior N(0, 1) of one dimension: its density, and the probability within so many standard deviations of 0.
 * @param {CanvasRenderingContext2D} context @param {LatentSpace} _space @param {Camera} camera @param {Theme} theme
 */
function drawPriorOfLine(context, _space, camera, theme) {
  const density = Array.from({ length: 121 }, (_, i) => (i - 60) / 15)
    .map((z) => camera.toPixel([z, Math.exp(-0.5 * z * z)]));
  context.strokeStyle = theme.text;
  context.fillStyle = theme.text;
  context.font = `${theme.label + 1}px ${theme.font}`;
  context.textAlign = "left";
  context.globalAlpha = 0.55;
  context.beginPath();
  for (const [x, y] of density) context.lineTo(x, y);
  context.stroke();
  SIGMAS.forEach((sigma, line) => {
    const [[left], [right]] = [camera.toPixel([-sigma, 0]), camera.toPixel([sigma, 0])];
    context.globalAlpha = 0.06;
    context.fillRect(left, 0, right - left, camera.height);
    context.globalAlpha = 0.9;
    const share = 100 * (2 * cumulative(sigma) - 1);
    context.fillText(`±${sigma}σ · ${share.toFixed(sigma > 2 ? 1 : 0)} %`, left + 4, 16 + 16 * line);
  });
  context.globalAlpha = 1;
}
