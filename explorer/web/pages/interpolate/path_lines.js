// The paths on the plane: a line each, and a dot where t is.

import { sample } from "../../maths/paths.js";

/** @typedef {import("./film_row.js").Film} Film */
/** @typedef {import("../../plane/plane.js").Plane} Plane */

const PIECES = 64;

export class PathLines {
  /** @param {Plane} plane @param {string[]} names */
  constructor(plane, names) {
    this.plane = plane;
    this.lines = new Map(names.map((name) => [name, plane.overlay.shape("path", `lx-path lx-path-${name}`)]));
    this.dots = new Map(names.map((name) => [name, plane.overlay.shape("circle", `lx-path-dot lx-path-${name}`)]));
    for (const dot of this.dots.values()) dot.setAttribute("r", "6");
    /** @type {Film[]} */
    this.films = [];
    this.t = 0;
  }

  /** @param {Film[]} films */
  show(films) {
    this.films = films;
    this.place();
  }

  /** @param {number} t */
  move(t) {
    this.t = t;
    for (const { name, path, space } of this.films) {
      const [x, y] = this.plane.camera.toPixel(space.project(path(t)));
      this.dots.get(name)?.setAttribute("transform", `translate(${x} ${y})`);
    }
  }

  /** Follow the view. */
  place() {
    const shown = new Map(this.films.map((film) => [film.name, film]));
    for (const [name, line] of this.lines) {
      const film = shown.get(name);
      for (const shape of [line, this.dots.get(name)]) if (shape) shape.style.display = film ? "" : "none";
      if (!film) continue;
      const places = sample(film.path, PIECES).map((z) =>
        this.plane.camera.toPixel(film.space.project(z)).map((v) => v.toFixed(1)).join(" ")
      );
      line.setAttribute("d", `M${places.join("L")}`);
    }
    this.move(this.t);
  }
}
