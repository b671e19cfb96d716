// More images than can be told apart as dots: a picture of how densely they lie, and dots where few are in view.

import { MARGIN } from "./axes.js";
import { CanvasPoints } from "./canvas_points.js";
import { drawingOrder, FAINT } from "./points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./points.js").Points} Points */
/** @typedef {import("../dom/theme.js").Theme} Theme */
/**
 * The images in view, by cells of the plane; rows from the top.
 * @typedef {object} Survey
 * @property {number} count  of them
 * @property {Int32Array} first  indices of the first few
 * @property {number} width  cells
 * @property {number} height
 * @property {Uint32Array} counts  images of each cell
 * @property {Float32Array} sums  of their colours' channels, three a cell
 */

/** From so many images on, a plane shows this picture. */
export const MANY = 100_000;
const MOST_DOTS = 20_000; // in view
const CELL = 2; // CSS pixels a side
const LEAST = 0.25; // opacity of a cell with one image; that of the fullest is 1, by the logarithm between
const HIDDEN = -1;

export class DensityPicture extends CanvasPoints {
  /** @param {HTMLElement} element which covers plot area and margins */
  constructor(element) {
    super(element);
    this.words = document.createElement("p");
    this.words.className = "lx-density";
    element.append(this.words);
    this.picture = document.createElement("canvas");
    /** each image's colour by its place in `colors`, or HIDDEN */
    this.groups = new Int16Array(0);
    /** red, green, blue of each */
    this.colors = new Float32Array(0);
  }

  /** @override @param {Points} points @param {Camera} camera @param {Theme} theme */
  draw(points, camera, theme) {
    const { space: { label }, coloring, shown } = points;
    const visible = Uint8Array.from(
      { length: label.reduce((most, v) => Math.max(most, v), 0) + 1 },
      (_, v) => Number(shown(v)),
    );
    this.groups = Int16Array.from(label, (v, index) => (visible[v] ? coloring.group(index) : HIDDEN));
    const count = this.groups.reduce((most, v) => Math.max(most, v), 0) + 1;
    this.colors = Float32Array.from(Array.from({ length: count }, (_, group) => channels(coloring.css(group))).flat());
    this.points = points;
    this.restyle(camera, theme);
  }

  /**
   * @override
   * @param {Points} points @param {CanvasRenderingContext2D} context @param {Camera} camera @param {number} ratio
   */
  drawPoints(points, context, camera, ratio) {
    const surveys = points.mask
      ? [this.survey(points, camera, 0), this.survey(points, camera, 1)]
      : [this.survey(points, camera, null)];
    const count = surveys.reduce((sum, survey) => sum + survey.count, 0);
    const few = count <= MOST_DOTS;
    if (few) {
      const found = Int32Array.from(surveys.flatMap((survey) => [...survey.first.subarray(0, survey.count)])).sort();
      this.drawThese(drawingOrder(count).map((place) => found[place]), points, context, camera, ratio);
    } else surveys.forEach((survey, out) => this.drawCells(survey, context, points.mask && !out ? FAINT : 1));
    this.words.textContent = few
      ? ""
      : `Density of ${count.toLocaleString("en")} images in view: zoom in to see points.`;
    this.words.hidden = few;
  }

  /**
   * What the view holds of the shown images.
   * @param {Points} points @param {Camera} camera
   * @param {number | null} out 0 or 1: only those that do not or do stand out
   * @returns {Survey}
   */
  survey({ space: { xy }, mask }, camera, out) {
    const { groups, colors } = this;
    const [width, height] = [Math.ceil(camera.width / CELL), Math.ceil(camera.height / CELL)];
    const counts = new Uint32Array(width * height);
    const sums = new Float32Array(3 * width * height);
    const first = new Int32Array(MOST_DOTS);
    const [scale, up] = [camera.scale / CELL, camera.up / CELL];
    const [right, bottom] = [camera.width / CELL, camera.height / CELL];
    const [ox, oy] = [right / 2 - camera.center[0] * scale, bottom / 2 + camera.center[1] * up];
    let count = 0;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i];
      if (group === HIDDEN || (out !== null && mask && mask[i] !== out)) continue;
      const x = ox + xy[2 * i] * scale;
      if (x < 0 || x >= right) continue;
      const y = oy - xy[2 * i + 1] * up;
      if (y < 0 || y >= bottom) continue;
      if (count < MOST_DOTS) first[count] = i;
      count++;
      const cell = (y | 0) * width + (x | 0);
      counts[cell]++;
      sums[3 * cell] += colors[3 * group];
      sums[3 * cell + 1] += colors[3 * group + 1];
      sums[3 * cell + 2] += colors[3 * group + 2];
    }
    return { count, first, width, height, counts, sums };
  }

  /** @param {Survey} survey @param {CanvasRenderingContext2D} context @param {number} opacity */
  drawCells({ width, height, counts, sums }, context, opacity) {
    let most = 1;
    for (const count of counts) if (count > most) most = count;
    const image = new ImageData(width, height);
    const span = most > 1 ? Math.log(most) : 1;
    for (let cell = 0; cell < counts.length; cell++) {
      const count = counts[cell];
      if (!count) continue;
      for (let channel = 0; channel < 3; channel++) image.data[4 * cell + channel] = sums[3 * cell + channel] / count;
      const fullness = most > 1 ? Math.log(count) / span : 1;
      image.data[4 * cell + 3] = 255 * opacity * (LEAST + (1 - LEAST) * fullness);
    }
    Object.assign(this.picture, { width, height });
    /** @type {CanvasRenderingContext2D} */ (this.picture.getContext("2d")).putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture, MARGIN.l, MARGIN.t, CELL * width, CELL * height);
  }

  /** @override */
  destroy() {
    super.destroy();
    this.words.remove();
  }
}

/** Red, green, blue of a colour as #rrggbb. @param {string} color */
function channels(color) {
  return [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
}
