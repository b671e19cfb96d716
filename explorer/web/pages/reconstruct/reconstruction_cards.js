// The image at hand beside what each run makes of it.

import { significant } from "../../dom/format.js";
import { difference } from "./gallery_rows.js";
import { drawImage } from "../../dom/image.js";

/** @typedef {import("./gallery_rows.js").Run} Run */

export class ReconstructionCards {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Run[]} */
    this.runs = [];
    /** @type {Float32Array[]} */
    this.rebuilt = [];
  }

  /** @param {Run[]} runs @param {boolean} differences */
  setRuns(runs, differences) {
    this.runs = runs;
    this.differences = differences;
    const names = ["image-at-hand", ...runs.map(({ name }) => `reconstruction-${name}`)];
    this.figures = names.map((name, i) => {
      const title = i ? runs[i - 1].title : "Image";
      const figure = document.createElement("figure");
      figure.className = "lx-card";
      const canvas = picture(name, i ? `Reconstruction by ${title}` : "The image at hand");
      const caption = document.createElement("figcaption");
      const [head, ...lines] = ["b", "span", "span"].map((tag) => document.createElement(tag));
      head.textContent = head.title = title;
      caption.append(head, ...lines);
      const unlike = i && differences
        ? picture(`difference-${runs[i - 1].name}`, `Where the reconstruction by ${title} differs`)
        : null;
      figure.append(canvas, ...(unlike ? [unlike] : []), caption);
      return { figure, canvas, unlike, lines };
    });
    this.root.replaceChildren(...this.figures.map(({ figure }) => figure));
    this.root.style.setProperty("--lx-cards", String(names.length));
  }

  /**
   * @param {Float32Array} pixels @param {import("../../maths/posterior.js").Posterior[]} posteriors by run
   * @param {number[][]} latents z by run
   */
  update(pixels, posteriors, latents) {
    const [first, ...others] = this.figures ?? [];
    if (!first) return;
    drawImage(first.canvas, pixels, this.runs[0].space.decoder.imageShape);
    others.forEach(({ canvas, unlike, lines }, i) => {
      const { decoder } = this.runs[i].space;
      const rebuilt = (this.rebuilt[i] = decoder.decode(
        latents[i],
        this.rebuilt[i]?.length === decoder.pixels ? this.rebuilt[i] : undefined,
      ));
      drawImage(canvas, rebuilt, decoder.imageShape);
      if (unlike) drawImage(unlike, difference(pixels, rebuilt), decoder.imageShape);
      const kl = posteriors[i].kl();
      lines[0].textContent = decoder.likelihood === "bernoulli" ? `rec. ${nats(crossEntropy(pixels, rebuilt))}` : "";
      lines[0].title = "Reconstruction term −log p(x|z) at this z";
      lines[1].textContent = kl === null ? "no KL" : `KL ${nats(kl)}`;
      lines[1].title = "KL(q(z|x) || p(z))";
    });
  }
}

/** A figure in nats. @param {number} value */
export function nats(value) {
  return `${Math.abs(value) < 0.001 ? "0.000" : significant(value)} nats`;
}

/** @param {string} name @param {string} label */
function picture(name, label) {
  const canvas = Object.assign(document.createElement("canvas"), { className: "lx-image" });
  canvas.dataset.testid = name;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  return canvas;
}

/**
 * -log p(x|z) in nats under a Bernoulli likelihood, summed over pixels.
 * @param {ArrayLike<number>} pixels @param {Float32Array} mean E[x|z]
 */
function crossEntropy(pixels, mean) {
  // A mean that single precision rounds to 0 or 1 would make a pixel infinitely unlikely.
  const log = (/** @type {number} */ p) => Math.log(Math.max(p, 1e-12));
  return -mean.reduce((sum, p, i) => sum + pixels[i] * log(p) + (1 - pixels[i]) * log(1 - p), 0);
}
