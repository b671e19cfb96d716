// The cards below the plane: bounds, Jensen's inequality, the same image in each run, and all held-out images.

import { drawBound } from "./bound_plot.js";
import { decimals, plain, significant } from "../../dom/format.js";
import { drawJensen, jensenGap } from "./jensen.js";
import { RunMultiples } from "./run_multiples.js";
import { fetchSafetensors } from "../../network/safetensors.js";
import { readTheme } from "../../dom/theme.js";

/** @typedef {import("./probability.js").Payload} Payload */
/** @typedef {ReturnType<typeof import("./markup.js").probabilityParts>} Parts */

export class ProbabilityCards {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {Parts} parts @param {Payload} payload */
  constructor(pageFrame, parts, payload) {
    this.pageFrame = pageFrame;
    this.parts = parts;
    this.payload = payload;
    this.spread = /** @type {number} */ (payload.state.spread);
    /** @type {{bound: import("./bound_plot.js").Bound, evidence: number | null} | null} */
    this.shown = null;
    this.multiples = new RunMultiples(parts.runs, pageFrame);
    parts.spread.value = String(this.spread);
    parts.spread.oninput = () => {
      this.spread = Number(parts.spread.value);
      this.drawJensen();
      pageFrame.report({ spread: plain(this.spread) });
    };
    this.showSpread(null);
    this.drawJensen();
    this.listHeldOut();
  }

  /**
   * Have the server draw for the bound, and then, once they are in view, integrate for the other runs.
   * @param {string} run @param {number} image @param {ArrayLike<number> | null} x its pixels in [0, 1], if there are any
   * @param {string | null} bound its address; null where there is no q or no image
   * @param {number | null} evidence log p(x) @param {() => boolean} current whether the answer is still wanted
   */
  async ask(run, image, x, bound, evidence, current) {
    const { parts } = this;
    this.listHeldOut();
    if (bound) {
      const { tensors } = await fetchSafetensors(bound + image);
      if (!current()) return;
      const [counts, mean, low, high] = ["counts", "mean", "low", "high"].map((name) => tensors[name].data);
      this.shown = { bound: { counts, mean, low, high }, evidence };
      this.describeBound();
    } else {
      this.shown = null;
      parts.boundText.textContent = x
        ? "A code without noise has no importance weights."
        : "Importance weights need the image itself, which is not here.";
    }
    this.drawBound();
    await this.multiples.show(this.payload, image, x, current);
  }

  describeBound() {
    if (!this.shown) return;
    const { bound: { counts, mean, low, high }, evidence } = this.shown;
    const last = counts.length - 1;
    const words =
      `K = 1: ${decimals(mean[0])} nats, the ELBO of the encoder's q, but for chance; K = ${
        counts[last].toLocaleString("en")
      }: ${decimals(mean[last])} nats, ` +
      `nine in ten between ${decimals(low[last])} and ${decimals(high[last])}` +
      (evidence === null
        ? "."
        : `; log p(x) is ${decimals(evidence)}${
          evidence - mean[last] > 0.1 ? ": this q hardly ever draws some codes that p(z|x) holds likely." : "."
        }`);
    this.parts.boundText.textContent = words;
    this.parts.bound.setAttribute(
      "aria-label",
      `The importance-weighted bound rises with the number of draws. ${words}`,
    );
    this.parts.bound.dataset.last = String(mean[last]);
  }

  drawBound() {
    const { bound } = this.parts;
    if (this.shown) drawBound(bound, this.shown.bound, this.shown.evidence, readTheme(this.pageFrame.root));
    else bound.getContext("2d")?.clearRect(0, 0, bound.width, bound.height);
  }

  /** What spread the weights have under the q that is shown. @param {number | null} spread of log w in nats */
  showSpread(spread) {
    this.parts.jensenText.textContent =
      "With w = p(x, z) / q(z|x): log E[w] = log p(x) and E[log w] is the ELBO (Eqs. 11-16). The less w varies, the smaller the gap; " +
      `it is 0 where q is p(z|x).${
        spread === null ? "" : ` Under the q above, log w varies by ${significant(spread)} nats.`
      }`;
  }

  drawJensen() {
    const { parts, spread } = this;
    const gap = jensenGap(spread);
    drawJensen(parts.jensen, spread, readTheme(this.pageFrame.root));
    parts.spreadValue.textContent = `${decimals(spread)}: gap ${significant(gap)} nats`;
    parts.spread.setAttribute("aria-valuetext", `${decimals(spread)}, gap ${significant(gap)} nats`);
    parts.jensen.setAttribute(
      "aria-label",
      `w is ${decimals(1 - spread)} or ${decimals(1 + spread)}: log of the mean 0, mean of the logs ${
        decimals(-gap)
      } nats`,
    );
  }

  /** Draw again, as after a change of size or theme. */
  draw() {
    this.drawBound();
    this.drawJensen();
    this.multiples.draw();
  }

  /** What is known of each run over all held-out images. */
  listHeldOut() {
    const { held_out: found, runs } = this.payload;
    const rows = Object.entries(found).filter(([, figures]) => Object.keys(figures).length);
    this.parts.heldOut.hidden = rows.length === 0;
    if (!rows.length) return;
    const table = document.createElement("table");
    table.innerHTML =
      `<thead><tr><th scope="col">run</th><th scope="col"><span class="lx-term" title="KL(q(z|x) || p(z|x)) of held-out images: the median, where nine in ten lie, and how many there are of each size, on a logarithmic scale">gap</span></th><th scope="col"><span class="lx-term" title="Mean KL of each coordinate of z from its prior">KL a dimension</span></th><th scope="col"><span class="lx-term" title="Coordinates whose mean varies from image to image by more than 0.01 in variance (Burda et al., 2016)">active</span></th></tr></thead>`;
    const body = document.createElement("tbody");
    for (const [run, figures] of rows) {
      const cells = [
        runs[run].title,
        gapText(figures.gap),
        dimensionsText(figures.kl_per_dimension),
        activeText(figures),
      ];
      const row = document.createElement("tr");
      row.append(
        ...cells.map((text, i) =>
          Object.assign(document.createElement(i ? "td" : "th"), { textContent: text, ...(i ? {} : { scope: "row" }) })
        ),
      );
      if (figures.gap) row.cells[1].append(histogram(figures.gap));
      body.append(row);
    }
    table.append(body);
    this.parts.heldOutTable.replaceChildren(table);
  }

  destroy() {
    this.multiples.destroy();
  }
}

/** @typedef {{images: number, mean: number, quantiles: Record<string, number>, edges: number[], counts: number[]}} GapFigures  as training/measure/slow_metrics.py makes them */

/** The distribution of gaps in words. @param {GapFigures | undefined} gap */
function gapText(gap) {
  if (!gap) return "not computed";
  const shares = Object.keys(gap.quantiles).sort((a, b) => Number(a) - Number(b));
  const [low, middle, high] = [shares[0], "0.5", shares[shares.length - 1]].map((share) =>
    significant(gap.quantiles[share] ?? gap.mean)
  );
  return `median ${middle}, nine in ten from ${low} to ${high} nats`;
}

/** And as bars. @param {GapFigures} gap */
function histogram({ counts, edges, images }) {
  const bars = Object.assign(document.createElement("span"), { className: "lx-histogram" });
  bars.setAttribute("role", "img");
  bars.setAttribute(
    "aria-label",
    `Gaps of ${images} images, in ${counts.length} classes from ${significant(edges[0])} to ${
      significant(edges[edges.length - 1])
    } nats`,
  );
  const most = Math.max(...counts);
  bars.append(...counts.map((count, i) => {
    const bar = document.createElement("i");
    bar.style.height = `${(100 * count) / most}%`;
    bar.title = `${significant(edges[i])} to ${significant(edges[i + 1])} nats: ${count} images`;
    return bar;
  }));
  return bars;
}

/** @param {number[] | undefined} kl */
function dimensionsText(kl) {
  return kl ? `${kl.slice(0, 4).map(significant).join(", ")}${kl.length > 4 ? ", …" : ""} nats` : "none";
}

/** @param {{active_units?: number, kl_per_dimension?: number[], collapsed?: boolean}} figures */
function activeText({ active_units: active, kl_per_dimension: kl, collapsed }) {
  if (active === undefined) return "none";
  return `${active}${kl ? ` of ${kl.length}` : ""}${collapsed ? ", collapsed" : ""}`;
}
