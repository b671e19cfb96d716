// The Prior page's laboratory: priors fitted to the run's codes afterwards, each beside the run's own.

import { copyLine } from "../../dom/copy_line.js";
import { decimals, place } from "../../dom/format.js";
import { readTheme } from "../../dom/theme.js";
import { AncestralSamples } from "../../run/ancestral_samples.js";
import { aggregatePosterior, fittedMixture, ownPrior } from "../../run/fitted_prior.js";
import { likelihoodWords } from "../../run/likelihood_words.js";
import { basisSentence, chosen, figuresOf, nameOf, unfittedSentence, wordsOf } from "./fitted.js";
import { FittedPlane } from "./fitted_plane.js";
import { laboratoryParts } from "./laboratory_markup.js";
import { Mosaic } from "./mosaic.js";
import { drawRise } from "./rise_chart.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../run/fitted_prior.js").Compared} Compared */
/** @typedef {import("./prior.js").Payload} Payload */

const [COLUMNS, ROWS] = [8, 3]; // samples of each prior

export class Laboratory {
  /**
   * @param {import("../../dom/page_frame.js").PageFrame} pageFrame
   * @param {{choose: (fit: string) => void, again: () => void}} events  another fitted prior, other samples
   */
  constructor(pageFrame, { choose, again }) {
    this.pageFrame = pageFrame;
    const parts = this.parts = laboratoryParts(pageFrame);
    /** made when it is first seen: before, it has no size @type {FittedPlane | null} */
    this.plane = null;
    /** @type {LatentSpace | null} */
    this.space = null;
    /** @type {Payload | null} */
    this.payload = null;
    this.shown = 0; // place of the fitted prior
    this.seed = 0;
    /** @type {Pair} where the handle is */
    this.point = [0, 0];
    /** @type {{own: Compared, fitted: Compared} | null} */
    this.pair = null;
    this.mosaics = [parts.ownSamples, parts.fittedSamples].map((element, i) =>
      new Mosaic(
        element,
        i ? "Sample of the fitted prior" : "Sample of the run's own prior",
        `prior-lab-samples-${i}`,
        {
          move: () => {},
          leave: () => {},
          choose: () => {},
          describe: (cell) => `sample ${cell + 1}`,
        },
      )
    );
    parts.fit.oninput = () => {
      const row = this.rows[Number(parts.fit.value)];
      choose(nameOf(row));
    };
    parts.again.onclick = again;
    parts.copy.onclick = () => copyLine(parts.copy, parts.command);
    this.resizing = new ResizeObserver(() => this.plane?.resize());
    this.resizing.observe(parts.plane);
  }

  /** The fitted ones. @returns {import("./fitted.js").PriorRow[]} */
  get rows() {
    return this.payload?.fitted.priors?.slice(1) ?? [];
  }

  get theme() {
    return readTheme(this.pageFrame.root);
  }

  /**
   * Show a run's fitted priors, or how to get some.
   * @param {LatentSpace} space @param {Payload} payload @param {string} fit which one @param {number} seed of samples
   */
  async show(space, payload, fit, seed) {
    const { parts } = this;
    const { fitted } = payload;
    const another = this.space !== space || this.payload?.fitted !== fitted;
    Object.assign(this, { space, payload });
    const own = fitted.priors?.[0];
    for (const part of [parts.plane, parts.compared]) part.hidden = !own;
    parts.unfitted.hidden = Boolean(own);
    if (!own) {
      parts.unfittedWords.textContent = unfittedSentence(fitted);
      parts.commandLine.hidden = fitted.command === null;
      parts.command.textContent = fitted.command;
      return;
    }
    if (!this.plane) {
      const file = () => `${this.payload?.state.dataset}-${this.payload?.state.run}-fitted-prior`;
      const title = () => `log density of ${wordsOf(this.rows[this.shown])}, ${this.payload?.state.run}`;
      const describe = () => place(this.point, this.space?.dim ?? 2);
      this.plane = new FittedPlane(parts.plane, { move: (point) => this.moveTo(point), describe }, { file, title });
    }
    if (another) {
      this.point = space.priorCenter();
      await this.plane.show(space, payload, this.theme, this.point);
      if (this.space !== space) return; // the next run is on its way already
    }
    parts.fit.max = String(this.rows.length - 1);
    parts.ownName.textContent = `own, ${space.decoder.prior.words}`;
    parts.conclusions.textContent = fitted.conclusions.map((words) => `${words[0].toUpperCase()}${words.slice(1)}.`)
      .join(" ");
    this.choose(fit, seed);
  }

  /** @param {string} fit which of the fitted priors @param {number} seed of the samples */
  choose(fit, seed) {
    const { parts, space, payload, rows } = this;
    const own = payload?.fitted.priors?.[0];
    if (!space || !own || !this.plane) return;
    const shown = this.shown = chosen(rows, fit);
    const row = rows[shown];
    const words = wordsOf(row);
    parts.fit.value = String(shown);
    parts.fit.setAttribute("aria-valuetext", words);
    parts.fitValue.textContent = row.prior === "aggregate" ? "all: q(z)" : nameOf(row);
    parts.fittedName.textContent = words;
    parts.basis.textContent = basisSentence(payload.fitted, row, likelihoodWords(space.decoder));
    drawRise(parts.chart, own, rows, shown);
    const figures = [figuresOf(own, true), figuresOf(row, false)];
    [parts.ownFigures, parts.fittedFigures].forEach((cells, i) => {
      for (const cell of cells) {
        const name = /** @type {keyof typeof figures[0] | "density"} */ (cell.dataset.figure);
        if (name !== "density") cell.textContent = figures[i][name];
      }
    });
    this.pair = {
      own: ownPrior(space),
      fitted: row.gaussians ? fittedMixture(space, row.gaussians) : aggregatePosterior(space),
    };
    this.plane.compare(this.pair.own.plane, this.pair.fitted.plane);
    this.readDensity();
    this.drawSamples(seed);
  }

  /** The same numbers of chance for both priors. @param {number} seed */
  drawSamples(seed) {
    const { space, pair, parts } = this;
    if (!space || !pair) return;
    [pair.own, pair.fitted].forEach(({ drawing }, i) => {
      const samples = new AncestralSamples(space, COLUMNS, ROWS, drawing);
      samples.draw(seed, false);
      this.mosaics[i].draw(COLUMNS, ROWS, space.decoder.imageShape, (cells, take) => samples.decode(cells, take));
    });
    parts.ownWords.textContent = `z ~ ${space.decoder.prior.words}`;
    parts.fittedWords.textContent = `z ~ ${wordsOf(this.rows[this.shown])}`;
  }

  /** @param {Pair} point of the handle */
  moveTo(point) {
    const { space, plane } = this;
    if (!space || !plane) return;
    this.point = space.reach(point);
    plane.plane.moveTo(this.point, null);
    this.readDensity();
  }

  readDensity() {
    const { pair, point, parts } = this;
    if (!pair) return;
    [parts.ownFigures, parts.fittedFigures].forEach((cells, i) => {
      const { plane } = i ? pair.fitted : pair.own;
      const cell = cells.find(({ dataset }) => dataset.figure === "density");
      if (cell) cell.textContent = `${decimals(plane.logDensity(point))} nats`;
    });
  }

  restyle() {
    this.plane?.setTheme(this.theme);
  }

  destroy() {
    this.resizing.disconnect();
    this.plane?.destroy();
    for (const mosaic of this.mosaics) mosaic.destroy();
  }
}
