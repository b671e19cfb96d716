// The part of a plane that is seen, as the address has it: none while the view is fitted to the points.

/** @typedef {[number, number, number, number]} Box  x from, x to, y from, y to, in units of the axes */

const REST_MS = 300; // without another step of a zoom
const STEPS = 2000; // of a view's width, to which a box is rounded

export class ViewBox {
  /** @param {import("./plane.js").Plane} plane @param {() => void} changed  once a zoom or a pan has come to rest */
  constructor(plane, changed) {
    this.plane = plane;
    /** @type {ReturnType<typeof setTimeout> | 0} */
    this.timer = 0;
    plane.viewed = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(changed, REST_MS);
    };
  }

  /** @returns {number[] | null} */
  get values() {
    const { camera, fitted } = this.plane;
    if (fitted) return null;
    const [[left, right], [bottom, top]] = camera.ranges();
    const digits = Math.min(Math.max(Math.ceil(Math.log10(STEPS / (right - left))), 0), 12);
    return [left, right, bottom, top].map((v) => Number(v.toFixed(digits)));
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
