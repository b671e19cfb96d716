// How it works: the way of one image through one run, step by step, with its numbers, equations and lines of code.

import { decimals, significant } from "../../dom/format.js";
import { nats } from "./reconstruction_cards.js";
import { drawImage } from "../../dom/image.js";

/** @typedef {{file: string, number: number, code: string}} SourceLine */
/** @typedef {import("../../maths/posterior.js").Posterior} Posterior */

const SHOWN = 4; // coordinates in full; further ones are counted
const SLIDER_RANGE = 3;

const STEPS = {
  pixels: "Pixels",
  encoder: "Encoder",
  posterior: "μ and σ",
  epsilon: "ε",
  z: "z",
  decoder: "Decoder",
  image: "Image",
};
/** After a hyphen: what runs of one posterior or likelihood do instead. @type {Record<string, string>} */
const EQUATIONS = {
  pixels: "x ∈ [0, 1]<sup>pixels</sup>",
  encoder: "(μ, log σ²) = f<sub>φ</sub>(x)",
  "encoder-deterministic": "z = f<sub>φ</sub>(x)",
  "encoder-full": "(μ, L) = f<sub>φ</sub>(x)",
  posterior: "q(z|x) = N(μ, diag σ²), σ = exp(½ log σ²)",
  "posterior-deterministic": "σ = 0",
  "posterior-full": "q(z|x) = N(μ, L Lᵀ) (Eq. 22)",
  epsilon: "ε ~ N(0, I)",
  "epsilon-deterministic": "no ε",
  z: "z = μ + σ ⊙ ε (Eq. 26)",
  "z-deterministic": "z = μ",
  "z-full": "z = μ + L ε (Eq. 22)",
  decoder: "logits = g<sub>θ</sub>(z)",
  image: "E[x|z] = sigmoid(logits)",
  "image-continuous-bernoulli": "E[x|z], mean of the continuous Bernoulli",
};

export class HowItWorks {
  /**
   * @param {HTMLElement} root @param {Record<string, SourceLine>} lines by step
   * @param {(epsilon: number[] | null) => void} onEpsilon  it was dragged here, or is to be drawn again (null)
   */
  constructor(root, lines, onEpsilon) {
    this.onEpsilon = onEpsilon;
    this.root = root;
    this.lines = lines;
    root.innerHTML = Object.entries(STEPS).map(([step, title]) => `
      <li class="lx-step" data-step="${step}">
        <h2>${title}</h2><div class="lx-step-body"></div><p class="lx-equation"></p>
        <figure class="lx-code"><code></code><figcaption></figcaption></figure>
      </li>`).join("");
    const body = (
      /** @type {string} */ step,
    ) => /** @type {HTMLElement} */ (root.querySelector(`[data-step=${step}] .lx-step-body`));
    this.bodies = Object.fromEntries(Object.keys(STEPS).map((step) => [step, body(step)]));
    this.input = canvas(this.bodies.pixels, "The image at hand");
    this.output = canvas(this.bodies.image, "The image decoded from z");
    /** @type {HTMLInputElement[]} */
    this.sliders = [];
  }

  /**
   * The parts that belong to a run, not to an image.
   * @param {import("./gallery_rows.js").Run} run
   */
  setRun({ space, encoder }) {
    const { decoder } = space;
    const [channels, height, width] = decoder.imageShape;
    const heads = { deterministic: `${space.dim} μ`, full: `${space.dim} μ and the entries of L` }[encoder.posterior] ??
      `${space.dim} μ and ${space.dim} log σ²`;
    for (const step of Object.keys(STEPS)) {
      this.explain(step, [`${step}-${encoder.posterior}`, `${step}-${decoder.likelihood}`]);
    }
    this.bodies.encoder.innerHTML = layers([decoder.pixels, ...encoder.network.outputs], heads);
    this.bodies.decoder.innerHTML = layers(
      [space.dim, ...decoder.network.outputs],
      `${channels > 1 ? `${channels} × ` : ""}${height} × ${width} logits`,
    );
    this.sliders = [];
    if (encoder.deterministic) {
      this.bodies.epsilon.textContent = "None: this run's code has no noise.";
      return;
    }
    const sliders = Array.from({ length: Math.min(space.dim, SHOWN) }, (_, d) => `
      <label class="lx-slider"><span>ε${
      sub(d)
    }</span><input type="range" min="${-SLIDER_RANGE}" max="${SLIDER_RANGE}" step="0.01" value="0"><output></output></label>`);
    this.bodies.epsilon.innerHTML = `${sliders.join("")}<button type="button" class="lx-button">Draw again</button>`;
    this.sliders = [...this.bodies.epsilon.querySelectorAll("input")];
    this.sliders.forEach((slider, d) => {
      slider.oninput = () => {
        const epsilon = [...(this.epsilon ?? [])];
        epsilon[d] = Number(slider.value);
        this.onEpsilon(epsilon);
      };
    });
    /** @type {HTMLButtonElement} */ (this.bodies.epsilon.querySelector("button")).onclick = () => this.onEpsilon(null);
  }

  /** Write a step's equation and line of code. @param {string} step @param {string[]} variants that take precedence */
  explain(step, variants) {
    const find = (
      /** @type {string} */ selector,
    ) => /** @type {HTMLElement} */ (this.root.querySelector(`[data-step=${step}] ${selector}`));
    find(".lx-equation").innerHTML = EQUATIONS[variants.find((name) => name in EQUATIONS) ?? step];
    const { file, number, code } = this.lines[variants.find((name) => name in this.lines) ?? step];
    find("code").textContent = code;
    find("figcaption").textContent = `${file}, line ${number}`;
  }

  /**
   * @param {ArrayLike<number>} pixels @param {Posterior} posterior @param {number[]} epsilon as long as z
   * @param {Float32Array} rebuilt @param {number[]} shape
   */
  update(pixels, posterior, epsilon, rebuilt, shape) {
    this.epsilon = epsilon;
    const { bodies } = this;
    drawImage(this.input, pixels, shape);
    drawImage(this.output, rebuilt, shape);
    const { mu, sigma, factor, deterministic } = posterior;
    const z = posterior.z(epsilon);
    const rows = (/** @type {(d: number) => string} */ row) =>
      mu.slice(0, SHOWN).map((_, d) => `<p>${row(d)}</p>`).join("") +
      (mu.length > SHOWN ? `<p>and ${mu.length - SHOWN} more</p>` : "");
    bodies.posterior.innerHTML = deterministic
      ? rows((d) => `μ${sub(d)} = ${decimals(mu[d])}`) + "<p>No σ: this run's code is a point.</p>"
      : rows((d) => `μ${sub(d)} = ${decimals(mu[d])}, σ${sub(d)} = ${significant(sigma[d])}`) +
        `<p>KL = ${nats(posterior.kl() ?? 0)}</p>`;
    this.sliders.forEach((slider, d) => {
      const value = String(epsilon[d]);
      if (document.activeElement !== slider || Math.abs(Number(slider.value) - epsilon[d]) > 0.006) {
        slider.value = value;
      }
      slider.setAttribute("aria-valuetext", decimals(epsilon[d]));
      /** @type {HTMLElement} */ (slider.nextElementSibling).textContent = decimals(epsilon[d]);
    });
    bodies.z.innerHTML = deterministic
      ? rows((d) => `z${sub(d)} = μ${sub(d)} = ${decimals(z[d])}`)
      : rows((d) => `${decimals(mu[d])}${shift(factor[d], epsilon)} = <b>${decimals(z[d])}</b>`);
  }
}

/** @param {HTMLElement} parent @param {string} label */
function canvas(parent, label) {
  const made = Object.assign(document.createElement("canvas"), { className: "lx-image" });
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", label);
  parent.append(made);
  return made;
}

/** @param {number[]} sizes @param {string} last */
function layers(sizes, last) {
  const most = Math.log2(Math.max(...sizes) + 1);
  const bars = sizes.map((size) =>
    `<i title="${size}" style="height: ${Math.max((100 * Math.log2(size + 1)) / most, 6)}%"></i>`
  ).join("");
  return `<div class="lx-layers" aria-hidden="true">${bars}</div><p>${
    sizes.join(" → ")
  }</p><p class="lx-note">${last}</p>`;
}

/** @param {number} d */
function sub(d) {
  return `<sub>${d + 1}</sub>`;
}

/** What epsilon adds to a coordinate; terms that are always 0 are left out. @param {number[]} row of L @param {number[]} epsilon */
function shift(row, epsilon) {
  return row.map((v, i) => (v === 0 ? "" : ` + ${bracket(v, significant)} × ${bracket(epsilon[i])}`)).join("");
}

/** @param {number} value @param {(value: number) => string} [format] */
function bracket(value, format = decimals) {
  return value < 0 ? `(${format(value)})` : format(value);
}
