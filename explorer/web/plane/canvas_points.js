// The held-out images' points on a plain canvas: many planes on a page, and browsers without WebGL.

import { pixelRatio } from "../dom/canvas.js";
import { ticks, tickStep } from "../maths/ticks.js";
import { drawingOrder, FAINT, MARGIN, OPACITY } from "./plotly_points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("./coloring.js").Coloring} Coloring */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../dom/theme.js").Theme} Theme */

const TICK_PIXELS = 56; // the least between two ticks

export class CanvasPoints {
  /** @param {HTMLElement} element which covers plot area and margins */
  constructor(element) {
    this.chart = document.createElement("canvas");
    element.append(this.chart);
    this.order = new Int32Array(0);
    /** @type {{space: LatentSpace, coloring: Coloring, shown: (label: number) => boolean, mask: Uint8Array | null} | null} */
    this.what = null;
    /** @type {Map<string, HTMLCanvasElement>} a dot by colour and size: stamping is faster than filling */
    this.stamps = new Map();
  }

  /**
   * Draw axes and all points whose class is shown.
   * @param {LatentSpace} space @param {Coloring} coloring @param {(label: number) => boolean} shown
   * @param {Camera} camera @param {Theme} theme @param {Uint8Array | null} mask 1 where a point stands out
   */
  async draw(space, coloring, shown, camera, theme, mask) {
    if (this.order.length !== space.count) this.order = drawingOrder(space.count);
    this.what = { space, coloring, shown, mask };
    this.restyle(camera, theme);
  }

  /** Follow the camera. @param {Camera} camera */
  move(camera) {
    if (this.theme) this.restyle(camera, this.theme);
  }

  /** @param {Camera} camera @param {Theme} theme */
  restyle(camera, theme) {
    this.theme = theme;
    const ratio = pixelRatio();
    const [width, height] = [camera.width + MARGIN.l + MARGIN.r, camera.height + MARGIN.t + MARGIN.b];
    const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.chart.width !== deviceWidth || this.chart.height !== deviceHeight) {
      [this.chart.width, this.chart.height] = [deviceWidth, deviceHeight];
      Object.assign(this.chart.style, { width: `${width}px`, height: `${height}px` });
    }
    const context = /** @type {CanvasRenderingContext2D} */ (this.chart.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    drawAxes(context, camera, theme);
    this.drawPoints(context, camera, ratio);
  }

  /** @param {CanvasRenderingContext2D} context @param {Camera} camera @param {number} ratio */
  drawPoints(context, camera, ratio) {
    this.drawThese(this.order, context, camera, ratio);
  }

  /** @param {Int32Array} indices of images, last on top @param {CanvasRenderingContext2D} context @param {Camera} camera @param {number} ratio */
  drawThese(indices, context, camera, ratio) {
    if (!this.what) return;
    const { space, coloring, shown, mask } = this.what;
    const { xy, label } = space;
    const size = camera.width < 300 || indices.length > 20000 ? 3 : 4;
    context.save();
    context.beginPath();
    context.rect(MARGIN.l, MARGIN.t, camera.width, camera.height);
    context.clip();
    context.globalAlpha = OPACITY;
    for (const out of mask ? [0, 1] : [1]) { // those that stand out come last, and larger
      const side = mask && out ? size + 3 : size;
      if (mask) context.globalAlpha = out ? 1 : FAINT;
      for (const index of indices) {
        if (!shown(label[index]) || (mask && mask[index] !== out)) continue;
        const x = camera.width / 2 + (xy[2 * index] - camera.center[0]) * camera.scale;
        const y = camera.height / 2 - (xy[2 * index + 1] - camera.center[1]) * camera.scale;
        if (x < -side || y < -side || x > camera.width + side || y > camera.height + side) continue;
        const stamp = this.stamp(coloring.css(coloring.group(index)), side, ratio);
        context.drawImage(stamp, MARGIN.l + x - side / 2, MARGIN.t + y - side / 2, side, side);
      }
    }
    context.restore();
  }

  /** @param {string} color @param {number} size CSS pixels @param {number} ratio */
  stamp(color, size, ratio) {
    const key = `${color} ${size} ${ratio}`;
    let stamp = this.stamps.get(key);
    if (!stamp) {
      stamp = document.createElement("canvas");
      stamp.width = stamp.height = Math.ceil(size * ratio);
      const context = /** @type {CanvasRenderingContext2D} */ (stamp.getContext("2d"));
      context.fillStyle = color;
      context.beginPath();
      context.arc(stamp.width / 2, stamp.width / 2, stamp.width / 2, 0, 2 * Math.PI);
      context.fill();
      this.stamps.set(key, stamp);
    }
    return stamp;
  }

  destroy() {
    this.chart.remove();
  }
}

/** @param {CanvasRenderingContext2D} context @param {Camera} camera @param {Theme} theme */
function drawAxes(context, camera, theme) {
  const [[left, right], [bottom, top]] = camera.ranges();
  const step = tickStep(TICK_PIXELS / camera.scale);
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.text;
  context.lineWidth = 1;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const value of ticks(left, right, step)) {
    const x = Math.round(MARGIN.l + camera.toPixel([value, 0])[0]) + 0.5;
    line(context, value === 0 ? theme.zero : theme.grid, x, MARGIN.t, x, MARGIN.t + camera.height);
    context.fillText(tick(value, step), x, MARGIN.t + camera.height + 8);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of ticks(bottom, top, step)) {
    const y = Math.round(MARGIN.t + camera.toPixel([0, value])[1]) + 0.5;
    line(context, value === 0 ? theme.zero : theme.grid, MARGIN.l, y, MARGIN.l + camera.width, y);
    context.fillText(tick(value, step), MARGIN.l - 6, y);
  }
}

/** @param {number} value @param {number} step */
function tick(value, step) {
  return value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9))).replace("-", "−");
}

/** @param {CanvasRenderingContext2D} context @param {string} color @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function line(context, color, x1, y1, x2, y2) {
  context.strokeStyle = color;
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
