// One step of AEVB in detail: the minibatch, mu, sigma and epsilon of one of its images, z on the plane with the two
// arrows that pull it, and each line of the algorithm beside the line of code that does it.

import { explain } from "../../dom/explained.js";
import { termInNats, vector } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";
import { ellipse } from "../../maths/covariance.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("./server.js").Arrays} Arrays */
/** @typedef {{file: string, number: number, code: string}} SourceLine */
/** @typedef {import("./cloud.js").Cloud} Cloud */

const NO_NOISE = "none: the code has no noise";
const LONGEST = 0.16; // of the plane's height: an arrow that is longer than nine in ten of them
/** Each line of the algorithm: its equation, and what the batch's image at hand says. */
const LINES = {
  minibatch: { title: "Minibatch", equation: "X ← M random images", says: () => "" },
  encode: {
    title: "Encode",
    equation: "q(z|x) = N(μ, diag σ²) (Eq. 22)",
    says: (/** @type {Values} */ { mu, sigma }) => `μ = ${vector(mu)}, σ = ${vector(sigma)}`,
  },
  epsilon: {
    title: "Noise",
    equation: "ε ~ N(0, I)",
    says: (/** @type {Values} */ { epsilon }) => epsilon.length ? `ε = ${vector(epsilon)}` : NO_NOISE,
  },
  z: {
    title: "Sample",
    equation: "z = μ + σ ⊙ ε (Eq. 26)",
    says: (/** @type {Values} */ { z }) => `z = ${vector(z)}`,
  },
  decode: {
    title: "Decode",
    equation: "−log p(x|z)",
    says: (/** @type {Values} */ { reconstruction }) => `${termInNats(reconstruction)} nats`,
  },
  kl: {
    title: "Divergence",
    equation: "KL(q(z|x) ∥ p(z))",
    says: (/** @type {Values} */ { kl }) => Number.isFinite(kl) ? `${termInNats(kl)} nats` : NO_NOISE,
  },
  loss: {
    title: "Loss",
    equation: "weighted sum of both, averaged (Eq. 30)",
    says: (/** @type {Values} */ { batch }) =>
      `of the batch: ${batch.filter(Number.isFinite).map(termInNats).join(" and ")} nats`,
  },
  update: { title: "Step", equation: "g ← ∇ loss; θ, φ ← Adam(g)", says: () => "the arrows: where g pulls z" },
};
/**
 * @typedef {{mu: number[], sigma: number[], epsilon: number[], z: number[], reconstruction: number, kl: number,
 *   batch: [number, number]}} Values  of the image at hand, and the means of the batch
 */
const TERMS = /** @type {const} */ (["reconstruction", "kl"]);

export class StepView {
  /** @param {HTMLElement} root @param {Record<string, SourceLine>} lines @param {Cloud} cloud */
  constructor(root, lines, cloud) {
    this.root = root;
    this.cloud = cloud;
    this.batch = element(root, "div", "lx-batch");
    this.list = element(root, "ol", "lx-aevb");
    /** @type {Map<string, HTMLElement>} what each line says of the image at hand */
    this.values = new Map();
    for (const [name, { title, equation }] of Object.entries(LINES)) {
      const { code, file, number } = lines[name];
      const item = element(this.list, "li", "");
      const named = element(item, "div", "");
      element(named, "b", "").textContent = title;
      element(named, "small", "").textContent = `${file.split("/").pop()}:${number}`;
      named.title = `${file}, line ${number}`;
      const said = element(item, "div", "");
      const formula = element(said, "span", "");
      formula.textContent = equation;
      explain(formula);
      this.values.set(name, element(said, "output", ""));
      element(said, "code", "").textContent = code;
    }
    const { overlay } = cloud.plane;
    this.dots = overlay.shape("path", "lx-batch-z");
    this.noise = overlay.shape("line", "lx-noise");
    this.pulls = TERMS.map((term) => overlay.shape("path", `lx-pull lx-pull-${term}`));
    /** @type {Arrays | null} */
    this.step = null;
    this.chosen = 0;
    /** what its lines and dots were placed for @type {unknown[]} */
    this.placed = [];
  }

  /** @param {Arrays} step */
  show(step) {
    this.step = step;
    const count = step.tensors.x.shape[0];
    this.chosen = Math.min(this.chosen, count - 1);
    if (this.batch.childElementCount !== count) {
      this.batch.replaceChildren(...Array.from({ length: count }, (_, i) => this.pair(i)));
    }
    const { x, decoded } = step.tensors;
    const [, channels, height, width] = x.shape;
    const size = channels * height * width;
    for (const [i, canvas] of [...this.batch.querySelectorAll("canvas")].entries()) {
      const [image, below] = [x, decoded].map(({ data }) => data.subarray(i * size, (i + 1) * size));
      drawImage(canvas, stacked(image, below, channels), [channels, 2 * height, width], 1);
    }
    this.choose(this.chosen);
  }

  /** @param {number} i of the batch */
  pair(i) {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.setAttribute("aria-label", `Image ${i + 1} of the minibatch, over what its z decodes to`);
    button.setAttribute("aria-pressed", String(i === this.chosen));
    button.append(document.createElement("canvas")); // one for both: each is put on the screen anew in every frame
    button.onclick = () => this.choose(i);
    return button;
  }

  /** @param {number} i */
  choose(i) {
    for (const k of new Set([this.chosen, i])) this.batch.children[k]?.setAttribute("aria-pressed", String(k === i));
    this.chosen = i;
    const values = this.of(i);
    if (!values) return;
    for (const [name, { says }] of Object.entries(LINES)) {
      const output = this.values.get(name);
      if (output) output.textContent = name === "minibatch" ? `image ${i + 1} of ${this.count}` : says(values);
    }
    this.place();
  }

  get count() {
    return this.step?.tensors.x.shape[0] ?? 0;
  }

  /** @param {number} i @returns {Values | null} */
  of(i) {
    if (!this.step) return null;
    const { tensors, metadata } = this.step;
    const [epsilon, z, mu] = ["epsilon", "z", "mu"].map((name) => this.row(name, i));
    const sigma = tensors.log_var ? this.row("log_var", i).map((v) => Math.exp(v / 2)) : mu.map(() => 0);
    const [reconstruction, kl] = TERMS.map((name) => tensors[name]?.data[i] ?? NaN);
    const means = TERMS.map((name) => Number(metadata[name])); // "null", which is no number, for none
    return { mu, sigma, epsilon, z, reconstruction, kl, batch: [means[0], means[1]] };
  }

  /** @param {string} name @param {number} i @returns {number[]} */
  row(name, i) {
    const tensor = this.step?.tensors[name];
    if (!tensor) return []; // as of a code without noise
    const { data, shape } = tensor;
    return [...data.subarray(i * shape[1], (i + 1) * shape[1])];
  }

  /** Follow the view. */
  place() {
    const { cloud: { plane, space }, step, chosen } = this;
    const values = step && space && this.of(chosen);
    for (const shape of [this.dots, this.noise, ...this.pulls]) shape.style.display = values ? "" : "none";
    if (!values || !space || !step) return;
    const { camera, overlay } = plane;
    const factor = values.sigma.map((sigma, d) => [...Array(d).fill(0), sigma]);
    const shape = space.line ? ellipse(values.sigma[0] ** 2, 0, 0) : space.ellipseOf(factor);
    overlay.placeSelection(camera, space.line ? [values.mu[0], 0] : space.project(values.mu), shape);
    const placed = [step, space, chosen, this.cloud.viewNow()];
    if (placed.every((what, i) => what === this.placed[i])) return; // as where the handle moved
    this.placed = placed;
    const pixel = (/** @type {number[]} */ z) => camera.toPixel(space.line ? [z[0], 0] : space.project(z));
    const places = Array.from({ length: this.count }, (_, i) => pixel(this.row("z", i)));
    this.dots.setAttribute("d", places.map(([x, y]) => `M${x - 3} ${y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`).join(""));
    const center = pixel(values.mu);
    const line = { x1: center[0], y1: center[1], x2: places[chosen][0], y2: places[chosen][1] };
    for (const [name, value] of Object.entries(line)) this.noise.setAttribute(name, String(value));
    this.placePulls(places, pixel);
  }

  /**
   * One scale for both terms' arrows, so that they can be compared.
   * @param {Pair[]} places @param {(z: number[]) => Pair} pixel
   */
  placePulls(places, pixel) {
    const origin = pixel(Array(this.row("z", 0).length).fill(0));
    const pulls = TERMS.map((term) =>
      places.map((_, i) => {
        const pull = this.row(`pull_${term}`, i);
        const [x, y] = pull.length ? pixel(pull) : origin;
        return /** @type {Pair} */ ([x - origin[0], y - origin[1]]);
      })
    );
    const lengths = Float64Array.from(pulls.flat(), ([x, y]) => Math.hypot(x, y)).sort();
    const long = lengths[Math.floor(0.9 * (lengths.length - 1))];
    // Never longer than they are in the plane's own units: what hardly pulls is not to look as if it did.
    const scale = Math.min((LONGEST * this.cloud.plane.camera.height) / (long || 1), 1);
    this.pulls.forEach((path, k) => {
      path.setAttribute("d", places.map((from, i) => arrow(from, pulls[k][i].map((v) => v * scale))).join(""));
    });
  }

  /** Show nothing of it any more. */
  clear() {
    this.step = null;
    this.place();
    this.cloud.plane.place();
  }
}

/** @param {Pair} from @param {number[]} by pixels */
function arrow([x, y], [dx, dy]) {
  const length = Math.hypot(dx, dy);
  if (length < 1) return "";
  const [ux, uy] = [dx / length, dy / length];
  const head = Math.min(7, length / 2);
  const [tx, ty] = [x + dx, y + dy];
  const side = (/** @type {number} */ sign) =>
    `L${(tx - head * (ux + sign * 0.6 * uy)).toFixed(1)} ${(ty - head * (uy - sign * 0.6 * ux)).toFixed(1)}`;
  const tip = `${tx.toFixed(1)} ${ty.toFixed(1)}`;
  return `M${x.toFixed(1)} ${y.toFixed(1)}L${tip}${side(1)}M${tip}${side(-1)}`;
}

/**
 * One image over another, channel by channel.
 * @param {ArrayLike<number>} above @param {ArrayLike<number>} below @param {number} channels
 */
function stacked(above, below, channels) {
  const size = above.length / channels;
  const both = new Uint8Array(2 * above.length);
  for (let i = 0; i < above.length; i++) {
    const at = i + Math.floor(i / size) * size;
    both[at] = above[i];
    both[at + size] = below[i];
  }
  return both;
}

/** @param {HTMLElement} parent @param {string} kind @param {string} name */
function element(parent, kind, name) {
  const child = document.createElement(kind);
  if (name) child.className = name;
  parent.append(child);
  return child;
}
