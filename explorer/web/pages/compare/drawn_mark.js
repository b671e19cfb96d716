// What a drawing is on a plane: where its posterior has been while the pen moved, and where it is.

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../plane/plane.js").Plane} Plane */

const MOST = 3000; // points of a trail

export class DrawnMark {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    this.trail = plane.overlay.shape("path", "lx-trail lx-trail-drawn");
    plane.overlay.svg.prepend(this.trail); // under the mark
    this.trail.dataset.testid = "trail-drawn";
    /** @type {Pair[]} */
    this.points = [];
    /** @type {import("../../maths/covariance.js").Ellipse | null} one standard deviation */
    this.ellipse = null;
  }

  /** @param {Pair} point @param {import("../../maths/covariance.js").Ellipse | null} ellipse null without noise */
  goTo(point, ellipse) {
    this.points = [...this.points, point].slice(-MOST);
    this.ellipse = ellipse;
  }

  clear() {
    this.points = [];
    this.place();
  }

  /** Follow the view. */
  place() {
    const { points, plane: { camera, overlay }, trail } = this;
    overlay.placePath(trail, camera, points);
    const last = points[points.length - 1];
    if (last) overlay.placeSelection(camera, last, this.ellipse);
  }
}
