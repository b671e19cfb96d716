// The three paths between two ends in one run, and how much the image changes along each.

import { linear, spherical } from "../../maths/paths.js";
import { evenly, ImageGrid, measure } from "./image_grid.js";

/** @typedef {import("./film_row.js").Film} Film */
/** @typedef {import("../../dom/background_work.js").BackgroundWork} BackgroundWork */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../maths/paths.js").Path} Path */
/** @typedef {import("../../maths/types.js").Pair} Pair */

/** What each path is, on hover. */
export const PATHS = {
  linear: { title: "Linear", definition: "z(t) = (1 − t) a + t b" },
  spherical: {
    title: "Spherical",
    definition:
      "Around 0, the prior's mean: the direction turns evenly from a to b while the norm goes evenly from |a| to |b|",
  },
  shortest: { title: "Shortest in image space", definition: "The way along which the decoded image changes least" },
};
/** @typedef {keyof typeof PATHS} PathName */
export const PATH_NAMES = /** @type {PathName[]} */ (Object.keys(PATHS));

/** Grids of decoded images, which take seconds to fill. @type {WeakMap<LatentSpace, ImageGrid>} */
const grids = new WeakMap();

export class ThreePaths {
  /**
   * @param {BackgroundWork} work does the jobs "shortest", "lengths" and "imageGrid"
   * @param {{found: () => void, measured: () => void}} events found: the shortest path is another; measured: `lengths`
   *   are
   */
  constructor(work, events) {
    this.work = work;
    this.events = events;
    /** @type {[number[], number[]]} */
    this.ends = [[], []];
    /** the shortest path as last found, until then the straight line @type {Path | null} */
    this.shortest = null;
    /** lengths in image space between the present ends @type {Map<string, number>} */
    this.lengths = new Map();
    /** @type {LatentSpace | null} */
    this.space = null;
    /** its name */
    this.run = "";
    /** @type {ImageGrid | null} */
    this.imageGrid = null;
  }

  /** @param {string} run @param {LatentSpace} space */
  open(run, space) {
    this.run = run;
    if (this.space === space) return;
    this.work.drop("imageGrid");
    this.space = space;
    this.shortest = null;
    this.imageGrid = grids.get(space) ?? new ImageGrid(space);
    grids.set(space, this.imageGrid);
  }

  /**
   * New ends: until the shortest path between them is found, the old one is bent to them.
   * @param {[number[], number[]]} ends
   */
  join(ends) {
    if (this.shortest && this.shortest(0).length === ends[0].length) {
      const old = this.shortest;
      const [a, b] = [old(0), old(1)];
      this.shortest = (t) => old(t).map((v, d) => v + (1 - t) * (ends[0][d] - a[d]) + t * (ends[1][d] - b[d]));
    }
    this.ends = ends;
    this.lengths.clear();
    this.work.follow("shortest", () => this.findShortest());
    this.work.follow("lengths", () => this.measureOthers());
  }

  /** @param {PathName} name @returns {Path} */
  path(name) {
    const [a, b] = this.ends;
    if (name === "spherical") return spherical(a, b);
    return (name === "shortest" && this.shortest) || linear(a, b);
  }

  /** @param {PathName} name */
  definition(name) {
    const { across = 0 } = this.imageGrid ?? {};
    if (this.space?.line) return "In one dimension there is one way from a to b";
    if (name !== "shortest") return PATHS[name].definition;
    return `Of all ways over a grid of ${across} × ${across} images decoded over the plane, the one along which the ` +
      "image changes least (Dijkstra, 16 neighbours), then relaxed in all latent dimensions: its nodes move until " +
      "the path is as short as they can make it; never longer than the two other paths";
  }

  /** How much of the grid is decoded, from 0 to 1. */
  get progress() {
    if (this.space?.line) return 1;
    return this.imageGrid ? this.imageGrid.done / this.imageGrid.count : 0;
  }

  *findShortest() {
    const { imageGrid, ends } = this;
    if (!imageGrid || this.space?.line) return; // one dimension has one way: measureOthers measures it
    const route = yield* imageGrid.route(...ends);
    if (ends !== this.ends || imageGrid !== this.imageGrid) return;
    this.shortest = evenly(route.rough);
    this.events.found();
    const refined = yield* imageGrid.refine(route, [this.path("spherical")]);
    if (ends !== this.ends || imageGrid !== this.imageGrid) return;
    this.shortest = evenly(refined);
    this.lengths.set("shortest", refined.length).set("linear", route.line.length);
    this.events.found();
    this.events.measured();
  }

  *measureOthers() {
    const { space, ends } = this;
    if (!space) return;
    for (const name of /** @type {PathName[]} */ (["linear", "spherical"])) {
      const { length } = yield* measure(this.path(name), space);
      if (ends !== this.ends || space !== this.space) return;
      this.lengths.set(name, length);
      if (space.line) this.lengths.set("shortest", length);
    }
    this.events.measured();
  }

  /** Decode the grid in the background; at each quarter of it the shortest path is looked for again. */
  fill() {
    const { imageGrid } = this;
    if (!imageGrid || !this.space || this.space.line || imageGrid.complete) return;
    const [a, b] = this.ends.map((z) => /** @type {LatentSpace} */ (this.space).project(z));
    const quarter = Math.ceil(imageGrid.count / 4);
    const middle = /** @type {Pair} */ ([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
    this.work.restart("imageGrid", () => this.fillGrid(imageGrid, middle, quarter));
  }

  /** @param {ImageGrid} imageGrid @param {Pair} middle where it begins @param {number} quarter of its images */
  *fillGrid(imageGrid, middle, quarter) {
    for (const _ of imageGrid.fill(middle)) {
      if (imageGrid.done % 100 === 0) this.events.measured();
      if (imageGrid.done % quarter === 0 || imageGrid.complete) {
        this.work.follow("shortest", () => this.findShortest());
      }
      yield;
    }
  }
}
