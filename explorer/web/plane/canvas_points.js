// The held-out images' points on a plain canvas: many planes on a page, and a plane's first sight.

import { pixelRatio } from "../dom/canvas.js";
import { Axes, cleared, MARGIN, SPARSE } from "./axes.js";
import { Dots, packed } from "./dots.js";
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
    /** @type {Axes | null} */
    this.axes = null;
    this.order = new Int32Array(0);
    /** @type {Points | null} */
    this.points = null;
    /** @type {Theme | null} */
    this.theme = null;
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
    if (this.points) {
      context.save();
      context.beginPath();
      context.rect(MARGIN.l, MARGIN.t, camera.width, camera.height);
      context.clip();
      this.drawPoints(this.points, context, camera, pixelRatio());
      context.restore();
    }
    if (!this.look.numbering) return;
    this.axes ??= new Axes(this.look.numbering);
    this.axes.draw(camera, theme);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalCompositeOperation = "destination-over"; // pixels were put, not drawn: what lies under them follows
    context.drawImage(this.axes.canvas, 0, 0);
    context.globalCompositeOperation = "source-over";
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
    const dots = new Dots(Math.round(camera.width * ratio), Math.round(camera.height * ratio));
    const [across, up] = [camera.scale * ratio, camera.up * ratio];
    const [left, top] = [
      camera.width * ratio / 2 - camera.center[0] * across,
      camera.height * ratio / 2 + camera.center[1] * up,
    ];
    /** @type {number[]} by group */
    const colors = [];
    for (const out of mask ? [0, 1] : [1]) { // those that stand out come last, and larger
      dots.take((mask && out ? size + this.look.grown : size) * ratio, !mask ? OPACITY : out ? 1 : FAINT);
      for (const index of indices) {
        if (!shown(label[index]) || (mask && mask[index] !== out)) continue;
        const group = coloring.group(index);
        const color = colors[group] ??= packed(coloring.css(group));
        dots.add(left + xy[2 * index] * across, top - xy[2 * index + 1] * up, color);
      }
    }
    dots.put(context, Math.round(MARGIN.l * ratio), Math.round(MARGIN.t * ratio));
  }

  destroy() {
    this.chart.remove();
  }
}
