// The latent plane of one run with q(z|x) of the current image, from which z is dragged.

import { place, plain } from "../../dom/format.js";
import { Plane } from "../../plane/plane.js";
import { addToolbar } from "../../plane/toolbar.js";
import { planeNote } from "./sentences.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../maths/posterior.js").Posterior} Posterior */
/** @typedef {import("../../plane/coloring.js").Coloring} Coloring */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/**
 * @typedef {object} PosteriorPlaneEvents
 * @property {(epsilon: number[]) => void} drag  z is dragged to another epsilon
 * @property {() => void} rest  it was let go
 * @property {(index: number) => void} choose  the point of a held-out image was clicked
 * @property {() => void} center  z is to be mu
 */

const ZOOMED = 10; // standard deviations across the plane

export class PosteriorPlane {
  /**
   * @param {HTMLElement} element @param {HTMLElement} note @param {PosteriorPlaneEvents} events
   * @param {import("../../plane/share_menu.js").Share} share
   */
  constructor(element, note, events, share) {
    this.element = element;
    this.note = note;
    this.events = events;
    /** @type {LatentSpace | null} of the run that is shown, or about to be */
    this.space = null;
    /** @type {Posterior | null} */
    this.posterior = null;
    /** @type {number[]} what is missing is 0 */
    this.epsilon = [];
    this.plane = new Plane(element, {
      move: (point) => this.drag(point),
      release: (_, index) => (index !== null && index >= 0 ? events.choose(index) : events.rest()),
      press: () => events.center(),
      describe: (point) => place(point, this.space?.dim ?? 2),
      placed: () => this.placeEllipse(),
    });
    addToolbar(element, this.plane, share);
  }

  /** @param {LatentSpace} space @param {Coloring} coloring @param {import("../../dom/theme.js").Theme} theme */
  show(space, coloring, theme) {
    this.space = space;
    return this.plane.show(space, coloring, theme, this.point());
  }

  /** @param {Coloring} coloring @param {import("../../dom/theme.js").Theme} theme */
  restyle(coloring, theme) {
    this.plane.setTheme(theme);
    return this.plane.recolor(coloring);
  }

  /**
   * Show z = mu + L epsilon of an image.
   * @param {LatentSpace} space of the run @param {Posterior} posterior @param {number[]} epsilon
   */
  update(space, posterior, epsilon) {
    Object.assign(this, { space, posterior, epsilon });
    const { mu, deterministic } = posterior;
    const point = this.point();
    this.plane.moveTo(point, deterministic ? null : space.project(mu));
    this.element.dataset.z = point.map(plain).join(",");
    const all = mu.map((_, d) => epsilon[d] ?? 0);
    this.note.textContent = planeNote(deterministic, all);
  }

  /** The point of z on the plane. @returns {Pair} */
  point() {
    const { space, posterior, epsilon } = this;
    return space && posterior ? space.project(posterior.z(epsilon)) : [0, 0];
  }

  placeEllipse() {
    const { space, posterior, plane } = this;
    if (!space || !posterior || plane.space !== space) return;
    plane.overlay.placeSelection(
      plane.camera,
      space.project(posterior.mu),
      posterior.deterministic ? null : space.ellipseOf(posterior.factor),
    );
  }

  /** z is dragged to a point: what lies off the plane stays as it is. @param {Pair} point */
  drag(point) {
    const { space, posterior, epsilon } = this;
    if (!space || !posterior || posterior.deterministic) return;
    const z = posterior.z(epsilon);
    const [from, to] = [space.latent(space.project(z)), space.latent(point)];
    this.events.drag(posterior.epsilon(z.map((v, d) => v + to[d] - from[d])));
  }

  /** Show the plane around the posterior, to tell it from a point. */
  zoom() {
    const { space, posterior, plane: { camera } } = this;
    if (!space || !posterior) return;
    camera.lookAt(space.project(posterior.mu));
    camera.scale = Math.min(camera.width, camera.height) /
      (ZOOMED * Math.max(space.ellipseOf(posterior.factor)?.rx ?? 0, 1e-6));
    this.plane.viewChanged();
  }

  resize() {
    this.plane.resize();
  }

  destroy() {
    this.plane.destroy();
  }
}
