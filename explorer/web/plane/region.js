// A region drawn on the plane: a box or a lasso, in pixels.

/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {"box" | "lasso"} RegionKind */

export class Region {
  /** @param {RegionKind} kind @param {Pair} start pixel */
  constructor(kind, start) {
    this.kind = kind;
    /** corners of the box, or of the polygon @type {Pair[]} */
    this.corners = [start];
  }

  /** The pointer is at a further pixel. @param {Pair} pixel */
  extend(pixel) {
    if (this.kind === "lasso") this.corners.push(pixel);
    else {
      const [[x, y]] = this.corners;
      this.corners = [[x, y], [pixel[0], y], pixel, [x, pixel[1]]];
    }
  }

  /** As an SVG path. */
  path() {
    return `M${this.corners.map((corner) => corner.map((v) => v.toFixed(1)).join(" ")).join("L")}Z`;
  }

  /** Whether a pixel lies inside: a ray from it crosses the outline an odd number of times. @param {Pair} pixel */
  holds([x, y]) {
    const { corners } = this;
    let inside = false;
    for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
      const [[ax, ay], [bx, by]] = [corners[i], corners[j]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    return inside;
  }
}
