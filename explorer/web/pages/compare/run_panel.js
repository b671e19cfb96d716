// One run on the Compare page: its plane, its picture of what all runs are asked, and its figures.

import { describeMarginal, drawMarginal, marginal } from "./marginals.js";
import { decimals, percent, significant } from "../../dom/format.js";
import { clearImage, drawImage } from "../../dom/image.js";
import { loadSpace } from "../../run/loading.js";
import { Plane } from "../../plane/plane.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../plane/coloring.js").Coloring} Coloring */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../run/payload.js").RunInfo} RunInfo */
/** @typedef {import("../../dom/theme.js").Theme} Theme */
/**
 * What a panel tells the page.
 * @typedef {object} PanelEvents
 * @property {(panel: RunPanel, point: Pair) => void} move  a point of this panel's plane is wanted, at most once a frame
 * @property {() => void} release
 * @property {(panel: RunPanel, by: Pair) => boolean} step  an arrow key; true: taken
 */

const FIGURES = {
  reconstruction: "reconstruction",
  prior_coverage: "prior coverage",
  kl: "KL",
  neighbour_accuracy: "k-NN accuracy",
  elbo: "ELBO",
  recognisable: "recognisable",
};
const SHARES = new Set(["prior_coverage", "neighbour_accuracy", "recognisable"]);
const NARROW = 300; // pixels: less does not hold two columns of figures
const HTML = `
<h2><span></span> <small class="lx-server lx-term" hidden>decoded by the server</small></h2>
<button type="button" class="lx-fit" title="Fit the view to the points (Home)">⤢</button>
<div class="lx-plane" role="group"><p class="lx-loading">Loading</p><p class="lx-away" hidden>z is outside this view</p></div>
<figure class="lx-made"><canvas class="lx-image" width="28" height="28" role="img"></canvas><figcaption aria-live="off"></figcaption></figure>
<figure class="lx-densities">
  <div><canvas role="img"></canvas><canvas role="img"></canvas></div>
  <figcaption><span><i class="lx-q"></i><span class="lx-term" title="Aggregate posterior: the mean of q(z|x) over the held-out images">q(z)</span></span> <span><i class="lx-p"></i><span class="lx-term" title="Prior N(0, I)">p(z)</span></span> <span class="lx-axes"></span></figcaption>
</figure>
<dl class="lx-numbers">${
  Object.entries(FIGURES).map(([name, title]) =>
    `<div><dt class="lx-term">${title}</dt><dd data-figure="${name}"></dd></div>`
  ).join("")
}</dl>
<p class="lx-verdict"></p>
`;

export class RunPanel {
  /** @param {HTMLElement} parent @param {string} run @param {RunInfo} info @param {PanelEvents} events */
  constructor(parent, run, info, events) {
    this.run = run;
    this.info = info;
    this.events = events;
    this.root = document.createElement("section");
    this.root.className = "lx-card";
    this.root.dataset.testid = `compare-panel-${run}`;
    this.root.setAttribute("aria-label", info.title);
    this.root.innerHTML = HTML;
    parent.append(this.root);
    const find = (/** @type {string} */ selector) => /** @type {any} */ (this.root.querySelector(selector));
    this.parts = {
      title: find("h2 span"),
      server: find(".lx-server"),
      fit: find(".lx-fit"),
      plane: find(".lx-plane"),
      away: find(".lx-away"),
      image: find(".lx-made canvas"),
      words: find(".lx-made figcaption"),
      densities: /** @type {HTMLCanvasElement[]} */ ([...this.root.querySelectorAll(".lx-densities canvas")]),
      axes: find(".lx-axes"),
      verdict: find(".lx-verdict"),
    };
    this.parts.title.textContent = info.title;
    this.parts.fit.setAttribute("aria-label", `Fit the view of ${info.title} to its points`);
    this.parts.plane.dataset.testid = `compare-plane-${run}`;
    this.parts.plane.setAttribute("aria-label", `Latent plane of ${info.title}`);
    this.parts.image.dataset.testid = `compare-image-${run}`;
    /** @type {LatentSpace | null} */
    this.space = null;
    /** @type {Theme | null} */
    this.theme = null;
    this.place = "";
    /** Draws the image again. */
    this.redraw = () => {};
    /** @type {import("./marginals.js").Marginal[] | null} */
    this.marginals = null;
    this.resizing = new ResizeObserver(() => this.resize());
  }

  /** Fetch the run and prepare its plane. */
  async load() {
    this.space ??= await loadSpace(this.info);
    if (this.plane || !this.root.isConnected) return;
    this.plane = new Plane(this.parts.plane, {
      move: (point) => this.events.move(this, point),
      release: () => this.events.release(),
      step: (by) => this.events.step(this, by),
      describe: () => this.place,
      placed: () => this.placed(),
    });
    this.parts.fit.onclick = () => this.plane?.reset();
    this.resizing.observe(this.parts.plane);
    this.resizing.observe(this.parts.densities[0]); // shown late on a phone
  }

  /**
   * @param {Coloring} coloring @param {Theme} theme @param {(label: number) => boolean} shown
   * @param {import("../../plane/selection.js").Selection} chosen images that stand out
   */
  async show(coloring, theme, shown, chosen) {
    if (!this.space || !this.plane) return;
    this.theme = theme;
    this.plane.shown = shown;
    this.plane.mask = chosen.mask(this.space.count);
    const { decoder } = this.space;
    this.parts.server.hidden = !decoder.server;
    this.parts.server.title = decoder.server;
    decoder.arrived = () => {
      if (decoder.problem) this.tell([decoder.problem], "No image");
      else this.redraw();
    };
    await this.plane.show(this.space, coloring, theme);
    this.drawDensities();
  }

  /** @param {string} verdict @param {Record<string, string>} definitions */
  describe(verdict, definitions) {
    this.parts.verdict.textContent = verdict;
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll("[data-figure]"))) {
      const name = /** @type {string} */ (cell.dataset.figure);
      const value = this.info.metrics[name];
      cell.textContent = value === null || value === undefined
        ? "none"
        : SHARES.has(name)
        ? percent(value)
        : `${significant(value)} nats`;
      for (const part of [cell, cell.previousElementSibling]) {
        /** @type {HTMLElement} */ (part).title = definitions[name] ?? "";
      }
    }
  }

  /** What the handle is called for those who cannot see what it stands on. @param {string} words */
  nameHandle(words) {
    this.plane?.overlay.handles[0].setAttribute("aria-label", `${this.info.title}: ${words}`);
  }

  /** Show a held-out image: its point, its posterior and its reconstruction. @param {number} index @param {string} words which image it is */
  select(index, words) {
    const { space, plane, parts } = this;
    if (!space || !plane) return;
    if (index >= space.count) {
      plane.select(-1);
      clearImage(parts.image);
      this.tell([`no image ${index} in this run`], "No reconstruction");
      return;
    }
    this.place = words;
    plane.selected = index;
    plane.moveTo(space.point(index), null);
    this.redraw = () => this.draw(space.reconstruct(index, this.pixels), space);
    this.redraw();
    const { reconstruction, kl } = space.values;
    // Rounding leaves a collapsed run's KL a hair off 0.
    const nats = (/** @type {number} */ value) => `${significant(Math.round(1e4 * value) / 1e4)} nats`;
    this.tell([
      `reconstruction ${nats(reconstruction[index])}`,
      kl ? `KL ${nats(kl[index])}` : "no KL: a code without noise",
    ], `Reconstruction of ${words}`);
  }

  /** Show a point of the plane: what it decodes to, and the held-out image nearest to it. @param {Pair} point @param {string[]} classes */
  decode(point, classes) {
    const { space, plane } = this;
    if (!space || !plane) return;
    const { index, distance } = space.nearest(point);
    const nearest = `nearest image: class ${classes[space.label[index]]}`;
    this.place = `z ${decimals(point[0])}, ${decimals(point[1])}; ${nearest}`;
    plane.selected = -1;
    plane.moveTo(point, space.point(index));
    this.redraw = () => this.draw(space.decode(point, this.pixels), space);
    this.redraw();
    this.tell([nearest, `${significant(distance)} away`], `Decoded at ${this.place}`);
  }

  /** @param {Float32Array} pixels @param {LatentSpace} space */
  draw(pixels, space) {
    this.pixels = pixels;
    drawImage(this.parts.image, pixels, space.decoder.imageShape);
  }

  /** @param {string[]} lines @param {string} label */
  tell(lines, label) {
    const { words, image } = this.parts;
    while (words.children.length < lines.length) words.append(document.createElement("span"));
    lines.forEach((line, i) => {
      words.children[i].textContent = line;
    });
    image.setAttribute("aria-label", label);
  }

  /** Say so when the handle has left the view: in another run the same z may lie far off. */
  placed() {
    if (!this.plane) return;
    const { camera, point } = this.plane;
    const [x, y] = camera.toPixel(point);
    this.parts.away.hidden = x >= 0 && y >= 0 && x <= camera.width && y <= camera.height;
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    this.plane?.setTheme(theme);
    this.drawDensities();
  }

  drawDensities() {
    const { space, theme, parts } = this;
    if (!space || !theme) return;
    this.marginals ??= [marginal(space, 0), marginal(space, 1)];
    const names = space.dim === 2 ? ["z₁", "z₂"] : ["principal axis 1", "principal axis 2"];
    this.marginals.forEach((what, axis) => {
      drawMarginal(parts.densities[axis], what, theme);
      parts.densities[axis].setAttribute("aria-label", describeMarginal(what, names[axis]));
    });
    parts.axes.textContent = space.dim === 2 ? "along z₁ and z₂" : `along 2 principal axes of ${space.dim}`;
  }

  resize() {
    this.root.classList.toggle("lx-narrow", this.root.clientWidth < NARROW);
    this.plane?.resize();
    this.drawDensities();
  }

  destroy() {
    this.resizing.disconnect();
    this.plane?.destroy();
    this.root.remove();
  }
}
