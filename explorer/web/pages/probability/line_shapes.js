// What lies over the line of a run of one latent dimension on the Probability page: p(z|x) and q(z|x) as curves over z.

import { axisEnd } from "./axis_handles.js";
import { density } from "../../run/true_posterior.js";

/** @typedef {import("../../plane/camera.js").Camera} Camera */
/** @typedef {import("../../maths/gaussian.js").Gaussian} Gaussian */
/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/true_posterior.js").TruePosterior} TruePosterior */

const SVG = "http://www.w3.org/2000/svg";
const PEAK = 0.62; // of the height over the line that the highest point of p(z|x) takes, or else of q
const HIGHEST = 0.97; // a curve that would go higher is cut off
const REACH = 4; // standard deviations of q that are drawn

export class LineShapes {
  /** @param {SVGElement} svg the plane's overlay */
  constructor(svg) {
    this.group = document.createElementNS(SVG, "g");
    this.group.setAttribute("class", "lx-line-curves");
    svg.prepend(this.group);
    /** p(z|x), the shares that its levels enclose @type {SVGElement[]} */
    this.levels = [];
    this.encoder = this.path("lx-encoder");
    this.q = this.path("lx-q lx-q-1");
    this.axis = this.path("lx-axis-line");
    /** @type {{curve: Pair[], level: number}[]} (z, density) of p(z|x) where it lies above each level */
    this.curves = [];
    this.peak = 0;
  }

  /** @param {string} name */
  path(name) {
    const element = document.createElementNS(SVG, "path");
    element.setAttribute("class", name);
    this.group.append(element);
    return element;
  }

  /** Draw another posterior, or none. @param {TruePosterior | null} posterior */
  show(posterior) {
    for (const element of this.levels) element.remove();
    this.levels = [];
    this.curves = [];
    this.peak = 0;
    if (!posterior) return;
    this.curves = [-Infinity, ...posterior.levels.toReversed()].flatMap((level, at) =>
      density(posterior, level).map((curve) => ({ curve, level: at }))
    );
    for (const { curve, level } of this.curves) {
      const element = this.path(`lx-true lx-true-${level}`);
      this.group.prepend(element);
      this.levels.push(element);
      for (const [, value] of curve) this.peak = Math.max(this.peak, value);
    }
  }

  /** @param {Camera} camera @param {Gaussian | null} q @param {Gaussian | null} encoder the encoder's own */
  place(camera, q, encoder) {
    const floor = camera.toPixel([0, 0])[1];
    const peak = this.peak || (q ? gaussianDensity(q, q.mu[0]) : 1);
    const at = (/** @type {Pair} */ [z, value]) => {
      const height = Math.min((PEAK * value) / peak, HIGHEST) * floor;
      return `${camera.toPixel([z, 0])[0].toFixed(1)} ${(floor - height).toFixed(1)}`;
    };
    this.curves.forEach(({ curve }, i) => {
      const [first, last] = [curve[0][0], curve[curve.length - 1][0]];
      this.levels[i].setAttribute("d", `M${at([first, 0])}L${curve.map(at).join("L")}L${at([last, 0])}Z`);
    });
    for (const [element, gaussian] of /** @type {const} */ ([[this.q, q], [this.encoder, encoder]])) {
      element.style.display = gaussian ? "" : "none";
      if (gaussian) element.setAttribute("d", `M${bell(gaussian).map(at).join("L")}`);
    }
    this.axis.style.display = q ? "" : "none";
    if (q) this.axis.setAttribute("d", `M${at([q.mu[0], 0])}L${at([axisEnd(q, 0, camera)[0], 0])}`);
  }

  /** Whether they are seen. @param {boolean} shown */
  toggle(shown) {
    this.group.style.display = shown ? "" : "none";
  }
}

/** Points (z, density) of q. @param {Gaussian} q @returns {Pair[]} */
function bell(q) {
  return Array.from({ length: 97 }, (_, i) => {
    const z = q.mu[0] + ((i - 48) / 48) * REACH * q.radii[0];
    return [z, gaussianDensity(q, z)];
  });
}

/** @param {Gaussian} q @param {number} z */
function gaussianDensity({ mu: [mu], radii: [sigma] }, z) {
  return Math.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));
}
