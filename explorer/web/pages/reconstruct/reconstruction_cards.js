// The current image beside what each run makes of it, with both terms of the loss.

import { term } from "../../dom/glossary.js";
import { drawImage } from "../../dom/image.js";
import { LogLikelihood } from "../../network/log_likelihood.js";
import { lossTexts } from "../../run/loss_terms.js";
import { difference } from "./gallery_rows.js";

/** @typedef {import("./gallery_rows.js").Run} Run */

export class ReconstructionCards {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Run[]} */
    this.runs = [];
    /** @type {Float32Array[]} by run */
    this.rebuilt = [];
    /** @type {Float32Array | null} of the current image */
    this.pixels = null;
    /** @type {LogLikelihood[]} of the current image, by run */
    this.likelihoods = [];
  }

  /** @param {Run[]} runs @param {boolean} differences */
  setRuns(runs, differences) {
    this.runs = runs;
    this.pixels = null;
    const names = ["image-at-hand", ...runs.map(({ name }) => `reconstruction-${name}`)];
    this.cards = names.map((name, i) => {
      const title = i ? runs[i - 1].title : "Image";
      const figure = document.createElement("figure");
      figure.className = "lx-card";
      const canvas = imageCanvas(name, i ? `Reconstruction by ${title}` : "The image at hand");
      const caption = document.createElement("figcaption");
      const head = document.createElement("b");
      head.textContent = head.title = title;
      caption.append(head);
      const lines = i ? [addLine(caption, "reconstruction-at-z", "rec."), addLine(caption, "kl", "KL")] : [];
      const differing = i && differences
        ? imageCanvas(`difference-${runs[i - 1].name}`, `Where the reconstruction by ${title} differs`)
        : null;
      figure.append(canvas, ...(differing ? [differing] : []), caption);
      return { figure, canvas, differing, lines };
    });
    this.root.replaceChildren(...this.cards.map(({ figure }) => figure));
    this.root.style.setProperty("--lx-cards", String(names.length));
  }

  /**
   * @param {Float32Array} pixels @param {import("../../maths/posterior.js").Posterior[]} posteriors by run
   * @param {number[][]} latents z by run @param {number} label  class of the image, for conditional runs
   */
  update(pixels, posteriors, latents, label) {
    const [first, ...others] = this.cards ?? [];
    if (!first) return;
    if (pixels !== this.pixels) {
      this.pixels = pixels;
      this.likelihoods = this.runs.map(({ space }) => new LogLikelihood(space.decoder, pixels));
    }
    drawImage(first.canvas, pixels, this.runs[0].space.decoder.imageShape);
    others.forEach(({ canvas, differing, lines }, i) => {
      const decoder = this.runs[i].space.decoder.given(label);
      const logits = decoder.logits(latents[i]);
      const known = this.rebuilt[i]?.length === decoder.pixels;
      const rebuilt = decoder.read(logits, known ? this.rebuilt[i] : new Float32Array(decoder.pixels));
      this.rebuilt[i] = rebuilt;
      drawImage(canvas, rebuilt, decoder.imageShape);
      if (differing) drawImage(differing, difference(pixels, rebuilt), decoder.imageShape);
      const terms = lossTexts(-this.likelihoods[i].ofLogits(logits), posteriors[i].kl());
      lines[0].textContent = ` ${terms.reconstruction} nats`;
      lines[1].textContent = terms.kl === null ? " none" : ` ${terms.kl} nats`;
    });
  }
}

/**
 * A line of a caption: a term, and its value to come.
 * @param {HTMLElement} caption @param {import("../../dom/glossary.js").TermName} name @param {string} text
 */
function addLine(caption, name, text) {
  const line = document.createElement("span");
  line.innerHTML = term(name, text);
  const value = document.createElement("span");
  line.append(value);
  caption.append(line);
  return value;
}

/** @param {string} name @param {string} label */
function imageCanvas(name, label) {
  const canvas = Object.assign(document.createElement("canvas"), { className: "lx-image" });
  canvas.dataset.testid = name;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  return canvas;
}
