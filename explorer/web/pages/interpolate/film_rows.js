// The films on show, one row each: all at the same t, with the same number of steps.

import { FilmRow } from "./film_row.js";

/** @typedef {import("./film_row.js").Film} Film */

export class FilmRows {
  /**
   * @param {HTMLElement} element
   * @param {import("../../dom/background_work.js").BackgroundWork} work does the job "steps"
   * @param {(t: number) => void} onChoose a step was
   */
  constructor(element, work, onChoose) {
    this.element = element;
    this.work = work;
    this.onChoose = onChoose;
    /** @type {FilmRow[]} */
    this.rows = [];
    /** steps, both ends among them */
    this.count = 9;
    this.t = 0;
  }

  get films() {
    return this.rows.map((row) => row.film);
  }

  /** Where the first film's path is at t, and in which run. @param {number} t */
  at(t) {
    const { run, path } = this.films[0];
    return { run, z: path(t) };
  }

  clear() {
    this.rows = [];
    this.element.replaceChildren();
  }

  /** @param {Film} film */
  add(film) {
    const row = new FilmRow(this.element, film, this.onChoose);
    row.setCount(this.count);
    this.rows.push(row);
    if (this.rows.length === 1) row.live.dataset.testid = "decoded-image";
    this.element.dataset.rows = String(this.rows.length);
    return row;
  }

  /** The live path. @param {number} t */
  showT(t) {
    this.t = t;
    for (const row of this.rows) row.show(t);
  }

  /** Show the films anew: the image at t at once, the steps when there is time. */
  redraw() {
    this.showT(this.t);
    this.work.follow("steps", () => this.drawSteps());
  }

  *drawSteps() {
    for (const row of this.rows) yield* row.draw();
  }
}
