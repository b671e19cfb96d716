// What lies over the points: the handles, the selected image's mark and its posterior ellipses.

import { setAttribute } from "../dom/sparing.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../maths/types.js").Pair} Pair */

const SVG = "http://www.w3.org/2000/svg";

export class Overlay {
  /** @param {HTMLElement} area the plot area, which clips @param {string[]} handles their names */
  constructor(area, handles) {
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "lx-overlay");
    this.svg.setAttribute("aria-hidden", "true");
    this.ellipses = [2, 1].map((sigma) => this.shape("ellipse", `lx-ellipse lx-sigma-${sigma}`));
    /** the same on bent axes */
    this.outlines = [2, 1].map((sigma) => this.shape("path", `lx-ellipse lx-outline lx-outline-${sigma}`));
    this.mark = this.shape("circle", "lx-mark");
    this.mark.setAttribute("r", "8");
    this.tethers = ["lx-tether lx-halo", "lx-tether"].map((name) => this.shape("line", name));
    this.region = this.shape("path", "lx-region");
    this.handles = handles.map((name) => handle(name, handles.length > 1));
    this.words = document.createElement("p");
    this.words.className = "lx-plane-hint";
    this.words.setAttribute("role", "status"); // spoken, too
    area.append(this.svg, ...this.handles, this.words);
  }

  /** @param {"ellipse" | "circle" | "line" | "path"} kind @param {string} name */
  shape(kind, name) {
    const element = document.createElementNS(SVG, kind);
    element.setAttribute("class", name);
    element.style.display = "none";
    this.svg.append(element);
    return element;
  }

  /** @param {Camera} camera @param {number} which @param {Pair} point @param {string} words */
  placeHandle(camera, which, point, words) {
    const [x, y] = camera.toPixel(point);
    this.placeHandleAt(x, y, which);
    setAttribute(this.handles[which], "aria-valuenow", point[0].toFixed(2));
    setAttribute(this.handles[which], "aria-valuetext", words);
  }

  /** @param {number} x @param {number} y pixels @param {number} [which] */
  placeHandleAt(x, y, which = 0) {
    if (this.handles[which]) this.handles[which].style.transform = `translate(${x}px, ${y}px)`;
  }

  /** Say something for a moment. @param {string} words */
  hint(words) {
    this.words.textContent = words;
    this.words.animate([{ opacity: 1 }, { opacity: 1, offset: 0.8 }, { opacity: 0 }], 1800);
  }

  /** @param {import("./region.js").Region | null} region being drawn */
  placeRegion(region) {
    this.region.style.display = region ? "" : "none";
    if (region) this.region.setAttribute("d", region.path());
  }

  /**
   * A line through points, if there are two at least.
   * @param {SVGElement} path @param {Camera} camera @param {Pair[]} points
   */
  placePath(path, camera, points) {
    const steps = points.map((point) => camera.toPixel(point).map((v) => v.toFixed(1)).join(" "));
    path.style.display = steps.length > 1 ? "" : "none";
    setAttribute(path, "d", steps.length ? `M${steps.join("L")}` : "");
  }

  /**
   * A line from the handle to the nearest image's point: long where the decoder is far from all data.
   * @param {Camera} camera @param {Pair} point @param {Pair | null} nearest
   */
  placeTether(camera, point, nearest) {
    for (const tether of this.tethers) tether.style.display = nearest ? "" : "none";
    if (!nearest) return;
    const [[x1, y1], [x2, y2]] = [camera.toPixel(point), camera.toPixel(nearest)];
    for (const tether of this.tethers) {
      for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) setAttribute(tether, name, String(value));
    }
  }

  /**
   * A posterior's ellipses where the axes are bent.
   * @param {Camera} camera @param {import("../run/latent_space.js").LatentSpace | null} space null for none
   * @param {number} index of the image @param {number} [width] times its standard deviations
   */
  placeOutlines(camera, space, index, width = 1) {
    for (const [i, sigma] of [2, 1].entries()) {
      const outline = this.outlines[i];
      const curve = space?.outline(index, width * sigma);
      outline.style.display = curve ? "" : "none";
      if (!curve) continue;
      const corners = curve.map((corner) => camera.toPixel(corner).map((v) => v.toFixed(2)));
      setAttribute(outline, "d", `M${corners.join("L")}Z`);
    }
  }

  /**
   * @param {Camera} camera @param {Pair | null} point of the selected image
   * @param {{rx: number, ry: number, angle: number} | null} ellipse one standard deviation, in units of the axes
   * @param {number} [width] times that
   */
  placeSelection(camera, point, ellipse, width = 1) {
    this.mark.style.display = point ? "" : "none";
    for (const shape of this.ellipses) shape.style.display = point && ellipse ? "" : "none";
    if (!point) return;
    const [x, y] = camera.toPixel(point);
    setAttribute(this.mark, "cx", String(x));
    setAttribute(this.mark, "cy", String(y));
    if (!ellipse) return;
    for (const [i, sigma] of [2, 1].entries()) {
      setAttribute(this.ellipses[i], "rx", String(width * sigma * ellipse.rx * camera.scale));
      // Of one dimension there is a length, not a width.
      setAttribute(this.ellipses[i], "ry", String(camera.line ? 3 * sigma : width * sigma * ellipse.ry * camera.scale));
      const degrees = (-ellipse.angle * 180) / Math.PI;
      setAttribute(this.ellipses[i], "transform", `translate(${x} ${y}) rotate(${degrees})`);
    }
  }
}

/** @param {string} name @param {boolean} named whether its name is written on it */
function handle(name, named) {
  const element = document.createElement("div");
  element.className = "lx-handle";
  element.dataset.testid = named ? `handle-${name}` : "handle";
  element.tabIndex = 0;
  element.setAttribute("role", "slider");
  element.setAttribute("aria-label", `Latent position ${name}; arrow keys move it, Shift moves it further`);
  if (named) element.textContent = name;
  return element;
}
