// How it works: the way of one image through one run, step by step, with its numbers, equations and lines of code.

import { math, WAY } from "../../dom/equations.js";
import { explain } from "../../dom/explained.js";
import { decimals, significant, termInNats } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";
import { part } from "../../dom/parts.js";

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
/** @typedef {keyof typeof STEPS} Step */
/** @typedef {{body: HTMLElement, equation: HTMLElement, code: HTMLElement, line: HTMLElement}} StepParts */
const STEP_NAMES = /** @type {Step[]} */ (Object.keys(STEPS));
/** After a hyphen: what runs of one posterior or likelihood do instead. @type {Record<string, string>} */
const EQUATIONS = {
  pixels: "x ∈ [0, 1]<sup>pixels</sup>",
  encoder: "(μ, log σ²) = f<sub>φ</sub>(x)",
  "encoder-deterministic": "z = f<sub>φ</sub>(x)",
  "encoder-full": "(μ, L) = f<sub>φ</sub>(x)",
  posterior: `${math(WAY.posterior)} (Eq. 22)`,
  "posterior-deterministic": "σ = 0",
  "posterior-full": `${math(WAY["posterior-full"])} (Eq. 22)`,
  epsilon: math(WAY.epsilon),
  "epsilon-deterministic": "no ε",
  z: `${math(WAY.z)} (Eq. 26)`,
  "z-deterministic": "z = μ",
  "z-full": `${math(WAY["z-full"])} (Eq. 22)`,
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
    this.lines = lines;
    /** @type {number[]} as long as z */
    this.epsilon = [];
    const made = STEP_NAMES.map((step) => /** @type {[Step, StepParts]} */ ([step, addStep(root, step)]));
    this.steps = /** @type {Record<Step, StepParts>} */ (Object.fromEntries(made));
    this.input = addCanvas(this.steps.pixels.body, "The image at hand");
    this.output = addCanvas(this.steps.image.body, "The image decoded from z");
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
    for (const step of STEP_NAMES) {
      this.explain(step, [`${step}-${encoder.posterior}`, `${step}-${decoder.likelihood}`]);
    }
    const { steps } = this;
    const shape = `${channels > 1 ? `${channels} × ` : ""}${height} × ${width}`;
    steps.encoder.body.innerHTML = layers([decoder.pixels, ...encoder.network.outputs], heads(encoder, space.dim));
    steps.decoder.body.innerHTML = layers([space.dim, ...decoder.network.outputs], `${shape} logits`);
    this.sliders = [];
    if (encoder.deterministic) {
      steps.epsilon.body.textContent = "None: this run's code has no noise.";
      return;
    }
    const range = `type="range" min="${-SLIDER_RANGE}" max="${SLIDER_RANGE}" step="0.01" value="0"`;
    const sliders = Array.from({ length: Math.min(space.dim, SHOWN) }, (_, d) => `
      <label class="lx-slider">${told("epsilon", `ε${sub(d)}`)}<input ${range}><output></output></label>`);
    const again = '<button type="button" class="lx-button" data-part="again">Draw again</button>';
    steps.epsilon.body.innerHTML = sliders.join("") + again;
    this.sliders = [...steps.epsilon.body.querySelectorAll("input")];
    this.sliders.forEach((slider, d) => {
      slider.oninput = () => {
        const epsilon = [...this.epsilon];
        epsilon[d] = Number(slider.value);
        this.onEpsilon(epsilon);
      };
    });
    part(steps.epsilon.body, "again").onclick = () => this.onEpsilon(null);
  }

  /** Write a step's equation and line of code. @param {Step} step @param {string[]} variants that take precedence */
  explain(step, variants) {
    const { equation, code, line } = this.steps[step];
    equation.innerHTML = EQUATIONS[variants.find((name) => name in EQUATIONS) ?? step];
    explain(equation);
    const source = this.lines[variants.find((name) => name in this.lines) ?? step];
    code.textContent = source.code;
    line.textContent = `${source.file}, line ${source.number}`;
  }

  /**
   * @param {ArrayLike<number>} pixels @param {Posterior} posterior @param {number[]} epsilon as long as z
   * @param {Float32Array} rebuilt @param {number[]} shape
   */
  update(pixels, posterior, epsilon, rebuilt, shape) {
    this.epsilon = epsilon;
    const { steps } = this;
    drawImage(this.input, pixels, shape);
    drawImage(this.output, rebuilt, shape);
    const { mu, sigma, factor, deterministic } = posterior;
    const z = posterior.z(epsilon);
    const rows = (/** @type {(d: number) => string} */ row) =>
      mu.slice(0, SHOWN).map((_, d) => `<p>${row(d)}</p>`).join("") +
      (mu.length > SHOWN ? `<p>and ${mu.length - SHOWN} more</p>` : "");
    steps.posterior.body.innerHTML = deterministic
      ? rows((d) => told("mu", `μ${sub(d)} = ${decimals(mu[d])}`)) + "<p>No σ: this run's code is a point.</p>"
      : rows((d) =>
        `${told("mu", `μ${sub(d)} = ${decimals(mu[d])}`)}, ${told("sigma", `σ${sub(d)} = ${significant(sigma[d])}`)}`
      ) +
        `<p>KL = ${termInNats(posterior.kl() ?? 0)} nats</p>`;
    this.sliders.forEach((slider, d) => {
      const value = String(epsilon[d]);
      if (document.activeElement !== slider || Math.abs(Number(slider.value) - epsilon[d]) > 0.006) {
        slider.value = value;
      }
      slider.setAttribute("aria-valuetext", decimals(epsilon[d]));
      /** @type {HTMLElement} */ (slider.nextElementSibling).textContent = decimals(epsilon[d]);
    });
    steps.z.body.innerHTML = deterministic
      ? rows((d) => `z${sub(d)} = μ${sub(d)} = ${decimals(z[d])}`)
      : rows((d) =>
        `${told("mu", decimals(mu[d]))}${terms(factor[d], epsilon)} = ${told("z", `<b>${decimals(z[d])}</b>`)}`
      );
  }
}

/** @param {HTMLElement} root @param {Step} name @returns {StepParts} */
function addStep(root, name) {
  const step = document.createElement("li");
  step.className = "lx-step";
  step.dataset.step = name;
  step.innerHTML = `
    <h2>${STEPS[name]}</h2><div class="lx-step-body" data-part="body"></div>
    <p class="lx-equation" data-part="equation"></p>
    <details class="lx-code"><summary>Code</summary><code data-part="code"></code><p data-part="line"></p></details>`;
  root.append(step);
  return {
    body: part(step, "body"),
    equation: part(step, "equation"),
    code: part(step, "code"),
    line: part(step, "line"),
  };
}

/** @param {HTMLElement} parent @param {string} label */
function addCanvas(parent, label) {
  const canvas = Object.assign(document.createElement("canvas"), { className: "lx-image" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  parent.append(canvas);
  return canvas;
}

/**
 * What comes out of an encoder.
 * @param {import("../../network/encoder.js").Encoder} encoder @param {number} dim of z
 */
function heads({ posterior }, dim) {
  if (posterior === "deterministic") return `${dim} μ`;
  return posterior === "full" ? `${dim} μ and the entries of L` : `${dim} μ and ${dim} log σ²`;
}

/** Bars for the layers' sizes. @param {number[]} sizes @param {string} last what the last one gives */
function layers(sizes, last) {
  const most = Math.log2(Math.max(...sizes) + 1);
  const height = (/** @type {number} */ size) => Math.max((100 * Math.log2(size + 1)) / most, 6);
  const bars = sizes.map((size) => `<i title="${size}" style="height: ${height(size)}%"></i>`).join("");
  const words = `<p>${sizes.join(" → ")}</p><p class="lx-note">${last}</p>`;
  return `<div class="lx-layers" aria-hidden="true">${bars}</div>${words}`;
}

/** A figure of one of the terms, which lights up with it. @param {string} name @param {string} text */
function told(name, text) {
  return `<span data-term="${name}">${text}</span>`;
}

/** @param {number} d */
function sub(d) {
  return `<sub>${d + 1}</sub>`;
}

/**
 * What epsilon adds to a coordinate; terms that are always 0 are left out.
 * @param {number[]} row of L @param {number[]} epsilon
 */
function terms(row, epsilon) {
  return row.map((
    v,
    i,
  ) => (v === 0 ? "" : ` + ${told("sigma", bracket(v, significant))} × ${told("epsilon", bracket(epsilon[i]))}`)).join(
    "",
  );
}

/** @param {number} value @param {(value: number) => string} [format] */
function bracket(value, format = decimals) {
  return value < 0 ? `(${format(value)})` : format(value);
}
