// One Gaussian, one curve, and what each draw says: the mean of q is dragged, every draw's arrow pulls it.

import { decimals, plain } from "../../dom/format.js";
import { estimate, f, gradient } from "../../maths/two_gradients.js";
import { arrow, svg, through } from "./svg.js";

/** @typedef {import("../../maths/two_gradients.js").Problem} Problem */
/** @typedef {import("../../maths/two_gradients.js").Estimator} Estimator */

export const [LOW, HIGH] = [-3, 3]; // of the mean
const [LEFT, RIGHT] = [-5, 5]; // of z
const TOP = 21; // of f
const PER_UNIT = 0.16; // of z that an arrow is long for each unit of the gradient
const STEP = 0.1; // of an arrow key
const KEYS = new Map([["ArrowLeft", -STEP], ["ArrowRight", STEP], ["ArrowDown", -STEP], ["ArrowUp", STEP]]);

export class ToyPlot {
  /**
   * @param {SVGSVGElement} root @param {(mean: number) => void} drag  the mean is wanted there
   * @param {() => void} rest  it was let go
   */
  constructor(root, drag, rest) {
    this.root = root;
    this.drag = drag;
    this.handle = svg("g", { class: "lx-mean-handle", tabindex: 0, role: "slider", "aria-label": "Mean of q" });
    this.handle.append(svg("circle", { r: 13 }), svg("text", { dy: "0.35em" }, "μ"));
    this.drawing = svg("g", {});
    root.append(this.drawing, this.handle);
    root.addEventListener("pointerdown", (event) => {
      root.setPointerCapture(event.pointerId);
      this.take(event);
    });
    root.addEventListener("pointermove", (event) => root.hasPointerCapture(event.pointerId) && this.take(event));
    root.addEventListener("pointerup", rest);
    this.handle.addEventListener("keydown", (event) => {
      const step = event instanceof KeyboardEvent ? KEYS.get(event.key) : undefined;
      if (step === undefined) return;
      event.preventDefault();
      drag(this.mean + step);
      rest();
    });
    this.mean = 0;
  }

  /** @param {PointerEvent} event */
  take({ clientX }) {
    const { left, width } = this.root.getBoundingClientRect();
    this.drag(LEFT + (RIGHT - LEFT) * (clientX - left) / width);
  }

  /** @param {Problem} problem @param {Estimator} estimator @param {number[]} epsilons of the draws */
  draw(problem, estimator, epsilons) {
    const { clientWidth: width, clientHeight: height } = this.root;
    if (!height) return; // not seen
    const { mean, sigma } = problem;
    this.mean = mean;
    const floor = height - 62;
    const x = (/** @type {number} */ z) => width * (z - LEFT) / (RIGHT - LEFT);
    const y = (/** @type {number} */ value) => floor - (floor - 8) * value / TOP;
    const unit = PER_UNIT * width / (RIGHT - LEFT);
    const across = Array.from({ length: 161 }, (_, i) => LEFT + (RIGHT - LEFT) * i / 160);
    const density = across.map((z) => [x(z), floor - 0.24 * height * Math.exp(-0.5 * ((z - mean) / sigma) ** 2)]);
    const faint = Math.max(0.25, Math.min(1, 8 / epsilons.length));
    const draws = epsilons.map((epsilon) => {
      const z = mean + sigma * epsilon;
      return svg("path", { d: arrow(x(z), y(f(z, problem)), unit * estimate(estimator, epsilon, problem)) });
    });
    const arrows = svg("g", { class: "lx-draws", "data-term": estimator, opacity: faint.toFixed(2) });
    arrows.append(...draws);
    const dots = epsilons.map((epsilon) => {
      const z = mean + sigma * epsilon;
      return svg("circle", { cx: x(z).toFixed(1), cy: y(f(z, problem)).toFixed(1), r: 3 });
    });
    const points = svg("g", { class: "lx-points", opacity: faint.toFixed(2) });
    points.append(...dots);
    const average = epsilons.reduce((sum, epsilon) => sum + estimate(estimator, epsilon, problem), 0) / epsilons.length;
    const ticks = [-4, -2, 0, 2, 4].map((z) =>
      svg("text", { class: "lx-tick", x: x(z), y: floor + 54 }, plain(z).replace("-", "−"))
    );
    this.drawing.replaceChildren(
      svg("path", { class: "lx-density", d: `${through(density)}Z` }),
      svg("path", { class: "lx-floor", d: `M0 ${floor}H${width}` }),
      ...ticks,
      svg("path", { class: "lx-f", d: through(across.map((z) => [x(z), y(f(z, problem))])) }),
      svg("text", { class: "lx-name", x: x(-3.1), y: Math.max(y(f(-3.1, problem)) - 8, 18) }, "f(z)"),
      svg("text", { class: "lx-name", x: x(mean), y: floor - 0.24 * height - 6, "text-anchor": "middle" }, "q(z)"),
      arrows,
      points,
      svg("text", { class: "lx-key", "data-term": estimator, x: 10, y: floor + 24 }, "the arrows' mean"),
      svg("text", { class: "lx-key", x: 10, y: floor + 40 }, "the true slope"),
      svg("path", { class: "lx-true-pull", d: arrow(x(mean), floor + 30, 2 * unit * gradient(problem)) }),
      svg("path", { class: "lx-pull", "data-term": estimator, d: arrow(x(mean), floor + 20, 2 * unit * average) }),
    );
    this.handle.setAttribute("transform", `translate(${x(mean).toFixed(1)} ${floor})`);
    const says = { "aria-valuenow": decimals(mean).replace("−", "-"), "aria-valuemin": LOW, "aria-valuemax": HIGH };
    for (const [name, value] of Object.entries(says)) this.handle.setAttribute(name, String(value));
    this.root.dataset.mean = String(mean);
    this.root.dataset.average = String(average);
  }
}
