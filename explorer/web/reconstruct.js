// The Reconstruct page: held-out, drawn and uploaded images over their reconstructions.

import { Stage } from "./stage.js";

/** @typedef {import("./stage.js").Payload} Payload */

export class Reconstruct {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("./stage.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.stage = new Stage(parent, "reconstruct", "", host);
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
