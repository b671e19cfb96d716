// The held-out images' points on a plain canvas: many planes on a page, and a plane's first sight.

import { pixelRatio } from "../dom/canvas.js";
import { cleared, drawAxes, MARGIN, SPARSE } from "./axes.js";
import { drawingOrder, FAINT, OPACITY } from "./points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./points.js").Points} Points */
/** @typedef {import("../dom/theme.js").Theme} Theme */
/**
 * @typedef {object} Look
 * @property {(count: number, width: number) => number} size  of a dot, for so many on a plane so wide; CSS pixels
 * @property {number} grown  by how many pixels a dot that stands out is larger
 * @property {import("./axes.js").Numbering | null} numbering  of the axes; null: none are drawn
 */

/** @type {Look} */
export const SMALL = { size: (count, width) => (width < 300 || count > 20_000 ? 3 : 4), grown: 3, numbering: SPARSE };
/** Points as plotly draws them. @type {Look} */
export const LARGE = { size: (count) => (count > 20_000 ? 3 : 5), grown: 0, numbering: null };

export class CanvasPoints {
  /** @param {HTMLElement} element which covers plot area and margins @param {Look} [look] */
  constructor(element, look = SMALL) {
    this.look = look;
    this.chart = document.createElement("canvas");
    element.append(this.chart);
    this.order = new Int32Array(0);
    /** @type {Points | null} */
    this.points = null;
    /** @type {Theme | null} */
    this.theme = null;
    /** @type {Map<string, HTMLCanvasElement>} a dot by colour and size: stamping is faster than filling */
    this.stamps = new Map();
  }

  /**
   * Draw axes and all points whose class is shown.
   * @param {Points} points @param {Camera} camera @param {Theme} theme
   */
  draw(points, camera, theme) {
    if (this.order.length !== points.space.count) this.order = drawingOrder(points.space.count);
    this.points = points;
    this.restyle(camera, theme);
  }

  /** Follow the camera. @param {Camera} camera */
  move(camera) {
    if (this.theme) this.restyle(camera, this.theme);
  }

  /** @param {Camera} camera @param {Theme} theme */
  restyle(camera, theme) {
    this.theme = theme;
    const context = cleared(this.chart, camera);
    if (this.look.numbering) drawAxes(context, camera, theme, this.look.numbering);
    if (!this.points) return;
    context.save();
    context.beginPath();
    context.rect(MARGIN.l, MARGIN.t, camera.width, camera.height);
    context.clip();
    this.drawPoints(this.points, context, camera, pixelRatio());
    context.restore();
  }

  /**
   * Draw inside the plot area.
   * @param {Points} points @param {CanvasRenderingContext2D} context @param {Camera} camera @param {number} ratio
   */
  drawPoints(points, context, camera, ratio) {
    this.drawThese(this.order, points, context, camera, ratio);
  }

  /**
   * @param {Int32Array} indices of images, last on top
   * @param {Points} points @param {CanvasRenderingContext2D} context @param {Camera} camera @param {number} ratio
   */
  drawThese(indices, { space: { xy, label }, coloring, shown, mask }, context, camera, ratio) {
    const size = this.look.size(indices.length, camera.width);
    context.globalAlpha = OPACITY;
    for (const out of mask ? [0, 1] : [1]) { // those that stand out come last, and larger
      const side = mask && out ? size + this.look.grown : size;
      if (mask) context.globalAlpha = out ? 1 : FAINT;
      for (const index of indices) {
        if (!shown(label[index]) || (mask && mask[index] !== out)) continue;
        const x = camera.width / 2 + (xy[2 * index] - camera.center[0]) * camera.scale;
        const y = camera.height / 2 - (xy[2 * index + 1] - camera.center[1]) * camera.up;
        if (x < -side || y < -side || x > camera.width + side || y > camera.height + side) continue;
        const stamp = this.stamp(coloring.css(coloring.group(index)), side, ratio);
        context.drawImage(stamp, MARGIN.l + x - side / 2, MARGIN.t + y - side / 2, side, side);
      }
    }
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
