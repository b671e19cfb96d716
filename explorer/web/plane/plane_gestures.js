// What gestures on a plane do: its handles and its view move, points are clicked, regions are drawn.

import { listen } from "./gestures.js";
import { Region } from "./region.js";

/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("./plane.js").Plane} Plane */

export const STEPS_ACROSS = 100; // arrow-key steps over the visible width

/** Let a plane answer to pointer, wheel, touch and keys. @param {Plane} plane */
export function followGestures(plane) {
  const handle = new HeldHandle(plane);
  listen(plane.area, {
    grab: (pixel) => handle.grab(pixel),
    moveTo: (pixel) => handle.moveTo(pixel),
    release: (pixel, clicked) => handle.release(pixel, clicked),
    cancel: () => handle.cancel(),
    scrolled: () => plane.overlay.hint("Ctrl + wheel zooms here, as the wheel alone does after a click"),
    hover: (pixel) => plane.events.hover?.(pixel ? plane.hit(pixel) : -1, pixel ?? [0, 0]),
    pan: (dx, dy) => {
      plane.camera.pan(dx, dy);
      plane.viewChanged();
    },
    zoom: (pixel, factor) => plane.zoom(factor, pixel),
    nudge: (dx, dy) => nudge(plane, dx, dy),
    press: (key) => (key === "Home" ? plane.reset() : plane.events.press?.(key)),
    panning: () => plane.panning,
    drawing: () => plane.tool !== null,
    draw: (pixel, first) => {
      if (first && plane.tool) plane.region = new Region(plane.tool, pixel);
      else plane.region?.extend(pixel);
      plane.overlay.placeRegion(plane.region);
    },
    drawn: (adds) => {
      const inside = imagesInside(plane);
      endRegion(plane);
      plane.take(null); // the next drag is the handle's again
      plane.events.select?.(inside, adds);
    },
    undrawn: () => endRegion(plane),
  }, plane.abort.signal);
}

/** The handle that follows the pointer while it is down. */
class HeldHandle {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    /** its place in the plane's list; -1 without handles */
    this.which = 0;
    /** where it was @type {Pair} */
    this.before = plane.point;
    /** where it is wanted @type {Pair | null} */
    this.wanted = null;
  }

  /** The nearest handle. @param {Pair} pixel */
  grab([x, y]) {
    const { handles, camera, overlay } = this.plane;
    const distances = handles.map((point) => {
      const [hx, hy] = camera.toPixel(point);
      return Math.hypot(hx - x, hy - y);
    });
    this.which = distances.indexOf(Math.min(...distances));
    this.before = handles[this.which];
    return overlay.handles[this.which];
  }

  /** At the plane's edge a handle stays where it can be grasped again. @param {Pair} pixel */
  moveTo([px, py]) {
    if (this.which < 0) return;
    const { width, height } = this.plane.camera;
    /** @type {Pair} */
    const pixel = [Math.min(Math.max(px, 0), width), Math.min(Math.max(py, 0), height)];
    this.plane.backdrop.busy = true;
    // Pointer events come once a frame or oftener: only the last of a frame is decoded, in that same frame.
    if (!this.wanted) requestAnimationFrame(() => this.follow());
    const point = this.plane.camera.toPoint(pixel);
    this.wanted = this.plane.space?.reach(point) ?? point;
  }

  follow() {
    if (!this.wanted) return;
    const point = this.wanted;
    this.wanted = null;
    this.plane.events.move(point, this.which);
  }

  stop() {
    this.plane.backdrop.busy = false;
    this.follow();
  }

  /** @param {Pair} pixel @param {boolean} clicked */
  release(pixel, clicked) {
    const { plane, which } = this;
    this.stop();
    const index = clicked ? plane.hit(pixel) : null;
    plane.events.release(which < 0 ? plane.camera.toPoint(pixel) : plane.handles[which], index, which);
  }

  /** Go back to where the pointer took it from. */
  cancel() {
    if (this.which >= 0) this.wanted = this.before;
    this.stop();
  }
}

/** Move the handle that has the focus by so many steps. @param {Plane} plane @param {number} dx @param {number} dy */
function nudge(plane, dx, dy) {
  const { overlay, camera, handles, events } = plane;
  const active = overlay.handles.findIndex((handle) => handle === document.activeElement);
  if (active < 0) return;
  const step = camera.width / camera.scale / STEPS_ACROSS;
  if (events.step?.([dx * step, dy * step], active)) return;
  const [x, y] = handles[active];
  events.move([x + dx * step, y + dy * step], active);
  events.release(handles[active], null, active);
}

/** The shown images whose points lie in the region. @param {Plane} plane @returns {number[]} */
function imagesInside({ region, space, camera, shown }) {
  if (!region || !space) return [];
  const found = [];
  for (let i = 0; i < space.count; i++) {
    if (shown(space.label[i]) && region.holds(camera.toPixel([space.xy[2 * i], space.xy[2 * i + 1]]))) found.push(i);
  }
  return found;
}

/** @param {Plane} plane */
function endRegion(plane) {
  plane.region = null;
  plane.overlay.placeRegion(null);
}
