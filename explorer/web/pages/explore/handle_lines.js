// The lines from Explore's handle: to the nearest latents, and along a walk.

import { PlaneLines } from "../../plane/plane_lines.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

const NEIGHBOURS = 8; // nearest latents that lines lead to

export class HandleLines {
  /**
   * @param {import("../../plane/plane.js").Plane} plane
   * @param {import("./plane_bar.js").PlaneBar} bar  which says what is wanted
   */
  constructor(plane, bar) {
    this.lines = new PlaneLines(plane);
    this.bar = bar;
  }

  /** Lead to the nearest latents. @param {LatentSpace} view @param {Pair} point of z @param {ArrayLike<number>} z */
  connect(view, point, z) {
    const near = this.bar.lines.has("neighbours") ? view.nearestCodes(z, NEIGHBOURS) : [];
    this.lines.connect(view, point, near.map(({ index }) => index));
  }

  /** Walk from where the handle has come to rest. @param {LatentSpace} view @param {ArrayLike<number>} z */
  walk(view, z) {
    this.lines.walk(this.bar.lines.has("walk") ? view : null, z, this.bar.walk);
  }

  /** Follow the camera. */
  place() {
    this.lines.place();
  }
}
