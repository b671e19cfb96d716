// The decoder of a run whose layers the browser does not know: the server decodes, one request in flight, the latest
// first.

import { token } from "./ask.js";
import { priorOf } from "../maths/prior.js";
import { tellGone } from "./safetensors.js";

/** @typedef {import("./decoder.js").Decoder} Decoder */

const GONE = 4410; // as in explorer/routes/decoding.py
const MOST = 8; // images of one request, as in explorer/routes/decoding.py
const FIRST_PAUSE = 0.5; // seconds until a lost server is tried again, doubled each time
const LONGEST_PAUSE = 8;
const KEPT_NUMBERS = 8e6; // of images, 32 MB

export class RemoteDecoder {
  /** @param {string} url of the run's decoder @param {Record<string, string>} metadata */
  constructor(url, metadata) {
    this.url = url;
    /** [C, H, W] */
    this.imageShape = /** @type {number[]} */ (JSON.parse(metadata.image_shape));
    this.pixels = this.imageShape.reduce((a, b) => a * b);
    this.likelihood = metadata.likelihood;
    this.prior = priorOf(metadata);
    this.binarizes = metadata.binarize === "true";
    this.crossEntropy = metadata.cross_entropy === "true";
    /** why the server decodes */
    this.server = metadata.server;
    /** one line, while the server does not answer, or refuses to decode */
    this.problem = "";
    this.refused = false;
    this.metadata = metadata;
    this.classes = Number(metadata.classes ?? 0);
    /** the class given, -1 for none */
    this.label = -1;
    /** the same run with another class given @type {Map<number, RemoteDecoder>} */
    this.byClass = new Map();
    this.arrived = () => {};
    /** @type {Map<string, Float32Array>} by z, the last used at the end */
    this.known = new Map();
    /** @type {Map<string, Float32Array>} z that are asked for, the latest at the end */
    this.wanted = new Map();
    /** @type {[string, Float32Array][]} in flight */
    this.sent = [];
    /** @type {WebSocket | null} */
    this.socket = null;
    this.opening = false;
    /** of the next try to reach the server, seconds */
    this.pause = 0;
  }

  /** The same with a class given to a conditional run. @param {number} label @returns {RemoteDecoder} */
  given(label) {
    if (!this.classes || label === this.label) return this;
    const known = this.byClass.get(label) ?? Object.assign(new RemoteDecoder(this.url, this.metadata), { label });
    this.byClass.set(label, known);
    known.arrived = this.arrived;
    return known;
  }

  /**
   * E[x|z] if it is here; else `out` as it is, until `arrived` says to ask again.
   * @param {ArrayLike<number>} z @param {Float32Array} [out]
   */
  decode(z, out = new Float32Array(this.pixels)) {
    const y = Array.from({ length: this.classes }, (_, k) => k === this.label ? 1 : 0);
    const code = Float32Array.from([...Array.from(z), ...y]);
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
    if (this.sent.length || !this.wanted.size || this.refused) return;
    if (!this.socket) this.open();
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.sent = [...this.wanted].slice(-MOST);
    this.wanted.clear(); // what is older nobody waits for
    const dim = this.sent[0][1].length;
    const request = new Float32Array(dim * this.sent.length);
    this.sent.forEach(([, code], i) => request.set(code, i * dim));
    this.socket.send(request);
  }

  /** Open a socket, and, while there is none, try again: the server may have been started anew. */
  async open() {
    if (this.opening) return;
    this.opening = true;
    await new Promise((resolve) => setTimeout(resolve, 1000 * this.pause));
    // A server that was started anew gives another token.
    const key = await token(this.pause > 0).catch(() => null);
    this.opening = false;
    if (key) this.socket = this.connected(key);
    else this.lost();
  }

  /** @param {string} key the page's token */
  connected(key) {
    const address = new URL(this.url, document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address, [key]);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.send();
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code }) => {
      if (code === GONE) this.replaced();
      this.lost();
    };
    return socket;
  }

  /** The run has been replaced: the page is laid out anew. */
  replaced() {
    this.refused = true;
    tellGone();
  }

  /** There is no socket any more: what was asked for is asked for again. */
  lost() {
    this.socket = null;
    this.wanted = new Map([...this.sent, ...this.wanted]);
    this.sent = [];
    if (!this.wanted.size || this.refused) return; // opened anew when it is needed
    this.pause = Math.min(2 * this.pause || FIRST_PAUSE, LONGEST_PAUSE);
    if (this.pause > FIRST_PAUSE) this.problem = "the server that decodes it does not answer; it is asked again";
    this.arrived();
    this.open();
  }

  /** @param {ArrayBuffer | string} data */
  receive(data) {
    this.pause = 0;
    this.problem = "";
    if (typeof data === "string") {
      this.problem = data;
      this.refused = true;
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
