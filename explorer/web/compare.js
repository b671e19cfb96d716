// The Compare page: runs side by side, their latent spaces linked.

import { Stage } from "./stage.js";

/** @typedef {import("./stage.js").Payload} Payload */

export class Compare {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("./stage.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.stage = new Stage(parent, "compare", "", host);
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
