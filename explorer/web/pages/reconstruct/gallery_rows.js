// Rows of held-out images over what each run makes of them; decoded in slices, so that a slider never stutters.

import { BackgroundWork } from "../../dom/background_work.js";
import { drawImage } from "../../dom/image.js";
import { Random } from "../../maths/normal.js";
import { Posterior } from "../../maths/posterior.js";

/** @typedef {import("./image_choice.js").Options} Options */
/**
 * @typedef {object} Run
 * @property {string} name
 * @property {string} title
 * @property {import("../../run/latent_space.js").LatentSpace} space
 * @property {import("../../network/encoder.js").Encoder} encoder
 */
/**
 * A column of canvases: an image and, by run, its reconstructions and where these differ.
 * @typedef {{image: HTMLCanvasElement, rebuilt: HTMLCanvasElement[], differences: HTMLCanvasElement[]}} Column
 */

const CELL = 58; // pixels, at least, that an image and its gap take
const MOST = 12;
const KEYS = new Map([["ArrowLeft", -1], ["ArrowRight", 1], ["Home", -Infinity], ["End", Infinity]]);

export class GalleryRows {
  /** @param {HTMLElement} root @param {(index: number) => void} onChoose */
  constructor(root, onChoose) {
    this.root = root;
    this.onChoose = onChoose;
    /** @type {Run[]} */
    this.runs = [];
    /** @type {Options | null} */
    this.options = null;
    /** of a held-out image, in [0, 1] @type {((index: number) => Float32Array) | null} */
    this.pixels = null;
    /** @type {number[]} */
    this.shown = [];
    /** @type {Map<string, Posterior>} by run and image */
    this.posteriors = new Map();
    /** the image that is marked, -1 for none */
    this.marked = -1;
    /** @type {Column[]} */
    this.columns = [];
    this.work = new BackgroundWork(["rows"]);
    root.addEventListener("keydown", (event) => {
      const step = KEYS.get(event.key);
      if (!step) return;
      event.preventDefault();
      const buttons = this.buttons();
      const at = buttons.findIndex((button) => button === document.activeElement);
      const to = Math.min(Math.max(at + step, 0), buttons.length - 1);
      buttons[to].focus();
      buttons[to].click();
    });
  }

  buttons() {
    return [...this.root.querySelectorAll("button")];
  }

  /** How many images fit. */
  capacity() {
    return Math.min(Math.max(Math.floor((this.root.clientWidth - 96) / CELL), 5), MOST);
  }

  /**
   * @param {Run[]} runs @param {Options} options
   * @param {ArrayLike<number>} indices of images: as many of the first as fit are shown
   * @param {(index: number) => Float32Array} pixels of a held-out image, in [0, 1]
   * @param {(index: number) => string} describe @param {string} first name of the images' own row
   */
  show(runs, options, indices, pixels, describe, first) {
    if (runs.map((run) => run.encoder).some((encoder, i) => encoder !== this.runs[i]?.encoder)) this.posteriors.clear();
    const shown = Array.from(indices).slice(0, this.capacity());
    Object.assign(this, { runs, options, pixels, shown });
    this.root.style.setProperty("--lx-columns", String(Math.max(shown.length, 1)));
    const labels = [first, ...runs.flatMap((run) => (options.difference ? [run.title, "|difference|"] : [run.title]))];
    this.columns = [];
    const columns = shown.map((index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "lx-column";
      button.dataset.image = String(index);
      button.setAttribute("aria-label", describe(index));
      button.title = describe(index);
      button.style.gridRow = `1 / span ${labels.length}`;
      button.onclick = () => this.onChoose(index);
      const canvases = labels.map(() => Object.assign(document.createElement("canvas"), { className: "lx-image" }));
      button.append(...canvases);
      const [image, ...rest] = canvases;
      const every = options.difference ? 2 : 1;
      this.columns.push({
        image,
        rebuilt: rest.filter((_, i) => i % every === 0),
        differences: rest.filter((_, i) => i % every === 1),
      });
      drawImage(image, pixels(index), runs[0].space.decoder.imageShape);
      return button;
    });
    const names = labels.map((text, row) => {
      const label = Object.assign(document.createElement("span"), {
        className: "lx-row-name",
        textContent: text,
        title: text,
      });
      label.style.gridRow = String(row + 1);
      return label;
    });
    const focused = this.root.contains(document.activeElement);
    this.root.replaceChildren(...names, ...columns);
    if (!shown.length) {
      this.root.append(
        Object.assign(document.createElement("p"), {
          className: "lx-note",
          textContent: options.order === "selection"
            ? "No selected image is of this class."
            : "There is no held-out image of this class.",
        }),
      );
    }
    this.mark(this.marked, focused);
    this.root.dataset.complete = "false";
    this.work.restart("rows", () => this.decodeAll());
  }

  /** Mark the current image. @param {number} index @param {boolean} [focus] */
  mark(index, focus = false) {
    this.marked = index;
    const buttons = this.buttons();
    const there = buttons.some((button) => Number(button.dataset.image) === index);
    buttons.forEach((button, i) => {
      const at = Number(button.dataset.image) === index;
      button.setAttribute("aria-pressed", String(at));
      button.tabIndex = at || (!there && i === 0) ? 0 : -1;
      if (focus && button.tabIndex === 0) button.focus({ preventScroll: true });
    });
  }

  /** Decode all again with another noise. @param {number} noise */
  setNoise(noise) {
    if (!this.options) return;
    this.options = { ...this.options, noise };
    this.root.dataset.complete = "false";
    this.work.follow("rows", () => this.decodeAll());
  }

  *decodeAll() {
    for (let column = 0; column < this.columns.length; column++) {
      for (let which = 0; which < this.runs.length; which++) {
        this.decode(column, which);
        yield;
      }
    }
    if (!this.work.waiting.has("rows")) this.root.dataset.complete = "true";
  }

  /** @param {number} column @param {number} which run */
  decode(column, which) {
    const { options, pixels } = this;
    if (!options || !pixels) return;
    const index = this.shown[column];
    const { space, encoder, name } = this.runs[which];
    const image = pixels(index);
    const key = `${name} ${index}`;
    const posterior = this.posteriors.get(key) ??
      new Posterior(encoder.encode(image, space.label[index]), encoder.deterministic, encoder.prior);
    this.posteriors.set(key, posterior);
    // The same epsilon in every run: drawn from the seed and the image's own number.
    const random = new Random(options.seed * 100_003 + index);
    const z = posterior.z(posterior.mu.map(() => options.noise * random.normal()));
    const rebuilt = space.decoder.given(space.label[index]).decode(z);
    const shape = space.decoder.imageShape;
    drawImage(this.columns[column].rebuilt[which], rebuilt, shape);
    if (options.difference) drawImage(this.columns[column].differences[which], difference(image, rebuilt), shape);
  }

  destroy() {
    this.work.destroy();
  }
}

/** How far apart two images are at each pixel. @param {ArrayLike<number>} a @param {Float32Array} b */
export function difference(a, b) {
  return b.map((v, i) => Math.abs(v - a[i]));
}
