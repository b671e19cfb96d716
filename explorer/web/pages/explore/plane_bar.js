// The line under a plane that says what is seen on it, with switches for the projection and for the lines drawn over it.

import { coordinate } from "../../dom/format.js";
import { dimensionOrder, variance } from "../../maths/latent_dimensions.js";
import { Embedding, rawAxes } from "../../maths/projection.js";
import { LINES } from "../../plane/plane_lines.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../plane/plane_lines.js").Trail} Trail */
/** @typedef {"pca" | "umap" | "axes"} Kind */

const KINDS = { pca: "PCA", umap: "UMAP", axes: "Raw axes" };
const TITLES = {
  pca:
    "The first two principal components of the means: z = mean + x w₁ + y w₂, so that every point of the plane has its own z",
  umap: "A map that keeps neighbours together, fitted once at the end of training; it has no inverse",
  axes: "Two coordinates of z, the others held where they are",
};

export const BAR_HTML = `
<div class="lx-plane-bar">
  <div class="lx-switch" role="group" aria-label="What the plane shows">${
  Object.entries(KINDS)
    .map(([kind, title]) =>
      `<button type="button" data-projection="${kind}" data-testid="projection-${kind}" title="${
        TITLES[/** @type {Kind} */ (kind)]
      }">${title}</button>`
    ).join("")
}</div>
  <span class="lx-axes" hidden><select data-testid="axis-x" aria-label="Axis across"></select><select data-testid="axis-y" aria-label="Axis up"></select></span>
  <p class="lx-plane-note"></p>
  <div class="lx-lines" role="group" aria-label="Lines on the plane">${
  Object.entries(LINES)
    .map(([name, { title, definition }]) =>
      `<button type="button" class="lx-button" data-line="${name}" data-testid="line-${name}" title="${definition}">${title}</button>`
    ).join("")
}<button
      type="button" class="lx-button" data-testid="walk-again" aria-label="Another random walk" title="Another random walk">↻</button></div>
</div>`;

export class PlaneBar {
  /**
   * @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {Record<string, any>} state
   * @param {{projected: () => void, lined: () => void}} events  the projection, or the lines, are others
   */
  constructor(pageFrame, state, events) {
    this.events = events;
    /** @type {Kind} */
    this.kind = state.projection;
    /** dimensions, from 0; null: those of the largest KL @type {Pair | null} */
    this.axes = state.axes && [state.axes[0] - 1, state.axes[1] - 1];
    /** @type {Set<Trail>} */
    this.lines = new Set(state.lines);
    /** @type {number} */
    this.walk = state.walk;
    const find = (/** @type {string} */ selector) => pageFrame.find(selector);
    this.parts = {
      kinds: /** @type {HTMLButtonElement[]} */ (pageFrame.all("[data-projection]")),
      switch: find(".lx-plane-bar .lx-switch"),
      axes: find(".lx-axes"),
      selects: /** @type {HTMLSelectElement[]} */ (pageFrame.all(".lx-axes select")),
      note: find(".lx-plane-note"),
      lines: /** @type {HTMLButtonElement[]} */ (pageFrame.all("[data-line]")),
      again: find("[data-testid=walk-again]"),
    };
    this.listen();
  }

  listen() {
    const { kinds, selects, lines, again } = this.parts;
    for (const button of kinds) {
      button.onclick = () => {
        if (button.dataset.projection === this.kind) return;
        this.kind = /** @type {Kind} */ (button.dataset.projection);
        this.events.projected();
      };
    }
    selects.forEach((select, which) => {
      select.onchange = () => {
        const before = /** @type {Pair} */ (this.axes);
        const chosen = Number(select.value);
        // The axis that the other one has is exchanged for it.
        this.axes = before[1 - which] === chosen
          ? [before[1], before[0]]
          : which
          ? [before[0], chosen]
          : [chosen, before[1]];
        this.events.projected();
      };
    });
    for (const button of lines) {
      button.onclick = () => {
        const name = /** @type {Trail} */ (button.dataset.line);
        if (!this.lines.delete(name)) this.lines.add(name);
        this.showLines();
        this.events.lined();
      };
    }
    again.onclick = () => {
      this.walk = (this.walk + 1) % 10000;
      this.lines.add("walk");
      this.showLines();
      this.events.lined();
    };
  }

  showLines() {
    for (const button of this.parts.lines) {
      button.setAttribute("aria-pressed", String(this.lines.has(/** @type {Trail} */ (button.dataset.line))));
    }
  }

  /** Another data set: axes belong to the old runs. */
  reset() {
    this.axes = null;
  }

  /**
   * A run as the chosen projection shows it; two dimensions are shown as they are.
   * @param {LatentSpace} space @param {number[] | null} kl of each dimension, in nats @param {ArrayLike<number>} z the present one
   */
  seen(space, kl, z) {
    if (space.dim === 2 || this.kind === "pca") return space;
    if (this.kind === "umap") return space.seenOn(new Embedding(/** @type {Float32Array} */ (space.umap), space.mu));
    if (!this.axes || Math.max(...this.axes) >= space.dim) {
      const [x, y] = dimensionOrder(space, kl);
      this.axes = [x, y];
    }
    return space.seenOn(rawAxes(space.latents(), this.axes, z));
  }

  /** Say what is seen. @param {LatentSpace} view */
  show(view) {
    const { kinds, axes, selects, note } = this.parts;
    const { dim } = view;
    this.parts.switch.hidden = dim === 2;
    axes.hidden = dim === 2 || this.kind !== "axes";
    for (const button of kinds) button.setAttribute("aria-pressed", String(button.dataset.projection === this.kind));
    this.showLines();
    if (!axes.hidden && this.axes) {
      const shown = this.axes;
      selects.forEach((select, which) => {
        if (select.length !== dim) {
          select.replaceChildren(...Array.from({ length: dim }, (_, d) => new Option(coordinate(d), String(d))));
        }
        select.value = String(shown[which]);
      });
    }
    note.textContent = dim === 2 ? "z₁ across, z₂ up: the latent space itself." : this.words(view);
    note.title = note.textContent;
  }

  /** @param {LatentSpace} view */
  words({ dim, xy, mu, count }) {
    if (this.kind === "axes") return `of ${dim}: the others stay at the present z.`;
    if (this.kind === "umap") return "No inverse: a drag decodes the distance-weighted mean of the 10 nearest latents.";
    const total = Array.from({ length: dim }, (_, d) => variance(mu, dim, count, d)).reduce((sum, v) => sum + v, 0);
    const kept = variance(xy, 2, count, 0) + variance(xy, 2, count, 1);
    return `${
      Math.round((100 * kept) / total)
    } % of the variance of ${dim} dimensions: a drag decodes mean + W (x, y).`;
  }

  /** The parameters of the address that are chosen here. @param {LatentSpace} view */
  report({ dim }) {
    return {
      projection: this.kind,
      axes: dim > 2 && this.kind === "axes" && this.axes ? this.axes.map((d) => d + 1).join(",") : null,
      lines: [...this.lines].join(","),
      walk: String(this.walk),
    };
  }
}
