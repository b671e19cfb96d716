// The same two images through every run, as films: one straight line each, with scores along it.

import { percent } from "../../dom/format.js";
import { Latest } from "../../dom/latest.js";
import { linear } from "../../maths/paths.js";
import { loadClassifier, loadSpace } from "../../run/loading.js";
import { leastSure, SCORED_PLACES, scorePath, verdict } from "./path_scores.js";

/** @typedef {import("./film_row.js").FilmRow} FilmRow */
/** @typedef {import("./interpolate.js").Payload} Payload */
/** @typedef {import("./path_ends.js").PathEnds} PathEnds */
/** @typedef {import("./path_scores.js").PathScore} PathScore */

const MOST_RUNS = 6;

export class RunFilms {
  /**
   * @param {import("./film_rows.js").FilmRows} rows
   * @param {import("../../dom/background_work.js").BackgroundWork} work does the job "scores"
   * @param {{scored: () => void, failed: (error: unknown) => void}} events
   */
  constructor(rows, work, events) {
    this.rows = rows;
    this.work = work;
    this.events = events;
    this.latest = new Latest();
    /** @type {Map<FilmRow, PathScore[]>} */
    this.scores = new Map();
    /** @type {import("../../network/classifier.js").Classifier | null} */
    this.classifier = null;
    /** names of the data set's classes @type {string[]} */
    this.classes = [];
  }

  stop() {
    this.latest.cancel();
    this.scores.clear();
    this.work.drop("scores");
  }

  /** Load the runs and give each a row. @param {Payload} payload @param {PathEnds} ends */
  async show({ runs, state, classifier, classes }, ends) {
    const names = shownNames(Object.keys(runs), state.run);
    try {
      const spaces = Promise.all(names.map((name) => loadSpace(runs[name], state.given)));
      const [found, loaded] = await this.latest.of(Promise.all([spaces, loadClassifier(classifier)]));
      this.classifier = loaded;
      this.classes = classes;
      names.forEach((name, i) => {
        if (found[i].count === ends.home.count) this.addRow(name, runs[name], found[i]);
      });
      this.update(ends);
      this.rows.redraw();
    } catch (error) {
      this.events.failed(error);
    }
  }

  /**
   * @param {string} name @param {import("../../run/payload.js").RunInfo} run
   * @param {import("../../run/latent_space.js").LatentSpace} space
   */
  addRow(name, { title, sentence }, space) {
    const path = linear([0], [0]); // until `update`
    this.rows.add({ run: name, pathName: "linear", name, title, definition: sentence, space, path }).addCurves();
  }

  /** Give every run its own line between the same images. @param {PathEnds} ends */
  update(ends) {
    for (const row of this.rows.rows) {
      row.film = { ...row.film, path: linear(...ends.latentsIn(row.film.space)) };
    }
    this.work.restart("scores", () => this.scoreAll(ends.heldOut));
  }

  /**
   * All runs at once, place by place, so that all curves grow together.
   * @param {import("../../run/held_out.js").HeldOut} heldOut
   */
  *scoreAll(heldOut) {
    const { classifier, classes, rows: { rows } } = this;
    const scoring = rows.map((row) => scorePath(row.film, heldOut, classifier));
    const scores = rows.map(() => /** @type {PathScore[]} */ ([]));
    for (let place = 0; place < SCORED_PLACES; place++) {
      for (const [i, one] of scoring.entries()) {
        const next = one.next();
        if (!next.done) scores[i].push(next.value);
        yield;
      }
      const farthest = Math.max(1e-6, ...scores.flat().map((one) => one.distance ?? 0)) * 1.05;
      rows.forEach((row, i) => row.drawCurves(scores[i], SCORED_PLACES, farthest));
    }
    rows.forEach((row, i) => {
      this.scores.set(row, scores[i]);
      row.note.textContent = verdict(scores[i], classes);
      row.element.dataset.scored = "true";
    });
    this.events.scored();
  }

  /** What is true of the films on show. @param {string[]} ends in words */
  sentence(ends) {
    const start = `The straight line from ${ends.join(" to ")} in every run`;
    const all = [...this.scores].filter(([row]) => this.rows.rows.includes(row));
    const found = all.flatMap(([row, scores]) => {
      const { confidence } = leastSure(scores);
      return confidence === null ? [] : [{ title: row.film.title, confidence }];
    }).sort((a, b) => a.confidence - b.confidence);
    const [least, most] = [found[0], found[found.length - 1]];
    if (found.length < 2) return `${start}: see where an image between the two is none of the data set's.`;
    const lowest = `${percent(least.confidence)} in ${least.title}`;
    return `${start}: at its least sure point the classifier gives ${lowest}, ${
      percent(most.confidence)
    } in ${most.title}.`;
  }

  /** What cannot be shown, and what stands in. @param {Payload} payload @param {PathEnds} ends */
  remark({ classifier, gallery, state, runs, classes }, ends) {
    const words = [];
    if (!classifier && classes.length < 2) words.push("No confidence without classes to tell apart.");
    else if (!classifier) {
      const { dataset } = state;
      const command = `python -m training classifier --dataset ${dataset} --out checkpoints/${dataset}/classifier`;
      words.push(`No confidence without a classifier: ${command}`);
    }
    if (!gallery) words.push("No distances without held-out images (gallery.safetensors).");
    if (ends.images.some((index, which) => index < 0 && !ends.derived(which))) {
      words.push("A point belongs to one run: its nearest image stands in for it.");
    }
    const count = Object.keys(runs).length;
    if (count > MOST_RUNS) words.push(`${MOST_RUNS} of ${count} runs are shown.`);
    return words.join(" ");
  }
}

/** The runs whose films are shown: the one that is open among them. @param {string[]} names @param {string} open */
function shownNames(names, open) {
  const shown = names.slice(0, MOST_RUNS);
  return shown.includes(open) ? shown : [...shown.slice(1), open];
}
