// The decoder of a run whose layers the browser does not know: the server decodes, one request in flight, the latest
// first.

/** @typedef {import("./decoder.js").Decoder} Decoder */

import { tellGone } from "./safetensors.js";

const GONE = 4410; // as in explorer/routes/decoding.py
const MOST = 8; // images of one request, as in explorer/routes/decoding.py
const KEPT_NUMBERS = 8e6; // of images, 32 MB

export class RemoteDecoder {
  /** @param {string} url of the run's decoder @param {Record<string, string>} metadata */
  constructor(url, metadata) {
    this.url = url;
    /** [C, H, W] */
    this.imageShape = /** @type {number[]} */ (JSON.parse(metadata.image_shape));
    this.pixels = this.imageShape.reduce((a, b) => a * b);
    this.likelihood = metadata.likelihood;
    /** why the server decodes */
    this.server = metadata.server;
    /** one line, when the server does not answer */
    this.problem = "";
    this.arrived = () => {};
    /** @type {Map<string, Float32Array>} by z, the last used at the end */
    this.known = new Map();
    /** @type {Map<string, Float32Array>} z that are asked for, the latest at the end */
    this.wanted = new Map();
    /** @type {[string, Float32Array][]} in flight */
    this.sent = [];
    /** @type {WebSocket | null} */
    this.socket = null;
  }

  /**
   * E[x|z] if it is here; else `out` as it is, until `arrived` says to ask again.
   * @param {ArrayLike<number>} z @param {Float32Array} [out]
   */
  decode(z, out = new Float32Array(this.pixels)) {
    const code = Float32Array.from(z);
    const key = code.join();
    const image = this.known.get(key);
    if (image) {
      this.keep(key, image);
      out.set(image);
    } else if (!this.sent.some(([sent]) => sent === key)) {
      this.wanted.delete(key);
      this.wanted.set(key, code);
      this.send();
    }
    return out;
  }

  /** @returns {never} */
  decodeEach() {
    throw new Error("it is decoded by the server, one image at a time; Explore and Compare show it");
  }

  send() {
    if (this.sent.length || !this.wanted.size || this.problem) return;
    const socket = (this.socket ??= this.open());
    if (socket.readyState !== WebSocket.OPEN) return;
    this.sent = [...this.wanted].slice(-MOST);
    this.wanted.clear(); // what is older nobody waits for
    const dim = this.sent[0][1].length;
    const request = new Float32Array(dim * this.sent.length);
    this.sent.forEach(([, code], i) => request.set(code, i * dim));
    socket.send(request);
  }

  open() {
    const address = new URL(this.url, document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.send();
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code }) => {
      this.socket = null;
      if (code === GONE) tellGone();
      if (!this.sent.length && !this.wanted.size) return; // opened anew when it is needed
      this.problem ||= "the server that decodes it does not answer; reload the page";
      this.arrived();
    };
    return socket;
  }

  /** @param {ArrayBuffer | string} data */
  receive(data) {
    if (typeof data === "string") {
      this.problem = data;
    } else {
      this.sent.forEach(([key], i) => this.keep(key, new Float32Array(data, 4 * i * this.pixels, this.pixels)));
    }
    this.sent = [];
    this.arrived();
    this.send();
  }

  /** @param {string} key @param {Float32Array} image */
  keep(key, image) {
    this.known.delete(key);
    this.known.set(key, image);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= Math.max(2 * MOST, KEPT_NUMBERS / this.pixels)) break;
      this.known.delete(oldest);
    }
  }
}
