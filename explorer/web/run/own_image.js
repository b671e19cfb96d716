// An image of one's own, drawn or uploaded, and what was done to bring it into the models' frame.

import { drawImage } from "../dom/image.js";
import { part, parts } from "../dom/parts.js";
import { parseSafetensors } from "../network/safetensors.js";
import { sendBytes, server } from "../network/ask.js";
import { backgroundLevel } from "./background_level.js";
import { DrawingPad } from "./drawing_pad.js";
import { frameInk, inkOf, isDarkOnLight } from "./mnist_frame.js";

/**
 * @typedef {object} Uploaded
 * @property {Uint8Array} grey  row by row
 * @property {Float32Array} background  its level at each pixel
 * @property {number} width @property {number} height
 * @property {string[]} steps  what the server did, in words
 * @property {boolean} darkOnLight
 */

const MAX_BYTES = 5 * 2 ** 20; // as in explorer/views/upload.py, which has the last word
const hint = () =>
  `${server.present ? "Draw, drop or upload an image (PNG or JPEG, at most 5 MB, 16 megapixels)" : "Draw an image"}: ` +
  "it is cut, scaled and centred as MNIST's digits were.";
const PAD = "Drawing pad: draw with mouse, finger or pen";

export const OWN_IMAGE = `
  <div class="lx-pad">
    <canvas data-part="pad" data-testid="drawing-pad" role="img" aria-label="${PAD}"></canvas>
    <p class="lx-pad-hint" data-part="pad-hint" aria-hidden="true">Draw here</p>
  </div>
  <div class="lx-framing">
    <div class="lx-controls">
      <button type="button" class="lx-button" data-part="undo">Undo</button>
      <button type="button" class="lx-button" data-part="clear">Clear</button>
      <button type="button" class="lx-button" data-part="upload" data-needs="server">Upload an image</button>
      <input type="file" accept="image/png,image/jpeg" data-part="file" data-testid="upload"
        aria-label="Upload an image" tabindex="-1" hidden>
    </div>
    <p class="lx-upload-error" data-part="upload-error" role="alert" hidden></p>
    <div class="lx-framed">
      <canvas class="lx-image" data-part="framed" data-testid="framed" width="28" height="28" role="img"
        aria-label="The picture as the models get it"></canvas>
      <div class="lx-switch" data-part="inks" role="group" aria-label="Ink of the upload" hidden>
        <button type="button" data-part="ink" data-ink="dark">Dark on light</button>
        <button type="button" data-part="ink" data-ink="light">Light on dark</button>
      </div>
    </div>
    <p class="lx-steps lx-note" data-part="framing"></p>
  </div>`;

export class OwnImage {
  /**
   * @param {HTMLElement} root with OWN_IMAGE inside
   * @param {string} address that takes uploads
   * @param {() => void} onChange  `pixels` has changed
   */
  constructor(root, address, onChange) {
    this.address = address;
    this.onChange = onChange;
    /** [C, H, W] of the data set @type {number[]} */
    this.shape = [1, 28, 28];
    /** in the data set's frame, null without ink @type {Float32Array | null} */
    this.pixels = null;
    /** @type {Uploaded | null} */
    this.uploaded = null;
    this.requests = 0;
    this.parts = {
      framed: part(root, "framed", HTMLCanvasElement),
      steps: part(root, "framing"),
      inks: part(root, "inks"),
      ink: parts(root, "ink", HTMLButtonElement),
      error: part(root, "upload-error"),
      hint: part(root, "pad-hint"),
      file: part(root, "file", HTMLInputElement),
      undo: part(root, "undo", HTMLButtonElement),
    };
    this.pad = new DrawingPad(part(root, "pad", HTMLCanvasElement), () => {
      this.uploaded = null;
      this.showError("");
      this.frame();
      this.onChange();
    });
    this.listen(root);
    this.show(null);
  }

  /** @param {HTMLElement} root */
  listen(root) {
    const { parts, pad } = this;
    parts.undo.onclick = () => pad.undo();
    part(root, "clear").onclick = () => pad.clear();
    part(root, "upload").onclick = () => parts.file.click();
    parts.file.onchange = () => this.upload(parts.file.files?.[0]);
    root.addEventListener("dragover", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      this.upload(event.dataTransfer?.files[0]);
    });
    for (const button of parts.ink) {
      button.onclick = () => {
        if (this.uploaded) this.uploaded.darkOnLight = button.dataset.ink === "dark";
        this.frame();
        this.onChange();
      };
    }
  }

  /** Take the frame of another data set; `onChange` is not called. @param {number[]} shape  [C, H, W] */
  setShape(shape) {
    if (String(shape) === String(this.shape)) return;
    this.shape = shape;
    this.frame();
  }

  /** Send a file to be read. @param {File | undefined} file */
  async upload(file) {
    this.parts.file.value = ""; // so that the same file can be chosen again
    if (!file) return;
    const request = ++this.requests;
    try {
      const uploaded = await this.read(file);
      if (request !== this.requests) return;
      this.uploaded = uploaded;
      const { grey, width, height } = uploaded;
      const canvas = document.createElement("canvas");
      drawImage(canvas, grey, [1, height, width], 1);
      this.pad.show(canvas, width, height);
      this.showError("");
      this.frame();
      this.onChange();
    } catch (error) {
      if (request !== this.requests) return;
      const unsent = error instanceof TypeError; // which is what fetch throws
      this.showError(
        unsent
          ? "The picture was not sent: check the connection and try again."
          : error instanceof Error
          ? error.message
          : String(error),
      );
    }
  }

  /** What the server makes of a file. @param {File} file @returns {Promise<Uploaded>} */
  async read(file) {
    if (file.size > MAX_BYTES) {
      throw new Error("This file is larger than 5 MB: make the picture smaller and upload that.");
    }
    const response = await sendBytes(this.address, await file.arrayBuffer());
    if (!response.headers.get("Content-Type")?.startsWith("application/octet-stream")) {
      throw new Error(await response.text());
    }
    const { tensors, metadata } = parseSafetensors(await response.arrayBuffer());
    const { data, shape: [height, width] } = tensors.image;
    const grey = /** @type {Uint8Array} */ (data);
    const background = backgroundLevel(grey, width, height);
    const darkOnLight = isDarkOnLight(grey, background);
    return { grey, background, width, height, steps: JSON.parse(metadata.steps), darkOnLight };
  }

  /** @param {string} words none: there is no error */
  showError(words) {
    this.parts.error.textContent = words;
    this.parts.error.hidden = !words;
  }

  /** Bring the drawing or the upload into the frame. */
  frame() {
    const { uploaded, pad } = this;
    const { ink, width, height } = uploaded ? inkOfUpload(uploaded) : pad.ink();
    const framed = frameInk(ink, width, height, this.shape);
    this.pixels = framed?.pixels ?? null;
    this.show(framed);
    if (uploaded && !framed) this.showError("This picture is one flat tone: upload one with ink on paper.");
  }

  /** @param {import("./mnist_frame.js").Framed | null} framed */
  show(framed) {
    const { uploaded, parts, shape } = this;
    drawImage(parts.framed, framed?.pixels ?? new Float32Array(shape[0] * shape[1] * shape[2]), shape);
    parts.hint.hidden = Boolean(uploaded) || !this.pad.empty;
    parts.undo.disabled = this.pad.empty;
    parts.inks.hidden = !uploaded;
    for (const button of parts.ink) {
      button.setAttribute("aria-pressed", String((button.dataset.ink === "dark") === uploaded?.darkOnLight));
    }
    const turned = uploaded
      ? [...uploaded.steps, uploaded.darkOnLight ? "dark ink made bright" : "bright ink kept"]
      : [];
    const grey = shape[0] === 3 ? ["one grey for all three colours"] : [];
    parts.steps.textContent = framed
      ? `As MNIST's digits were made: ${[...turned, ...framed.steps, ...grey].join("; ")}.`
      : hint();
  }

  destroy() {
    this.requests++;
    this.pad.destroy();
  }
}

/** @param {Uploaded} uploaded */
function inkOfUpload({ grey, background, width, height, darkOnLight }) {
  return { ink: inkOf(grey, background, width, height, darkOnLight), width, height };
}
