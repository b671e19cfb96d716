// The latent plane of the Probability page: contours of p(z|x), and a Gaussian q(z|x) to be dragged over them.

import { axisEnd, dragged, pressed } from "./axis_handles.js";
import { Coloring } from "../../plane/coloring.js";
import { Gaussian } from "../../maths/gaussian.js";
import { Plane } from "../../plane/plane.js";
import { STEPS_ACROSS } from "../../plane/plane_gestures.js";
import { LineShapes } from "./line_shapes.js";
import { PosteriorShapes } from "./posterior_shapes.js";
import { addToolbar } from "../../plane/toolbar.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/true_posterior.js").TruePosterior} TruePosterior */
/**
 * `which` is a handle: 0 the mean, 1 and 2 the axes.
 * @typedef {object} PosteriorEvents
 * @property {(q: Gaussian) => void} move  a handle asks for this q
 * @property {() => void} step  an arrow key has asked for it
 * @property {(index: number | null) => void} release  let go; index of the image whose point was clicked
 * @property {(which: number) => string} describe  a handle's place in words
 */

const LOW = 450; // pixels: a lower plane is framed more loosely
const LEAST_SHARE = 0.3; // of the view that contours must take to be seen as they are

export class PosteriorPlane {
  /**
   * @param {HTMLElement} root @param {PosteriorEvents} events
   * @param {import("../../plane/share_menu.js").Share} share
   */
  constructor(root, events, share) {
    this.events = events;
    /** @type {Gaussian | null} null where there is none to drag */
    this.q = null;
    /** @type {Gaussian | null} the encoder's own */
    this.encoder = null;
    /** @type {TruePosterior | null} */
    this.posterior = null;
    /** whether the ellipse may turn */
    this.turns = false;
    this.plane = new Plane(root, {
      move: (point, which) => this.drag(point, which),
      release: (_, index) => events.release(index),
      step: (by, which) => this.step(by, which),
      describe: (_, which) => events.describe(which),
      placed: () => this.placeShapes(),
    }, { handles: ["μ", "a", "b"] });
    this.shapes = new PosteriorShapes(this.plane.overlay.svg);
    this.curves = new LineShapes(this.plane.overlay.svg);
    const [mu, ...axes] = this.plane.overlay.handles;
    mu.setAttribute("aria-label", "Mean μ of q(z|x); arrow keys move it, Shift moves it further");
    const keys = "right and left make it longer and shorter, with a full covariance up and down turn it";
    axes.forEach((handle, i) => handle.setAttribute("aria-label", `Axis ${"ab"[i]} of q(z|x); ${keys}`));
    addToolbar(root, this.plane, share);
  }

  /**
   * Show a run, as yet without any q.
   * @param {import("../../run/latent_space.js").LatentSpace} space
   * @param {{class_colors: string[], value_colors: string[]}} colors
   * @param {import("../../dom/theme.js").Theme} theme @param {number} index of the image that is to come
   */
  async show(space, { class_colors, value_colors }, theme, index) {
    this.q = this.encoder = null;
    this.showPosterior(null, "");
    this.curves.toggle(space.line);
    this.plane.overlay.handles[2].hidden = space.line;
    const coloring = new Coloring(space, "label", class_colors, value_colors, theme.dark);
    await this.plane.show(space, coloring, theme, space.point(index));
  }

  /** Draw the contours of p(z|x), or none. @param {TruePosterior | null} posterior @param {string} color */
  showPosterior(posterior, color) {
    this.posterior = posterior;
    const line = this.line && posterior;
    this.shapes.show(line ? null : posterior, color);
    this.curves.show(line || null);
  }

  /** @param {import("../../dom/theme.js").Theme} theme */
  setTheme(theme) {
    this.plane.setTheme(theme);
    this.showPosterior(this.posterior, theme.text);
    this.plane.place();
  }

  /** Whether the run has one dimension only. */
  get line() {
    return this.plane.space?.line ?? false;
  }

  /** Whether the contours are to be seen as they are: on the plane and large enough. */
  get inView() {
    const box = this.posterior?.extent(this.posterior.levels[2]);
    if (!box) return true;
    const [[left, right], [bottom, top]] = this.plane.camera.ranges();
    if (this.line) return box[0] > left && box[2] < right && box[2] - box[0] > LEAST_SHARE * (right - left);
    const share = Math.max((box[2] - box[0]) / (right - left), (box[3] - box[1]) / (top - bottom));
    return box[0] > left && box[2] < right && box[1] > bottom && box[3] < top && share > LEAST_SHARE;
  }

  /** Show posterior and ellipse as large as they fit. */
  closeUp() {
    const { q, plane, posterior } = this;
    if (!q) return plane.reset();
    const reach = this.line ? 5 * q.radii[0] : 2.5 * Math.max(...q.radii);
    const around = [q.mu[0] - reach, q.mu[1] - reach, q.mu[0] + reach, q.mu[1] + reach];
    const other = posterior?.extent(posterior.levels[2]) ?? around;
    plane.camera.frame(
      [0, 1, 2, 3].map((i) => (i < 2 ? Math.min : Math.max)(around[i], other[i])),
      plane.camera.height < LOW ? 0.5 : 0.66,
    );
    plane.viewChanged();
    this.place();
  }

  /** @param {Pair} point @param {number} which handle */
  drag(point, which) {
    const { q, plane, turns, events } = this;
    if (!q) return;
    events.move(
      which === 0 ? new Gaussian(point, q.radii, q.angle) : dragged(q, which - 1, point, turns, plane.camera),
    );
  }

  /** An arrow key on the handle of an axis. @param {Pair} by @param {number} which */
  step(by, which) {
    const { q, plane: { camera }, turns, events } = this;
    if (!q || which === 0) return false;
    const keys = by.map((v) => Math.round((v * camera.scale * STEPS_ACROSS) / camera.width));
    events.move(pressed(q, which - 1, [keys[0], keys[1]], turns));
    events.step();
    return true;
  }

  /** Put handles and shapes where q is. */
  place() {
    if (this.q) this.plane.handles[0] = this.q.mu;
    this.plane.place();
  }

  /** Let what lies over the plane follow q and the view: the handles of the axes keep their distance in pixels. */
  placeShapes() {
    const { plane, q, encoder, shapes, curves, events } = this;
    const { line } = this;
    shapes.place(plane.camera, line ? null : q, line ? null : encoder);
    if (line) curves.place(plane.camera, q, encoder);
    if (!q) return;
    for (const which of this.line ? [1] : [1, 2]) {
      plane.handles[which] = axisEnd(q, which - 1, plane.camera);
      plane.overlay.placeHandle(plane.camera, which, plane.handles[which], events.describe(which));
    }
  }

  /** Mark an image's point, -1 for none. @param {number} index */
  select(index) {
    this.plane.select(index);
  }

  /** Whether something is being dragged. */
  get busy() {
    return this.plane.backdrop.busy;
  }

  resize() {
    this.plane.resize();
  }

  destroy() {
    this.plane.destroy();
  }
}
