// A density over a box of the plane: shaded behind what lies over the points, with the contours that hold 50, 90, 99 %.

import { contour } from "../run/true_posterior.js";

/** @typedef {import("./plane.js").Plane} Plane */
/**
 * Log-densities, less the peak's, and those whose contours are drawn; a single row is of one dimension.
 * @typedef {import("../run/true_posterior.js").Window & {levels: number[]}} DensityOfBox
 */

const SVG = "http://www.w3.org/2000/svg";

export class DensityWindow {
  /**
   * @param {Plane} plane @param {string} [name] class of the contours, besides `lx-contour`
   * @param {((log: number) => number) | null} [opacity] of the shade, 0 to 255; null: contours alone
   */
  constructor(plane, name = "", opacity = null) {
    this.plane = plane;
    this.opacity = opacity;
    /** @type {DensityOfBox | null} */
    this.density = null;
    this.picture = document.createElement("canvas");
    this.picture.className = "lx-shaded";
    if (opacity) plane.area.insertBefore(this.picture, plane.overlay.svg);
    this.contours = [0, 1, 2].map((i) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", `lx-contour lx-contour-${i} ${name}`.trim());
      path.setAttribute("vector-effect", "non-scaling-stroke");
      return path;
    });
    plane.overlay.svg.prepend(...this.contours);
  }

  /** @param {DensityOfBox | null} density null for none @param {string} color */
  show(density, color) {
    this.density = density;
    this.picture.hidden = !density;
    if (density && this.opacity) paint(this.picture, density, color, this.opacity);
    this.contours.forEach((path, i) => {
      path.setAttribute("d", density && density.rows > 1 ? contour(density, density.levels[i]) : "");
    });
  }

  /** Follow the plane's view. */
  place() {
    if (!this.density) return;
    const { camera } = this.plane;
    const { box: [left, bottom, right, top], columns } = this.density;
    const [[x0, y0], [x1, y1]] = [camera.toPixel([left, bottom]), camera.toPixel([right, top])];
    const scale = `scale(${(x1 - x0) / columns}, ${(y0 - y1) / this.picture.height})`;
    this.picture.style.transform = `translate(${x0}px, ${y1}px) ${scale}`;
    const transform = `translate(${x0} ${y0}) scale(${x1 - x0} ${y1 - y0})`;
    for (const path of this.contours) path.setAttribute("transform", transform);
  }
}

/**
 * The density as an image; of a line, the area under its curve.
 * @param {HTMLCanvasElement} canvas @param {DensityOfBox} density @param {string} color
 * @param {(log: number) => number} opacity
 */
function paint(canvas, { columns, rows, values }, color, opacity) {
  const tall = rows === 1 ? columns : rows;
  if (canvas.width !== columns || canvas.height !== tall) [canvas.width, canvas.height] = [columns, tall];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(columns, tall);
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < columns; x++) {
      image.data[4 * (y * columns + x) + 3] = rows === 1
        ? (1 - y / tall < Math.exp(values[x]) ? 120 : 0)
        : opacity(values[(tall - 1 - y) * columns + x]);
    }
  }
  context.putImageData(image, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = color;
  context.fillRect(0, 0, columns, tall);
}
