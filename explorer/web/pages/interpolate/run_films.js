// The same two images through every run: one straight line each, scores along the way.

import { percent } from "../../dom/format.js";
import { leastSure, SCORED_PLACES, scorePath, verdict } from "./path_scores.js";
import { loadClassifier, loadSpace } from "../../run/loading.js";
import { linear } from "../../maths/paths.js";

/** @typedef {import("./film_row.js").FilmRow} FilmRow */
/** @typedef {import("./interpolate.js").Interpolate} Interpolate */
/** @typedef {import("./path_scores.js").PathScore} PathScore */

const MOST_RUNS = 6;

export class RunFilms {
  /** @param {Interpolate} page */
  constructor(page) {
    this.page = page;
    this.laid = 0;
    /** @type {Map<FilmRow, PathScore[]>} */
    this.scores = new Map();
    /** @type {import("../../network/classifier.js").Classifier | null} */
    this.classifier = null;
  }

  /** Runs whose films are shown: the one chosen above among them. */
  names() {
    const { runs, state } = this.page.payload;
    const names = Object.keys(runs);
    const shown = names.slice(0, MOST_RUNS);
    return shown.includes(state.run) ? shown : [...shown.slice(1), state.run];
  }

  stop() {
    this.laid += 1;
    this.scores.clear();
    this.page.work.drop("scores");
  }

  /** @param {HTMLElement} parent */
  lay(parent) {
    const laid = this.laid;
    this.load(parent, laid).catch((error) => laid === this.laid && this.page.fail(error));
  }

  /** @param {HTMLElement} parent @param {number} laid */
  async load(parent, laid) {
    const { page } = this;
    const { payload: { runs, classifier } } = page;
    const names = this.names();
    const [spaces, judgeOfAll] = await Promise.all([
      Promise.all(names.map((name) => loadSpace(runs[name]))),
      loadClassifier(classifier),
    ]);
    if (laid !== this.laid || page.pageFrame.gone || !page.ends) return;
    this.classifier = judgeOfAll;
    page.rows = names.flatMap((name, i) => {
      const { title, sentence } = runs[name];
      if (spaces[i].count !== page.space?.count) return [];
      const row = page.addRow(parent, {
        run: name,
        way: "linear",
        name,
        title,
        definition: sentence,
        space: spaces[i],
        path: linear([0], [0]),
      });
      row.addCurves();
      return [row];
    });
    this.bend();
    page.showRows();
  }

  /** Give every run its own line between the same images. */
  bend() {
    const { page } = this;
    if (!page.ends || !page.space) return;
    for (const row of page.rows) {
      const [a, b] = page.ends.latentsOfImages(row.film.space, page.space);
      row.film = { ...row.film, path: linear(a, b) };
    }
    page.work.restart("scores", () => this.scoreAll());
  }

  /** All runs at once, place by place, so that all curves grow together. */
  *scoreAll() {
    const { page, classifier } = this;
    const { heldOut, rows } = page;
    if (!heldOut) return;
    const judging = rows.map((row) => scorePath(row.film, heldOut, classifier));
    const scores = rows.map(() => /** @type {PathScore[]} */ ([]));
    for (let place = 0; place < SCORED_PLACES; place++) {
      for (const [i, one] of judging.entries()) {
        const next = one.next();
        if (!next.done) scores[i].push(next.value);
        yield;
      }
      const farthest = Math.max(1e-6, ...scores.flat().map((one) => one.distance ?? 0)) * 1.05;
      rows.forEach((row, i) => row.drawCurves(scores[i], SCORED_PLACES, farthest));
    }
    rows.forEach((row, i) => {
      this.scores.set(row, scores[i]);
      row.note.textContent = verdict(scores[i], page.payload.classes);
      row.element.dataset.scores = "true";
    });
    page.describe();
  }

  /** What is true of the films on show. */
  sentence() {
    const { page } = this;
    const names = page.endControls?.names().join(" to ") ?? "";
    const start = `The straight line from ${names} in every run`;
    const all = [...this.scores].filter(([row]) => page.rows.includes(row));
    const worst = all.map(([row, scores]) => ({ title: row.film.title, ...leastSure(scores) })).sort((a, b) =>
      (a.confidence ?? 1) - (b.confidence ?? 1)
    );
    const [least, most] = [worst[0], worst[worst.length - 1]];
    if (!least || least.confidence === null || worst.length < 2) {
      return `${start}: see where an image between the two is none of the data set's.`;
    }
    return `${start}: at its least sure point the classifier gives ${percent(least.confidence)} in ${least.title}, ${
      percent(/** @type {number} */ (most.confidence))
    } in ${most.title}.`;
  }

  /** What cannot be shown, and what stands in. */
  remark() {
    const { payload: { classifier, gallery, state, runs } } = this.page;
    const words = [];
    if (!classifier) {
      words.push(
        `No confidence without a classifier: python -m training classifier --dataset ${state.dataset} --out checkpoints/${state.dataset}/classifier`,
      );
    }
    if (!gallery) words.push("No distances without held-out images (gallery.safetensors).");
    if (this.page.ends?.images.some((index, which) => index < 0 && !(which === 1 && this.page.ends?.arithmetic))) {
      words.push("A point belongs to one run: its nearest image stands in for it.");
    }
    if (Object.keys(runs).length > MOST_RUNS) words.push(`${MOST_RUNS} of ${Object.keys(runs).length} runs are shown.`);
    return words.join(" ");
  }
}
