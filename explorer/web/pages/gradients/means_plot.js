// How the means over more and more draws tend to the true gradient, by either estimator, within their standard errors.

import { plain } from "../../dom/format.js";
import { estimate, gradient, runningMeans, variance } from "../../maths/two_gradients.js";
import { svg, through } from "./svg.js";

/** @typedef {import("../../maths/two_gradients.js").Problem} Problem */
/** @typedef {import("../../maths/two_gradients.js").Estimator} Estimator */

const ESTIMATORS = /** @type {Estimator[]} */ (["score", "reparameterization"]);
const LARGEST = 256; // draws, at the right
const LEFT = 34; // pixels, for the numbers

export class MeansPlot {
  /** @param {SVGSVGElement} root */
  constructor(root) {
    this.root = root;
  }

  /** @param {Problem} problem @param {number[]} epsilons as many as are drawn @param {Estimator} chosen */
  draw(problem, epsilons, chosen) {
    const { clientWidth: width, clientHeight: height } = this.root;
    if (!height) return; // not seen
    const truth = gradient(problem);
    // So high that one draw of the reparameterization fits four times; the score function leaves it where it is wilder.
    const reach = 4 * Math.sqrt(variance("reparameterization", problem));
    const floor = height - 44;
    const x = (/** @type {number} */ count) => LEFT + (width - LEFT - 18) * Math.log2(count) / Math.log2(LARGEST);
    const y = (/** @type {number} */ value) => floor * (0.5 - (value - truth) / (2 * reach));
    const bands = ESTIMATORS.map((estimator) => {
      const deviation = Math.sqrt(variance(estimator, problem));
      const counts = Array.from({ length: 65 }, (_, i) => 2 ** (8 * i / 64));
      const edge = (/** @type {number} */ sign) =>
        counts.map((n) => [x(n), y(truth + sign * deviation / Math.sqrt(n))]);
      return svg("path", {
        class: "lx-band",
        "data-term": estimator,
        d: `${through([...edge(1), ...edge(-1).reverse()])}Z`,
      });
    });
    const lines = ESTIMATORS.map((estimator) => {
      const means = runningMeans(epsilons.map((epsilon) => estimate(estimator, epsilon, problem)));
      const last = [x(means.length), y(means[means.length - 1])];
      const line = svg("g", { class: estimator === chosen ? "lx-line lx-chosen" : "lx-line", "data-term": estimator });
      line.append(
        svg("path", { d: through(means.map((mean, i) => [x(i + 1), y(mean)])) }),
        svg("circle", { cx: last[0], cy: last[1], r: 4.5 }),
      );
      return line;
    });
    const ticks = [1, 4, 16, 64, 256].map((count) =>
      svg("text", { class: "lx-tick", x: x(count), y: floor + 18 }, String(count))
    );
    const heights = [-2, 0, 2].map((step) =>
      svg(
        "text",
        { class: "lx-tick lx-left", x: LEFT - 6, y: y(truth + step), dy: "0.35em" },
        plain(truth + step).replace("-", "−"),
      )
    );
    const inside = svg("svg", { width, height: floor });
    inside.append(...bands, svg("path", { class: "lx-exact", d: `M${LEFT} ${y(truth)}H${width}` }), ...lines);
    this.root.replaceChildren(
      inside,
      svg("path", { class: "lx-floor", d: `M${LEFT} ${floor}H${width}` }),
      ...ticks,
      ...heights,
      svg(
        "text",
        { class: "lx-tick", x: (LEFT + width) / 2, y: floor + 38 },
        "mean over so many draws; bands: ± 1 s.d.",
      ),
    );
  }
}
