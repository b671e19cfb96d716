// The Prior page: what the decoder makes of the prior.

import { Stage } from "./stage.js";

/** @typedef {import("./stage.js").Payload} Payload */

export class Prior {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("./stage.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.stage = new Stage(parent, "prior", "", host);
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
