// A magnifier over a plane: an image's posterior where it is smaller than the handle, among the points near it.

import { pixelRatio } from "../dom/canvas.js";
import { hide, setAttribute, write } from "../dom/sparing.js";

/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("./plane.js").Plane} Plane */

const SVG = "http://www.w3.org/2000/svg";
const [LARGE, SMALL] = [62, 44]; // radii in CSS pixels
const WIDE = 480; // pixels of a plot area, from which on the large one has room
const HANDLE = 14; // the handle's radius in pixels: what is as large needs no magnifier
const FILLED = 0.72; // of the radius, at most, that two standard deviations take
const EDGE = 10; // pixels to the plot area's edges
const NEAR = 26; // pixels that what it magnifies keeps from it
const DOT = 3;
const MOST = 600; // dots
/** Right and down, where it may stand: the first one that is free. @type {Pair[]} */
const CORNERS = [[1, 1], [0, 1], [1, 0], [0, 0]];
/** On a small plane the decoded image has the lower corners. @type {Pair[]} */
const UPPER = [[0, 0], [1, 0]];

export class Lens {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    this.on = true;
    this.radius = 0;
    this.root = document.createElement("div");
    this.root.className = "lx-lens";
    this.root.dataset.testid = "lens";
    this.root.setAttribute("role", "img");
    this.canvas = document.createElement("canvas");
    this.factor = document.createElement("span");
    this.root.append(this.canvas, this.factor);
    this.leader = document.createElementNS(SVG, "svg");
    this.leader.setAttribute("class", "lx-overlay lx-lens-leader");
    this.leader.setAttribute("aria-hidden", "true");
    this.lines = ["lx-halo", ""].map((name) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      return path;
    });
    this.leader.append(...this.lines);
    plane.overlay.svg.after(this.leader, this.root);
    this.show(-1, "");
  }

  /** Show an image's posterior, if there is need. @param {number} index -1 for none @param {string} words on it */
  show(index, words) {
    const { plane: { space, camera, point, selected, width }, root, leader } = this;
    const times = index === selected ? width : 1;
    const outlines = this.on && space && index >= 0 ? [2, 1].map((sigma) => space.outline(index, times * sigma)) : [];
    const [outer, inner] = outlines.map((outline) => outline?.map((corner) => camera.toPixel(corner)));
    const middle = space && index >= 0 ? camera.toPixel(space.point(index)) : camera.toPixel(point);
    const reach = outer ? Math.max(...outer.map((corner) => away(corner, middle))) : 0;
    const inView = middle[0] > 0 && middle[1] > 0 && middle[0] < camera.width && middle[1] < camera.height;
    const wanted = inView && reach > 0 && reach < HANDLE && Math.min(camera.width, camera.height) > 4 * SMALL;
    hide(root, !wanted);
    leader.style.display = wanted ? "" : "none";
    if (!wanted || !outer || !inner) return;
    this.fit(camera.width < WIDE ? SMALL : LARGE);
    const { radius } = this;
    const factor = roundDown((FILLED * radius) / reach);
    const [x, y] = this.stand([middle, camera.toPixel(point)]);
    root.style.transform = `translate(${x - radius}px, ${y - radius}px)`;
    const magnified = `× ${factor.toLocaleString("en")}`;
    write(this.factor, magnified);
    setAttribute(root, "aria-label", `q(z|x) of ${words} at 1 and 2 σ, magnified ${factor.toLocaleString("en")} times`);
    const d = leaders(middle, radius / factor, [x, y], radius);
    for (const path of this.lines) setAttribute(path, "d", d);
    this.draw([outer, inner], middle, factor);
  }

  /** @param {number} radius */
  fit(radius) {
    if (radius === this.radius) return;
    this.radius = radius;
    this.root.style.width = this.root.style.height = `${2 * radius}px`;
    this.canvas.width = this.canvas.height = 2 * radius * pixelRatio();
  }

  /** The middle of the first corner that leaves some pixels free. @param {Pair[]} kept @returns {Pair} */
  stand(kept) {
    const { plane: { camera: { width, height } }, radius } = this;
    const middles = (width < WIDE ? UPPER : CORNERS).map(([right, down]) => /** @type {Pair} */ ([
      right ? width - EDGE - radius : EDGE + radius,
      down ? height - EDGE - radius : EDGE + radius,
    ]));
    return middles.find((at) => kept.every((pixel) => away(pixel, at) > radius + NEAR)) ?? middles[0];
  }

  /**
   * @param {Pair[][]} outlines pixels of the plane @param {Pair} middle pixel that is in the middle
   * @param {number} factor
   */
  draw(outlines, middle, factor) {
    const { plane: { theme, points, camera, point }, radius } = this;
    if (!theme || !points) return;
    const ratio = pixelRatio();
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    const inside = (
      [x, y] = middle,
    ) => /** @type {Pair} */ ([radius + (x - middle[0]) * factor, radius + (y - middle[1]) * factor]);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, 2 * radius, 2 * radius);
    const { space: { xy, label, count }, coloring, shown } = points;
    // Of a million points most are far away: two comparisons of each, at every move of the handle.
    const reach = (radius + DOT) / factor;
    const [low, bottom] = camera.toPoint([middle[0] - reach, middle[1] + reach]);
    const [high, top] = camera.toPoint([middle[0] + reach, middle[1] - reach]);
    let left = MOST;
    for (let i = 0; i < count && left; i++) {
      if (xy[2 * i] < low || xy[2 * i] > high || xy[2 * i + 1] < bottom || xy[2 * i + 1] > top) continue;
      const [x, y] = inside(camera.toPixel([xy[2 * i], xy[2 * i + 1]]));
      if (away([x, y], [radius, radius]) > radius + DOT || !shown(label[i])) continue;
      left--;
      context.fillStyle = coloring.css(coloring.group(i));
      context.beginPath();
      context.arc(x, y, DOT, 0, 2 * Math.PI);
      context.fill();
    }
    context.lineWidth = 1.5;
    outlines.forEach((outline, i) => {
      context.strokeStyle = theme.text;
      context.fillStyle = theme.accent;
      context.setLineDash(i ? [] : [4, 3]);
      context.beginPath();
      for (const corner of outline) context.lineTo(...inside(corner));
      context.closePath();
      context.globalAlpha = 0.14;
      context.fill();
      context.globalAlpha = 1;
      context.stroke();
    });
    context.setLineDash([]);
    context.strokeStyle = theme.accent;
    context.lineWidth = 2.5;
    const [x, y] = inside(camera.toPixel(point)); // where the handle is
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.stroke();
  }
}

/** @param {Pair} a @param {Pair} b pixels */
function away([ax, ay], [bx, by]) {
  return Math.hypot(ax - bx, ay - by);
}

/** 1, 2, 3 or 5 times a power of ten, at least 2 and at most so much. @param {number} most */
function roundDown(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  const digit = /** @type {number} */ ([5, 3, 2, 1].find((one) => one * power <= most * 1.0001));
  return Math.max(Math.round(digit * power), 2);
}

/**
 * A small circle and its two tangents to the magnifier, as an SVG path.
 * @param {Pair} at the small circle's middle @param {number} radius
 * @param {Pair} to the magnifier's middle @param {number} large its radius
 */
function leaders(at, radius, to, large) {
  const [dx, dy] = [to[0] - at[0], to[1] - at[1]];
  const distance = Math.hypot(dx, dy);
  const small = Math.max(radius, 3);
  const circle = `M${at[0] - small} ${at[1]}a${small} ${small} 0 1 0 ${2 * small} 0a${small} ${small} 0 1 0 ${
    -2 * small
  } 0`;
  if (distance <= large) return circle;
  const turn = Math.acos((small - large) / distance);
  const angle = Math.atan2(dy, dx);
  const tangents = [turn, -turn].map((by) => {
    const [c, s] = [Math.cos(angle + by), Math.sin(angle + by)];
    return `M${at[0] + small * c} ${at[1] + small * s}L${to[0] + large * c} ${to[1] + large * s}`;
  });
  return circle + tangents.join("");
}
