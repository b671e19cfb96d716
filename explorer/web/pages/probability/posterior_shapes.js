// What lies over the plane on the Probability page: contours of p(z|x), the ellipse of q(z|x) and its two axes.

import { axisEnd } from "./axis_handles.js";
import { contour } from "../../run/true_posterior.js";

/** @typedef {import("../../plane/camera.js").Camera} Camera */
/** @typedef {import("../../maths/gaussian.js").Gaussian} Gaussian */
/** @typedef {import("../../run/true_posterior.js").TruePosterior} TruePosterior */

const SVG = "http://www.w3.org/2000/svg";

export class PosteriorShapes {
  /** @param {SVGElement} svg the plane's overlay */
  constructor(svg) {
    this.svg = svg;
    this.axes = [0, 1].map(() => shape(svg, "line", "lx-axis-line"));
    this.encoder = shape(svg, "ellipse", "lx-encoder");
    this.ellipses = [2, 1].map((sigma) => shape(svg, "ellipse", `lx-q lx-q-${sigma}`));
    this.contours = document.createElementNS(SVG, "g");
    this.contours.setAttribute("class", "lx-contours");
    svg.prepend(this.contours);
    /** @type {{element: SVGElement, box: number[]}[]} */
    this.paths = [];
  }

  /**
   * Draw the contours of another posterior, or none.
   * @param {TruePosterior | null} posterior @param {string} color that shades where it is dense
   */
  show(posterior, color) {
    this.contours.replaceChildren();
    this.paths = [];
    for (const window of posterior?.windows ?? []) {
      const image = document.createElementNS(SVG, "image");
      image.setAttribute("href", shade(window, color));
      for (const [name, value] of Object.entries({ x: 0, y: 0, width: 1, height: 1, preserveAspectRatio: "none" })) {
        image.setAttribute(name, String(value));
      }
      this.contours.append(image);
      this.paths.push({ element: image, box: window.box });
      posterior?.levels.forEach((level, i) => {
        const path = shape(this.contours, "path", `lx-contour lx-contour-${i}`);
        path.setAttribute("d", contour(window, level));
        path.setAttribute("vector-effect", "non-scaling-stroke");
        this.paths.push({ element: path, box: window.box });
      });
    }
  }

  /** @param {Camera} camera @param {Gaussian | null} q @param {Gaussian | null} encoder the encoder's own */
  place(camera, q, encoder) {
    for (const { element, box: [left, bottom, right, top] } of this.paths) {
      const [x, y] = camera.toPixel([left, bottom]);
      element.setAttribute(
        "transform",
        `translate(${x} ${y}) scale(${(right - left) * camera.scale} ${(bottom - top) * camera.scale})`,
      );
    }
    this.ellipses.forEach((ellipse, i) => placeEllipse(ellipse, camera, q, 2 - i));
    placeEllipse(this.encoder, camera, encoder, 1);
    this.axes.forEach((line, axis) => {
      line.style.display = q ? "" : "none";
      if (!q) return;
      const [[x1, y1], [x2, y2]] = [camera.toPixel(q.mu), camera.toPixel(axisEnd(q, axis, camera))];
      for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(name, String(value));
    });
  }
}

/** @param {SVGElement} ellipse @param {Camera} camera @param {Gaussian | null} q @param {number} sigma */
function placeEllipse(ellipse, camera, q, sigma) {
  ellipse.style.display = q ? "" : "none";
  if (!q) return;
  const [x, y] = camera.toPixel(q.mu);
  ellipse.setAttribute("rx", String(sigma * q.radii[0] * camera.scale));
  ellipse.setAttribute("ry", String(sigma * q.radii[1] * camera.scale));
  ellipse.setAttribute("transform", `translate(${x} ${y}) rotate(${(-q.angle * 180) / Math.PI})`);
}

/** @param {Element} parent @param {string} kind @param {string} name */
function shape(parent, kind, name) {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, kind));
  element.setAttribute("class", name);
  parent.append(element);
  return element;
}

/**
 * The density as an image: opaque where it is highest.
 * @param {import("../../run/true_posterior.js").Window} window @param {string} color
 */
function shade({ rows, columns, values }, color) {
  const canvas = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = color;
  context.fillRect(0, 0, columns, rows);
  const image = context.getImageData(0, 0, columns, rows);
  // Both have row 0 first: the image lies upside down in the box, as the contours do.
  values.forEach((value, at) => {
    image.data[4 * at + 3] = 140 * Math.exp(value);
  });
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
