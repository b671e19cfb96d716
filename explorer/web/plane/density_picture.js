// More images than can be told apart as dots: a picture of how densely they lie, and dots where few are in view.

import { CanvasPoints } from "./canvas_points.js";
import { drawingOrder, FAINT, MARGIN } from "./plotly_points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./coloring.js").Coloring} Coloring */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../dom/theme.js").Theme} Theme */

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
    /** @type {number[][]} */
    this.colors = [];
  }

  /**
   * @param {LatentSpace} space @param {Coloring} coloring @param {(label: number) => boolean} shown
   * @param {Camera} camera @param {Theme} theme @param {Uint8Array | null} mask 1 where a point stands out
   * @override
   */
  async draw(space, coloring, shown, camera, theme, mask) {
    const { label } = space;
    const visible = Uint8Array.from(
      { length: label.reduce((most, v) => Math.max(most, v), 0) + 1 },
      (_, v) => Number(shown(v)),
    );
    this.groups = Int16Array.from(label, (v, index) => (visible[v] ? coloring.group(index) : HIDDEN));
    const count = this.groups.reduce((most, v) => Math.max(most, v), 0) + 1;
    this.colors = Array.from({ length: count }, (_, group) => channels(coloring.css(group)));
    this.what = { space, coloring, shown, mask };
    this.restyle(camera, theme);
  }

  /** @override @param {CanvasRenderingContext2D} context @param {Camera} camera @param {number} ratio */
  drawPoints(context, camera, ratio) {
    if (!this.what) return;
    const { mask } = this.what;
    const { count, few } = this.inView(camera);
    if (few) this.drawThese(few, context, camera, ratio);
    else {for (const out of mask ? [0, 1] : [1]) {
        this.drawCells(context, camera, mask && !out ? FAINT : 1, mask ? out : null);
      }}
    this.words.textContent = few
      ? ""
      : `Density of ${count.toLocaleString("en")} images in view: zoom in to see points.`;
    this.words.hidden = few !== null;
  }

  /** How many shown images the view holds; their indices, shuffled, where they are few. @param {Camera} camera */
  inView(camera) {
    const { groups } = this;
    const { xy } = /** @type {{space: LatentSpace}} */ (this.what).space;
    const [[left, right], [bottom, top]] = camera.ranges();
    const found = new Int32Array(MOST_DOTS);
    let count = 0;
    for (let i = 0; i < groups.length; i++) {
      const [x, y] = [xy[2 * i], xy[2 * i + 1]];
      if (groups[i] === HIDDEN || x < left || x > right || y < bottom || y > top) continue;
      if (count < MOST_DOTS) found[count] = i;
      count++;
    }
    return { count, few: count <= MOST_DOTS ? drawingOrder(count).map((place) => found[place]) : null };
  }

  /**
   * How many shown images lie in each cell, and the sums of their colours' channels, rows from the top.
   * @param {Camera} camera @param {number | null} out 0 or 1: only those that do not or do stand out
   */
  bin(camera, out) {
    const { groups, colors } = this;
    const { space: { xy }, mask } = /** @type {{space: LatentSpace, mask: Uint8Array | null}} */ (this.what);
    const [width, height] = [Math.ceil(camera.width / CELL), Math.ceil(camera.height / CELL)];
    const counts = new Uint32Array(width * height);
    const sums = new Float32Array(3 * width * height);
    const scale = camera.scale / CELL;
    const [ox, oy] = [
      camera.width / 2 / CELL - camera.center[0] * scale,
      camera.height / 2 / CELL + camera.center[1] * scale,
    ];
    for (let i = 0; i < groups.length; i++) {
      if (groups[i] === HIDDEN || (out !== null && mask && mask[i] !== out)) continue;
      const [x, y] = [Math.floor(ox + xy[2 * i] * scale), Math.floor(oy - xy[2 * i + 1] * scale)];
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const cell = y * width + x;
      const color = colors[groups[i]];
      counts[cell]++;
      for (let channel = 0; channel < 3; channel++) sums[3 * cell + channel] += color[channel];
    }
    return { width, height, counts, sums };
  }

  /** @param {CanvasRenderingContext2D} context @param {Camera} camera @param {number} opacity @param {number | null} out */
  drawCells(context, camera, opacity, out) {
    const { width, height, counts, sums } = this.bin(camera, out);
    const most = counts.reduce((a, b) => Math.max(a, b), 1);
    const image = new ImageData(width, height);
    for (let cell = 0; cell < counts.length; cell++) {
      const count = counts[cell];
      if (!count) continue;
      for (let channel = 0; channel < 3; channel++) image.data[4 * cell + channel] = sums[3 * cell + channel] / count;
      image.data[4 * cell + 3] = 255 * opacity *
        (LEAST + (1 - LEAST) * (most > 1 ? Math.log(count) / Math.log(most) : 1));
    }
    Object.assign(this.picture, { width, height });
    /** @type {CanvasRenderingContext2D} */ (this.picture.getContext("2d")).putImageData(image, 0, 0);
    context.save();
    context.beginPath();
    context.rect(MARGIN.l, MARGIN.t, camera.width, camera.height);
    context.clip();
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture, MARGIN.l, MARGIN.t, CELL * width, CELL * height);
    context.restore();
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
