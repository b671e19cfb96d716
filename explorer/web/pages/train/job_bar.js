// The bar of the watched run: how it stands, beta, and the buttons that pause, step and stop it, or go on from it.

import { part } from "../../dom/parts.js";
import { betaMarkup, BetaSlider } from "./beta_slider.js";
import { isAtWork, shareDone, stateWords } from "./jobs.js";

/** @typedef {import("./jobs.js").Job} Job */
/**
 * @typedef {object} BarEvents
 * @property {(wanted: Record<string, unknown>) => void} control
 * @property {(what: "resume" | "delete") => void} tell
 * @property {() => void} explore
 * @property {(other: string) => void} compare
 * @property {() => void} another  a new run is wanted
 */

const BETA_MS = 100; // between two words on beta while it is dragged
const SPEEDS = [0, 10, 5, 2, 1]; // steps a second; 0: as fast as they go
const speeds = SPEEDS.map((speed) =>
  `<option value="${speed}">${speed ? `${speed} step${speed > 1 ? "s" : ""}/s` : "full speed"}</option>`
).join("");
const button = (/** @type {string} */ name, /** @type {string} */ text, more = "") =>
  `<button type="button" class="lx-button" data-part="${name}" data-testid="train-${name}" ${more}>${text}</button>`;

export const BAR_HTML = `
<div class="lx-job-bar" data-part="bar" data-testid="train-bar" hidden>
  <div class="lx-job-name"><b data-part="title"></b><span data-part="state" data-testid="train-state" role="status"
    ></span><progress max="1" data-part="progress" aria-label="Share of the training that is done"></progress></div>
  ${betaMarkup("train-beta", "β")}
  <div class="lx-controls" data-part="work">
    ${button("pause", "Pause")}${button("step", "Step", 'title="Pause, then one step of AEVB a press"')}
    <label class="lx-speed">Speed<select data-part="speed" data-testid="train-speed">${speeds}</select></label>
    ${button("stop", "Stop", 'title="Ends it; what is learned is kept, and Resume goes on"')}
  </div>
  <div class="lx-controls">
    ${button("resume", "Resume")}${button("delete", "Delete")}${button("explore", "Open in Explore")}
    <label class="lx-speed" data-part="comparing">Compare with<select data-part="compare" data-testid="train-compare"
      ></select></label>
    ${button("another", "New run")}
  </div>
</div>`;

export class JobBar {
  /** @param {HTMLElement} root @param {boolean} may whether the person may steer @param {BarEvents} events */
  constructor(root, may, events) {
    this.root = part(root, "bar");
    this.may = may;
    this.events = events;
    this.title = part(root, "title");
    this.state = part(root, "state");
    this.progress = part(root, "progress", HTMLProgressElement);
    this.speed = part(root, "speed", HTMLSelectElement);
    this.compare = part(root, "compare", HTMLSelectElement);
    this.buttons = Object.fromEntries(
      ["pause", "step", "stop", "resume", "delete", "explore", "another"].map(
        (name) => [name, part(root, name, HTMLButtonElement)],
      ),
    );
    this.beta = new BetaSlider(this.root, () => this.turn());
    /** ms, of the last word on beta */
    this.told = -Infinity;
    /** @type {ReturnType<typeof setTimeout> | 0} */
    this.timer = 0;
    /** @type {Job | null} */
    this.job = null;
    const { buttons } = this;
    buttons.pause.onclick = () => {
      const paused = this.job?.state === "paused";
      events.control(paused ? { do: "run", steps_per_second: Number(this.speed.value) } : { do: "pause" });
    };
    buttons.step.onclick = () => events.control({ do: "step" });
    buttons.stop.onclick = () => events.control({ do: "stop" });
    this.speed.onchange = () => events.control({ do: "run", steps_per_second: Number(this.speed.value) });
    buttons.resume.onclick = () => events.tell("resume");
    buttons.delete.onclick = () => events.tell("delete");
    buttons.explore.onclick = () => events.explore();
    buttons.another.onclick = () => events.another();
    this.compare.onchange = () => this.compare.value && events.compare(this.compare.value);
  }

  /** Tell of beta, at most ten times a second while it is dragged. */
  turn() {
    clearTimeout(this.timer);
    const wait = Math.max(this.told + BETA_MS - performance.now(), 0);
    this.timer = setTimeout(() => {
      this.told = performance.now();
      this.events.control({ beta: this.beta.beta });
    }, wait);
  }

  /** @param {Job | null} job @param {string[]} others  finished runs that it can be compared with */
  show(job, others) {
    const before = this.job;
    this.job = job;
    this.root.hidden = !job;
    if (!job) return;
    const steers = this.may && (job.state === "running" || job.state === "paused");
    this.title.textContent = job.id;
    this.state.textContent = stateWords(job);
    this.state.dataset.state = job.state;
    this.progress.value = shareDone(job);
    const isNew = before?.id !== job.id;
    // While it is turned here, the server's word on it is late.
    if (job.beta !== null && (isNew || performance.now() - this.told > 1500)) this.beta.set(job.beta);
    this.beta.input.disabled = !steers;
    part(this.root, "beta-box").hidden = !isAtWork(job);
    const { buttons } = this;
    buttons.pause.textContent = job.state === "paused" ? "Go on" : "Pause";
    part(this.root, "work").hidden = !this.may || !isAtWork(job);
    for (const name of ["pause", "step"]) buttons[name].disabled = !steers;
    this.speed.disabled = !steers;
    if (isNew) this.speed.value = "0";
    buttons.resume.hidden = !this.may || !job.resumable;
    buttons.delete.hidden = !this.may || !job.deletable;
    buttons.explore.hidden = !job.opens;
    buttons.another.hidden = !this.may;
    part(this.root, "comparing").hidden = !job.opens || !others.length;
    if (this.compare.dataset.others !== others.join(" ")) {
      this.compare.dataset.others = others.join(" ");
      this.compare.replaceChildren(new Option("…", ""), ...others.map((name) => new Option(name, name)));
    }
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
