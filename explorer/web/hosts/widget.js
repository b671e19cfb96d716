// Shows the plane in the frame of a notebook's widget: explorer/web/hosts/notebook.js gives it arrays and traits.

import { FileHost } from "./file.js";
import { restored } from "./file_arrays.js";
import { server } from "../network/ask.js";
import { takeArraysFrom } from "../network/safetensors.js";
import { stateOf } from "./file_address.js";

/** @typedef {import("./address.js").State} State */
/** What Python and the page share; null: none. @typedef {Record<string, unknown>} Traits */

class WidgetHost extends FileHost {
  /** @param {import("./file.js").Contents} contents @param {MessagePort} port @param {Traits} traits */
  constructor(contents, port, traits) {
    super(contents);
    const show = (/** @type {string} */ _page, /** @type {State} */ state) => port.postMessage(traitsOf(state));
    this.address = { show };
    port.onmessage = ({ data }) => this.take(data);
    this.name = this.first;
    this.state = { ...stateOf(this.pages[this.name], {}).state, ...stateWith(traits) };
    this.lay(false);
    this.open();
  }

  /** Python has set traits. @param {Traits} traits  those that are others now */
  take(traits) {
    const next = { ...this.state, ...stateWith(traits) };
    const moves = "image" in traits || "run" in traits;
    // An image that is chosen has its own z, in each run another one.
    this.restore({ ...next, ...(moves && next.image !== null && !("z" in traits) ? { z: null } : {}) });
  }
}

/** Without z while the page still has to say where it is. @param {State} state @returns {Traits} */
function traitsOf({ run, z, image, set }) {
  return { run, image: image ?? null, selection: set ?? [], ...(z ? { z } : {}) };
}

/** @param {Traits} traits @returns {State} */
function stateWith({ selection, ...others }) {
  return selection === undefined ? others : { ...others, set: selection };
}

/** Ask the notebook for a run, and show it. @param {import("./file.js").Contents} contents */
export function start(contents) {
  server.present = false;
  document.documentElement.classList.add("file", "widget");
  addEventListener("message", ({ source, data: { arrays, traits }, ports: [port] }) => {
    if (source !== parent || !port) return;
    takeArraysFrom(async (url) => {
      const packed = arrays[url];
      if (!packed) return new Response("this is not in the notebook", { status: 409 });
      const unzipped = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      return new Response(restored(await new Response(unzipped).arrayBuffer()));
    });
    new WidgetHost(contents, port, traits);
  }, { once: true });
  parent.postMessage("latent-plane", "*");
}
