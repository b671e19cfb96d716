// What lies over the points: the handle, the selected image's mark and its posterior ellipses.

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./camera.js").Pair} Pair */

const SVG = "http://www.w3.org/2000/svg";

export class Overlay {
  /** @param {HTMLElement} area the plot area, which clips */
  constructor(area) {
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "lx-overlay");
    this.svg.setAttribute("aria-hidden", "true");
    this.ellipses = [2, 1].map((sigma) => this.shape("ellipse", `lx-ellipse lx-sigma-${sigma}`));
    this.mark = this.shape("circle", "lx-mark");
    this.mark.setAttribute("r", "8");
    this.tether = this.shape("line", "lx-tether");
    this.handle = document.createElement("div");
    this.handle.className = "lx-handle";
    this.handle.dataset.testid = "handle";
    this.handle.tabIndex = 0;
    this.handle.setAttribute("role", "slider");
    this.handle.setAttribute("aria-label", "Latent position z; arrow keys move it, Shift moves it further");
    area.append(this.svg, this.handle);
  }

  /** @param {"ellipse" | "circle" | "line"} kind @param {string} name */
  shape(kind, name) {
    const element = document.createElementNS(SVG, kind);
    element.setAttribute("class", name);
    element.style.display = "none";
    this.svg.append(element);
    return element;
  }

  /** @param {Camera} camera @param {Pair} point @param {string} words */
  placeHandle(camera, point, words) {
    const [x, y] = camera.toPixel(point);
    this.placeHandleAt(x, y);
    this.handle.setAttribute("aria-valuenow", point[0].toFixed(2));
    this.handle.setAttribute("aria-valuetext", words);
  }

  /** @param {number} x @param {number} y pixels */
  placeHandleAt(x, y) {
    this.handle.style.transform = `translate(${x}px, ${y}px)`;
  }

  /**
   * A line from the handle to the nearest image's point: long where the decoder is far from all data.
   * @param {Camera} camera @param {Pair} point @param {Pair | null} nearest
   */
  placeTether(camera, point, nearest) {
    this.tether.style.display = nearest ? "" : "none";
    if (!nearest) return;
    const [[x1, y1], [x2, y2]] = [camera.toPixel(point), camera.toPixel(nearest)];
    for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) this.tether.setAttribute(name, String(value));
  }

  /**
   * @param {Camera} camera @param {Pair | null} point of the selected image
   * @param {{rx: number, ry: number, angle: number} | null} ellipse one standard deviation, in units of the axes
   */
  placeSelection(camera, point, ellipse) {
    this.mark.style.display = point ? "" : "none";
    for (const shape of this.ellipses) shape.style.display = point && ellipse ? "" : "none";
    if (!point) return;
    const [x, y] = camera.toPixel(point);
    this.mark.setAttribute("cx", String(x));
    this.mark.setAttribute("cy", String(y));
    if (!ellipse) return;
    for (const [i, sigma] of [2, 1].entries()) {
      this.ellipses[i].setAttribute("rx", String(sigma * ellipse.rx * camera.scale));
      this.ellipses[i].setAttribute("ry", String(sigma * ellipse.ry * camera.scale));
      const degrees = (-ellipse.angle * 180) / Math.PI;
      this.ellipses[i].setAttribute("transform", `translate(${x} ${y}) rotate(${degrees})`);
    }
  }
}
