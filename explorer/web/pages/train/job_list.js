// The list of jobs, each with its state and progress; a press on one watches it.

import { isAtWork, shareDone, stateWords } from "./jobs.js";

/** @typedef {import("./jobs.js").Job} Job */
/**
 * @typedef {object} ListEvents
 * @property {(job: Job) => void} watch
 * @property {(what: "resume" | "delete" | "stop", job: Job) => void} tell
 */

export class JobList {
  /** @param {HTMLElement} root @param {boolean} may @param {ListEvents} events */
  constructor(root, may, events) {
    this.root = root;
    this.may = may;
    this.events = events;
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
  }

  /** @param {Job[]} jobs @param {string} watched */
  show(jobs, watched) {
    const ids = new Set(jobs.map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (ids.has(id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    jobs.forEach((job, place) => {
      const row = this.rows.get(job.id) ?? this.makeRow(job.id);
      if (this.root.children[place] !== row) this.root.insertBefore(row, this.root.children[place] ?? null);
      this.fill(row, job, job.id === watched);
    });
  }

  /** @param {string} id */
  makeRow(id) {
    const row = document.createElement("li");
    row.dataset.testid = "train-job";
    row.dataset.job = id;
    const watch = Object.assign(document.createElement("button"), { type: "button", className: "lx-link" });
    watch.textContent = id;
    const state = document.createElement("span");
    const progress = Object.assign(document.createElement("progress"), { max: 1 });
    progress.setAttribute("aria-label", `Share of ${id} that is done`);
    const buttons = Object.assign(document.createElement("span"), { className: "lx-job-buttons" });
    row.append(watch, progress, state, buttons);
    this.rows.set(id, row);
    return row;
  }

  /** @param {HTMLElement} row @param {Job} job @param {boolean} watched */
  fill(row, job, watched) {
    const [
      watch,
      progress,
      state,
      buttons,
    ] = /** @type {[HTMLButtonElement, HTMLProgressElement, HTMLElement, HTMLElement]} */
      ([...row.children]);
    row.toggleAttribute("aria-current", watched);
    row.dataset.state = job.state;
    watch.onclick = () => this.events.watch(job);
    progress.value = shareDone(job);
    state.textContent = stateWords(job);
    if (!this.may) return;
    const wanted = [
      ...(isAtWork(job) ? ["stop"] : []),
      ...(job.resumable ? ["resume"] : []),
      ...(job.deletable ? ["delete"] : []),
    ];
    if (buttons.dataset.wanted !== wanted.join()) {
      buttons.dataset.wanted = wanted.join();
      buttons.replaceChildren(...wanted.map((what) => {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "lx-button" });
        button.textContent = `${what[0].toUpperCase()}${what.slice(1)}`;
        button.setAttribute("aria-label", `${button.textContent} ${job.id}`);
        button.dataset.testid = `train-job-${what}`;
        return button;
      }));
    }
    [...buttons.children].forEach((button, k) => {
      /** @type {HTMLElement} */ (button).onclick = () => this.events.tell(/** @type {any} */ (wanted[k]), job);
    });
  }
}
