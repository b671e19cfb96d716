// Shows the plane in a frame of a notebook. Where a kernel is there, explorer/web/hosts/notebook.js links it with the
// traits of explorer/widget.py; without one it is as it was when the notebook's cell was run.

import { arraysAt, takeArrays } from "./file_arrays.js";
import { FileHost } from "./file.js";
import { same } from "./address.js";
import { server } from "../network/ask.js";
import { takeArraysFrom } from "../network/safetensors.js";
import { stateOf } from "./file_address.js";

/** @typedef {import("./address.js").State} State */
/** What Python and the page share; null: none. @typedef {Record<string, unknown>} Traits */

class WidgetHost extends FileHost {
  /** @param {import("./file.js").Contents} contents @param {Traits} traits */
  constructor(contents, traits) {
    super(contents);
    /** to the notebook, where one has answered @type {MessagePort | undefined} */
    this.port = undefined;
    this.address = { show: () => this.tell() };
    this.name = this.first;
    this.state = { ...stateOf(this.pages[this.name], {}).state, ...stateWith(traits) };
    this.lay(false);
    this.open();
  }

  /** A notebook has answered. @param {MessagePort} port @param {Traits} traits  as Python has them */
  link(port, traits) {
    this.port = port;
    port.onmessage = ({ data }) => this.take(data);
    // Python does not know z before the page has said where it is.
    const { z, ...others } = traits;
    this.take(z || traits.run !== this.state.run ? traits : others);
    this.tell();
  }

  /** Python has set traits. @param {Traits} traits  those that are others now */
  take(traits) {
    const next = { ...this.state, ...stateWith(traits) };
    const moves = "image" in traits || "run" in traits;
    // An image that is chosen has its own z, in each run another one.
    if (moves && next.image !== null && !("z" in traits)) next.z = null;
    if (!same(next, this.state)) this.restore(next);
  }

  tell() {
    this.port?.postMessage(traitsOf(this.state));
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

/** @param {import("./file.js").Contents} contents @param {import("./file_arrays.js").Unpack} unpack */
export function start(contents, unpack) {
  server.present = false;
  takeArrays(document, unpack);
  takeArraysFrom(arraysAt);
  document.documentElement.classList.add("file", "widget");
  const { latentPlane, traits } = JSON.parse(window.name); // the frame's, which explorer/widget.py gives it
  const host = new WidgetHost(contents, traits);
  addEventListener("message", ({ source, data, ports: [port] }) => {
    if (source === parent && port) host.link(port, data);
  });
  parent.postMessage({ latentPlane }, "*");
}
