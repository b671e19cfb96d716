// Rows of held-out images over what each run makes of them; decoded in slices, so that a slider never stutters.

import { BackgroundWork } from "../../dom/background_work.js";
import { drawImage } from "../../dom/image.js";
import { Random } from "../../maths/normal.js";
import { Posterior } from "../../maths/posterior.js";

/** @typedef {{name: string, title: string, space: import("../../run/latent_space.js").LatentSpace, encoder: import("../../network/encoder.js").Encoder}} Run */
/** @typedef {{class: number | null, order: string, chosen: import("../../plane/selection.js").Selection, seed: number, noise: number, difference: boolean}} Choice */

const CELL = 58; // pixels, at least, that an image and its gap take
const MOST = 12;

/**
 * Indices of held-out images: of one class or all, shuffled by a seed or by their reconstruction term in one run; or
 * those that are selected.
 * @param {import("../../run/latent_space.js").LatentSpace} space @param {Choice} choice
 */
export function pick(space, choice) {
  const among = (/** @type {number} */ i) => choice.class === null || space.label[i] === choice.class;
  if (choice.order === "selection") return choice.chosen.indices.filter(among);
  const order = shuffled(space.count, new Random(choice.seed)).filter(among);
  if (choice.order === "random") return order;
  const sign = choice.order === "worst" ? -1 : 1;
  const { reconstruction } = space.values;
  return order.sort((a, b) => sign * (reconstruction[a] - reconstruction[b]) || a - b);
}

export class GalleryRows {
  /** @param {HTMLElement} root @param {(index: number) => void} onChoose */
  constructor(root, onChoose) {
    this.root = root;
    this.onChoose = onChoose;
    /** @type {Run[]} */
    this.runs = [];
    /** @type {number[]} */
    this.shown = [];
    /** @type {Map<string, Posterior>} by run and image */
    this.posteriors = new Map();
    /** @type {{image: HTMLCanvasElement, rebuilt: HTMLCanvasElement[], differences: HTMLCanvasElement[]}[]} */
    this.columns = [];
    this.work = new BackgroundWork(["rows"]);
    root.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
      if (!step) return;
      event.preventDefault();
      const buttons = this.buttons();
      const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
      const to = Math.min(Math.max(at + step, 0), buttons.length - 1);
      buttons[to].focus();
      buttons[to].click();
    });
  }

  buttons() {
    return /** @type {HTMLButtonElement[]} */ ([...this.root.querySelectorAll("button")]);
  }

  /** How many images fit. */
  capacity() {
    return Math.min(Math.max(Math.floor((this.root.clientWidth - 96) / CELL), 5), MOST);
  }

  /**
   * @param {Run[]} runs @param {ArrayLike<number>} picked @param {Choice} choice
   * @param {(index: number) => Float32Array} pixels of a held-out image, in [0, 1]
   * @param {(index: number) => string} describe @param {string} first name of the images' own row
   */
  show(runs, picked, choice, pixels, describe, first) {
    if (runs.map((run) => run.encoder).some((encoder, i) => encoder !== this.runs[i]?.encoder)) this.posteriors.clear();
    const shown = Array.from(picked).slice(0, this.capacity());
    Object.assign(this, { runs, choice, shown });
    this.pixels = pixels;
    this.root.style.setProperty("--lx-columns", String(Math.max(shown.length, 1)));
    const labels = [first, ...runs.flatMap((run) => (choice.difference ? [run.title, "|difference|"] : [run.title]))];
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
      const every = choice.difference ? 2 : 1;
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
          textContent: choice.order === "selection"
            ? "No selected image is of this class."
            : "There is no held-out image of this class.",
        }),
      );
    }
    this.mark(this.marked ?? -1, focused);
    this.work.restart("rows", () => this.decodeAll());
  }

  /** Mark the image at hand. @param {number} index @param {boolean} [focus] */
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
    if (!this.choice) return;
    this.choice = { ...this.choice, noise };
    this.work.follow("rows", () => this.decodeAll());
  }

  *decodeAll() {
    for (let column = 0; column < this.columns.length; column++) {
      for (let which = 0; which < this.runs.length; which++) {
        this.decode(column, which);
        yield;
      }
    }
  }

  /** @param {number} column @param {number} which run */
  decode(column, which) {
    const { choice, pixels } = this;
    if (!choice || !pixels) return;
    const index = this.shown[column];
    const { space, encoder, name } = this.runs[which];
    const image = pixels(index);
    const key = `${name} ${index}`;
    const posterior = this.posteriors.get(key) ?? new Posterior(encoder.encode(image), encoder.deterministic);
    this.posteriors.set(key, posterior);
    // The same epsilon in every run: drawn from the seed and the image's own number.
    const random = new Random(choice.seed * 100_003 + index);
    const rebuilt = space.decoder.decode(posterior.z(posterior.mu.map(() => choice.noise * random.normal())));
    const shape = space.decoder.imageShape;
    drawImage(this.columns[column].rebuilt[which], rebuilt, shape);
    if (choice.difference) drawImage(this.columns[column].differences[which], difference(image, rebuilt), shape);
  }

  destroy() {
    this.work.destroy();
  }
}

/**
 * The whole numbers below `count` in random order.
 * @param {number} count @param {Random} random
 */
function shuffled(count, random) {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** @param {ArrayLike<number>} a @param {Float32Array} b */
export function difference(a, b) {
  return b.map((v, i) => Math.abs(v - a[i]));
}
