// Lines over a plane that follow the latent space itself: to the nearest latents, and along a random walk of the prior.

import { drawImage } from "../dom/image.js";
import { hide, setAttribute } from "../dom/sparing.js";
import { Random } from "../maths/normal.js";

/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("./plane.js").Plane} Plane */
/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {"neighbours" | "walk"} LineName */

const STEPS = 40;
const KEPT = 0.9; // share of z that a step of the walk keeps
const THUMB_EVERY = 5;
const THUMB = 30; // CSS pixels

/** What each line is, on hover. @type {Record<LineName, {title: string, definition: string}>} */
export const LINES = {
  neighbours: {
    title: "Neighbours",
    definition: "Lines to the 8 held-out images nearest in the latent space, by distance in all its dimensions",
  },
  walk: {
    title: "Walk",
    definition: `From z, ${STEPS} steps of z ← ${KEPT} z + √(1 − ${KEPT}²) ε with ε ~ N(0, I): ` +
      "it forgets where it began and wanders as the prior does",
  },
};

/**
 * A random walk from z whose steps leave the prior as it is.
 * @param {ArrayLike<number>} z @param {number} seed @returns {number[][]}
 */
export function randomWalk(z, seed) {
  const random = new Random(seed);
  const walk = [Array.from(z)];
  for (let step = 0; step < STEPS; step++) {
    walk.push(walk[step].map((v) => KEPT * v + Math.sqrt(1 - KEPT * KEPT) * random.normal()));
  }
  return walk;
}

export class PlaneLines {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    /** @type {Record<LineName, SVGElement>} */
    this.lines = {
      neighbours: plane.overlay.shape("path", "lx-trail lx-trail-neighbours"),
      walk: plane.overlay.shape("path", "lx-trail lx-trail-walk"),
    };
    this.lines.neighbours.dataset.testid = "trail-neighbours";
    this.lines.walk.dataset.testid = "trail-walk";
    this.thumbs = Array.from({ length: STEPS / THUMB_EVERY }, () => {
      const canvas = Object.assign(document.createElement("canvas"), { className: "lx-walked", hidden: true });
      canvas.setAttribute("aria-hidden", "true");
      plane.overlay.svg.after(canvas);
      return canvas;
    });
    /** points of the plane: z's own and those it is connected to; the walk @type {Record<LineName, Pair[]>} */
    this.points = { neighbours: [], walk: [] };
  }

  /**
   * Lead a line from z to each of some images.
   * @param {LatentSpace} space @param {Pair} point z's own @param {number[]} neighbours images, none to have no lines
   */
  connect(space, point, neighbours) {
    this.points.neighbours = neighbours.length ? [point, ...neighbours.map((index) => space.point(index))] : [];
    this.place();
  }

  /** @param {LatentSpace | null} space null for no walk @param {ArrayLike<number>} z @param {number} seed */
  walk(space, z, seed) {
    const walk = space ? randomWalk(z, seed) : [];
    this.points.walk = space ? walk.map((step) => space.project(step)) : [];
    if (space) {
      const { decoder } = space;
      this.thumbs.forEach((canvas, i) =>
        drawImage(canvas, decoder.decode(walk[(i + 1) * THUMB_EVERY]), decoder.imageShape)
      );
    }
    this.place();
  }

  /** Follow the view. */
  place() {
    const { camera } = this.plane;
    const { neighbours: [center, ...ends], walk } = this.points;
    const at = (/** @type {Pair} */ point) => camera.toPixel(point).map((v) => v.toFixed(1)).join(" ");
    const star = center ? ends.map((end) => `M${at(center)}L${at(end)}`).join("") : "";
    this.lines.neighbours.style.display = star ? "" : "none";
    setAttribute(this.lines.neighbours, "d", star);
    this.plane.overlay.placePath(this.lines.walk, camera, walk);
    this.thumbs.forEach((canvas, i) => {
      hide(canvas, !walk.length);
      if (!walk.length) return;
      const [x, y] = camera.toPixel(walk[(i + 1) * THUMB_EVERY]);
      canvas.style.transform = `translate(${x - THUMB / 2}px, ${y - THUMB / 2}px)`;
    });
  }
}
