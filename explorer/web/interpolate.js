// The Interpolate page: the way from one image to another through the latent space.

import { Stage } from "./stage.js";

/** @typedef {import("./stage.js").Payload} Payload */

export class Interpolate {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("./stage.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.stage = new Stage(parent, "interpolate", "", host);
    this.stage.ready();
  }

  /** @param {Payload} payload */
  update(payload) {
    this.payload = payload;
  }

  destroy() {
    this.stage.destroy();
  }
}
