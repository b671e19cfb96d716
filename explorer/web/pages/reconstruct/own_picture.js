// A picture of one's own, drawn or uploaded, and what was done to bring it into the models' frame.

import { DrawingPad } from "./drawing_pad.js";
import { drawImage } from "../../dom/image.js";
import { frameInk, inkOf, isDarkOnLight } from "./mnist_frame.js";
import { backgroundLevel } from "./background_level.js";
import { parseSafetensors } from "../../network/safetensors.js";

/** @typedef {{grey: Uint8Array, paper: Float32Array, width: number, height: number, steps: string[], darkOnLight: boolean}} Uploaded */

const MAX_BYTES = 5 * 2 ** 20; // as in explorer/views/upload.py, which has the last word

export const OWN_PICTURE = `
  <div class="lx-pad"><canvas data-testid="drawing-pad" role="img" aria-label="Drawing pad: draw with mouse, finger or pen"></canvas><p class="lx-pad-hint" aria-hidden="true">Draw here</p></div>
  <div class="lx-framing">
    <div class="lx-controls">
      <button type="button" class="lx-button" data-do="undo">Undo</button>
      <button type="button" class="lx-button" data-do="clear">Clear</button>
      <button type="button" class="lx-button" data-do="upload">Upload an image</button>
      <input type="file" accept="image/png,image/jpeg" data-testid="upload" aria-label="Upload an image" tabindex="-1" hidden>
    </div>
    <p class="lx-upload-error" role="alert" hidden></p>
    <div class="lx-framed">
      <canvas class="lx-image" data-testid="framed" width="28" height="28" role="img" aria-label="The picture as the models get it"></canvas>
      <div class="lx-switch" role="group" aria-label="Ink of the upload" hidden>
        <button type="button" data-ink="dark">Dark on light</button><button type="button" data-ink="light">Light on dark</button>
      </div>
    </div>
    <p class="lx-steps lx-note"></p>
  </div>`;

export class OwnPicture {
  /**
   * @param {HTMLElement} root with OWN_PICTURE inside
   * @param {string} address that takes uploads
   * @param {() => void} onChange  `pixels` has changed
   */
  constructor(root, address, onChange) {
    const find = (/** @type {string} */ selector) => /** @type {any} */ (root.querySelector(selector));
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
      framed: find(".lx-framed canvas"),
      steps: find(".lx-steps"),
      ink: find(".lx-switch"),
      error: find(".lx-upload-error"),
      hint: find(".lx-pad-hint"),
    };
    this.file = /** @type {HTMLInputElement} */ (find("input[type=file]"));
    this.undo = find("[data-do=undo]");
    this.pad = new DrawingPad(find(".lx-pad canvas"), () => {
      this.uploaded = null;
      this.complain("");
      this.reframe();
    });
    this.undo.onclick = () => this.pad.undo();
    find("[data-do=clear]").onclick = () => this.pad.clear();
    find("[data-do=upload]").onclick = () => this.file.click();
    this.file.onchange = () => this.take(this.file.files?.[0]);
    root.addEventListener("dragover", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take(event.dataTransfer?.files[0]);
    });
    for (const button of this.parts.ink.querySelectorAll("button")) {
      button.onclick = () => {
        if (this.uploaded) this.uploaded.darkOnLight = button.dataset.ink === "dark";
        this.reframe();
      };
    }
    this.show(null);
  }

  /** Take the frame of another data set; `onChange` is not called. @param {number[]} shape  [C, H, W] */
  setShape(shape) {
    if (String(shape) === String(this.shape)) return;
    this.shape = shape;
    this.frame();
  }

  /** Send a picture to be read. @param {File | undefined} file */
  async take(file) {
    this.file.value = ""; // so that the same file can be chosen again
    if (!file) return;
    const request = ++this.requests;
    try {
      if (file.size > MAX_BYTES) {
        throw new Error("This file is larger than 5 MB: make the picture smaller and upload that.");
      }
      const response = await fetch(this.address, {
        method: "POST",
        body: await file.arrayBuffer(),
        headers: { "Content-Type": "application/octet-stream" },
      });
      if (!response.headers.get("Content-Type")?.startsWith("application/octet-stream")) {
        throw new Error(await response.text());
      }
      const { tensors, metadata } = parseSafetensors(await response.arrayBuffer());
      if (request !== this.requests) return;
      const { data, shape: [height, width] } = tensors.image;
      const grey = /** @type {Uint8Array} */ (data);
      const paper = backgroundLevel(grey, width, height);
      this.uploaded = {
        grey,
        paper,
        width,
        height,
        steps: JSON.parse(metadata.steps),
        darkOnLight: isDarkOnLight(grey, paper),
      };
      const picture = document.createElement("canvas");
      drawImage(picture, grey, [1, height, width], 1);
      this.pad.show(picture, width, height);
      this.complain("");
      this.reframe();
    } catch (error) {
      if (request === this.requests) {
        this.complain(
          error instanceof TypeError
            ? "The picture was not sent: check the connection and try again."
            : String(/** @type {Error} */ (error).message),
        );
      }
    }
  }

  /** @param {string} words */
  complain(words) {
    this.parts.error.textContent = words;
    this.parts.error.hidden = !words;
  }

  /** The drawing or the upload has changed. */
  reframe() {
    this.frame();
    this.onChange();
  }

  /** Bring the drawing or the upload into the frame. */
  frame() {
    const { uploaded, pad } = this;
    const { ink, width, height } = uploaded
      ? {
        ink: inkOf(uploaded.grey, uploaded.paper, uploaded.width, uploaded.height, uploaded.darkOnLight),
        width: uploaded.width,
        height: uploaded.height,
      }
      : pad.ink();
    const framed = frameInk(ink, width, height, this.shape);
    this.pixels = framed?.pixels ?? null;
    this.show(framed);
    if (uploaded && !framed) this.complain("This picture is one flat tone: upload one with ink on paper.");
  }

  /** @param {import("./mnist_frame.js").Framed | null} framed */
  show(framed) {
    const { uploaded, parts: { framed: canvas, steps, ink, hint } } = this;
    const shape = this.shape;
    drawImage(canvas, framed?.pixels ?? new Float32Array(shape[0] * shape[1] * shape[2]), shape);
    hint.hidden = Boolean(uploaded) || !this.pad.empty;
    this.undo.disabled = this.pad.empty;
    ink.hidden = !uploaded;
    for (const button of ink.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String((button.dataset.ink === "dark") === uploaded?.darkOnLight));
    }
    const turned = uploaded
      ? [...uploaded.steps, uploaded.darkOnLight ? "dark ink made bright" : "bright ink kept"]
      : [];
    const grey = shape[0] === 3 ? ["one grey for all three colours"] : [];
    steps.textContent = framed
      ? `As MNIST's digits were made: ${[...turned, ...framed.steps, ...grey].join("; ")}.`
      : "Draw, drop or upload an image (PNG or JPEG, at most 5 MB, 16 megapixels): it is cut, scaled and centred as MNIST's digits were.";
  }

  destroy() {
    this.requests++;
    this.pad.destroy();
  }
}
