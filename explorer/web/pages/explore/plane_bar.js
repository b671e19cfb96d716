// The line under a plane: what is seen on it, with switches for the projection and for the lines drawn over it.

import { coordinate, percent } from "../../dom/format.js";
import { dimensionOrder, variance } from "../../maths/latent_dimensions.js";
import { Embedding, rawAxes } from "../../maths/projection.js";
import { EPOCHS_BUTTON_HTML } from "../../plane/epoch_tray.js";
import { MARK_SELECT_HTML, markKind } from "../../plane/mark_select.js";
import { LINES } from "../../plane/plane_lines.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../plane/plane_lines.js").LineName} LineName */
/** @typedef {import("./explore.js").State} State */
/** @typedef {State["projection"]} Kind */
/**
 * @typedef {object} PlaneBarEvents
 * @property {() => void} projectionChanged
 * @property {() => void} linesChanged
 * @property {() => void} lensChanged
 * @property {() => void} marksChanged
 */

const KINDS = { pca: "PCA", umap: "UMAP", axes: "Raw axes" };
const TITLES = {
  pca: "The first two principal components of the means: z = mean + x w₁ + y w₂, " +
    "so that every point of the plane has its own z",
  umap: "A map that keeps neighbours together, fitted once at the end of training; it has no inverse",
  axes: "Two coordinates of z, the others held where they are",
};

const UNFITTED = "Not fitted: measuring this run was interrupted; python -m training evaluate fits it, with --save";

const POINTS = {
  means: ["Means", "Each point is the mean of its image's q(z|x)"],
  draws: ["Draws", "Each point is one draw of its image's q(z|x): what the decoder is given"],
};

const POINT_BUTTONS = Object.entries(POINTS).map(([kind, [title, definition]]) => `
  <button type="button" data-part="point-kind" data-points="${kind}" data-testid="points-${kind}"
    title="${definition}">${title}</button>`).join("");
const KIND_BUTTONS = Object.entries(KINDS).map(([kind, title]) => `
  <button type="button" data-part="projection" data-projection="${kind}" data-testid="projection-${kind}"
    title="${TITLES[/** @type {Kind} */ (kind)]}">${title}</button>`).join("");
const LINE_BUTTONS = Object.entries(LINES).map(([name, { title, definition }]) => `
  <button type="button" class="lx-button" data-part="line" data-line="${name}" data-testid="line-${name}"
    title="${definition}">${title}</button>`).join("");

export const PLANE_BAR_HTML = `
<div class="lx-plane-bar">
  <div class="lx-switch" data-part="projections" role="group" aria-label="What the plane shows">${KIND_BUTTONS}</div>
  <span class="lx-axes" data-part="axes" hidden
  ><select data-part="axis" data-testid="axis-x" aria-label="Axis across"></select
  ><select data-part="axis" data-testid="axis-y" aria-label="Axis up"></select></span>
  <p class="lx-plane-note" data-part="plane-note"></p>
  <div class="lx-switch" data-part="points" role="group" aria-label="What stands for an image">${POINT_BUTTONS}</div>
  ${MARK_SELECT_HTML}
  <div class="lx-lines" role="group" aria-label="Lines on the plane">${LINE_BUTTONS}<button type="button"
    class="lx-button" data-part="walk-again" data-testid="walk-again" aria-label="Another random walk"
    title="Another random walk">↻</button><button type="button" class="lx-button" data-part="lens"
    data-testid="lens-switch" title="A magnifier wherever q(z|x) is smaller than the handle">Lens</button
    >${EPOCHS_BUTTON_HTML}</div>
</div>`;

export class PlaneBar {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {PlaneBarEvents} events */
  constructor(pageFrame, events) {
    this.events = events;
    /** @type {Kind} */
    this.kind = "pca";
    /** dimensions, from 0; null: those of the largest KL @type {Pair | null} */
    this.axes = null;
    /** @type {import("../../run/latent_space.js").PointKind} */
    this.points = "auto";
    /** those that are drawn @type {Set<LineName>} */
    this.lines = new Set();
    /** seed of the random walk */
    this.walk = 0;
    /** whether small posteriors are magnified */
    this.lens = true;
    /** @type {State["marks"]} */
    this.marks = "auto";
    this.classes = 0; // of the data set
    this.parts = {
      kinds: pageFrame.parts("projection", HTMLButtonElement),
      switch: pageFrame.part("projections"),
      points: pageFrame.part("points"),
      pointKinds: pageFrame.parts("point-kind", HTMLButtonElement),
      axes: pageFrame.part("axes"),
      selects: pageFrame.parts("axis", HTMLSelectElement),
      note: pageFrame.part("plane-note"),
      lines: pageFrame.parts("line", HTMLButtonElement),
      again: pageFrame.part("walk-again"),
      lens: pageFrame.part("lens"),
      marks: pageFrame.part("marks", HTMLSelectElement),
    };
    this.listen();
  }

  /** Stand as a state says; without one, for another data set, only the axes go. @param {State | null} state */
  begin(state) {
    this.axes = null;
    if (!state) return;
    const { projection, axes, points, lines, walk, lens, marks } = state;
    this.kind = projection;
    this.points = points;
    this.axes = axes && [axes[0] - 1, axes[1] - 1];
    this.lines = new Set(lines);
    this.walk = walk;
    this.lens = lens === "on";
    this.marks = marks;
  }

  listen() {
    const { kinds, pointKinds, selects, lines, again, lens } = this.parts;
    for (const button of pointKinds) {
      button.onclick = () => {
        this.points = /** @type {"means" | "draws"} */ (button.dataset.points);
        this.events.projectionChanged();
      };
    }
    for (const button of kinds) {
      button.onclick = () => {
        if (button.dataset.projection === this.kind) return;
        this.kind = /** @type {Kind} */ (button.dataset.projection);
        this.events.projectionChanged();
      };
    }
    selects.forEach((select, which) => {
      select.onchange = () => {
        const before = /** @type {Pair} */ (this.axes);
        const wanted = Number(select.value);
        // The axis that the other one has is exchanged for it.
        if (before[1 - which] === wanted) this.axes = [before[1], before[0]];
        else this.axes = which ? [before[0], wanted] : [wanted, before[1]];
        this.events.projectionChanged();
      };
    });
    for (const button of lines) {
      button.onclick = () => {
        const name = /** @type {LineName} */ (button.dataset.line);
        if (!this.lines.delete(name)) this.lines.add(name);
        this.showLines();
        this.events.linesChanged();
      };
    }
    lens.onclick = () => {
      this.lens = !this.lens;
      this.showLines();
      this.events.linesChanged();
      this.events.lensChanged();
    };
    this.parts.marks.onchange = () => {
      this.marks = /** @type {import("../../plane/marks.js").MarkKind} */ (this.parts.marks.value);
      this.events.linesChanged();
      this.events.marksChanged();
    };
    again.onclick = () => {
      this.walk = (this.walk + 1) % 10000;
      this.lines.add("walk");
      this.showLines();
      this.events.linesChanged();
    };
  }

  /** What marks an image. */
  get markKind() {
    return markKind(this.marks, this.classes);
  }

  showLines() {
    this.parts.marks.value = this.markKind;
    for (const button of this.parts.lines) {
      button.setAttribute("aria-pressed", String(this.lines.has(/** @type {LineName} */ (button.dataset.line))));
    }
    this.parts.lens.setAttribute("aria-pressed", String(this.lens));
  }

  /**
   * A run as the chosen projection shows it, with the chosen points; two dimensions are shown as they are.
   * @param {LatentSpace} space @param {number[] | null} kl of each dimension, in nats
   * @param {ArrayLike<number>} z the present one @param {boolean} bends whether the axes are the prior's percentiles
   */
  viewOf(space, kl, z, bends) {
    this.bends = bends;
    const flat = this.projected(space, kl, z);
    return (bends ? flat.onPercentiles() : flat).withPoints(this.points);
  }

  /**
   * @param {LatentSpace} space @param {number[] | null} kl of each dimension, in nats
   * @param {ArrayLike<number>} z the present one
   */
  projected(space, kl, z) {
    if (this.kind === "umap" && !space.umap) this.kind = "pca";
    if (space.dim <= 2 || this.kind === "pca") return space;
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
    this.parts.switch.hidden = dim <= 2;
    axes.hidden = dim <= 2 || this.kind !== "axes";
    for (const button of kinds) {
      const kind = /** @type {Kind} */ (button.dataset.projection);
      button.setAttribute("aria-pressed", String(kind === this.kind));
      button.disabled = kind === "umap" && !view.umap;
      button.title = button.disabled ? UNFITTED : TITLES[kind];
    }
    this.parts.points.hidden = this.parts.lens.hidden = !view.cov;
    for (const button of this.parts.pointKinds) {
      button.setAttribute("aria-pressed", String(view.draws === (button.dataset.points === "draws")));
    }
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
    note.textContent = this.words(view);
    note.title = note.textContent;
  }

  /** @param {LatentSpace} view */
  words({ dim, means, mu, count, decodes, percentiles, decoder }) {
    if (percentiles) return percentileWords(dim, this.kind);
    if (this.bends && !decoder.prior.standard) return `No percentile axes: this run's prior is ${decoder.prior.words}.`;
    if (dim === 1) {
      return "z across, its one dimension; up, by chance below the density of the " +
        `${decodes ? "codes" : "points"}.`;
    }
    if (dim === 2) return "z₁ across, z₂ up: the latent space itself.";
    if (this.kind === "axes") return `of ${dim}: the others stay at the present z.`;
    if (this.kind === "umap" && !decodes) return `${UMAP_WORDS}, without an inverse.`;
    if (this.kind === "umap") {
      return `${UMAP_WORDS}; no inverse: a drag decodes the weighted mean of the 10 nearest latents.`;
    }
    const total = Array.from({ length: dim }, (_, d) => variance(mu, dim, count, d)).reduce((sum, v) => sum + v, 0);
    const kept = variance(means, 2, count, 0) + variance(means, 2, count, 1);
    if (!(total > 0)) return `No code of ${dim} dimensions varies from image to image.`;
    const share = `${percent(Math.min(kept / total, 1))} of the variance of ${dim} dimensions`;
    return decodes ? `${share}: a drag decodes mean + W (x, y).` : `${share}, on their first two principal components.`;
  }

  /** The page's parameters that are set here. @param {LatentSpace} view */
  report({ dim }) {
    return {
      projection: this.kind,
      points: this.points,
      axes: dim > 2 && this.kind === "axes" && this.axes ? this.axes.map((d) => d + 1) : null,
      lines: [...this.lines],
      walk: this.walk,
      lens: this.lens ? "on" : "off",
      marks: this.marks,
    };
  }
}

const UMAP_WORDS = "UMAP keeps neighbours; distances and sizes between clusters mean little";

/** What is seen on axes of percentiles. @param {number} dim @param {Kind} kind */
function percentileWords(dim, kind) {
  const what = dim === 1 ? "z" : dim === 2 ? "z₁ across, z₂ up" : kind === "axes" ? "Two of z" : "Two components of z";
  return `${what}, as percentiles of the prior, which is even here: codes that fill it leave no gap.`;
}
