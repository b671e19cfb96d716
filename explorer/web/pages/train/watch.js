// Asks again and again while the page is seen, and not otherwise: the list of jobs, and what the watched one publishes.

import { isAtWork } from "./jobs.js";
import * as server from "./server.js";

/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("./server.js").Arrays} Arrays */
/**
 * @typedef {object} News
 * @property {(jobs: Job[]) => void} jobs
 * @property {(job: string, start: Arrays) => unknown} start  what does not change of a run
 * @property {(frame: Arrays) => void} frame
 * @property {(curve: import("./server.js").CurveNews) => void} curve
 * @property {(step: Arrays) => void} step
 * @property {(error: unknown) => void} failed  the server does not answer, or not as it should
 * @property {() => void} answered
 * @property {() => boolean} inHand  whether a person is dragging
 */

const LIST_MS = 600;
const QUIET_MS = 1500; // the same where nothing is at work
const FRAME_MS = 120;
const IN_HAND_MS = 480; // between frames while the hand wants every frame of the screen
const STEP_MS = 30; // while steps are made
const AWAITED_MS = 200; // that a step is waited for at the server, which sees it sooner than one who asks again
const STILL_MS = 250; // while none has been made for a moment
const MOMENT_MS = 3000;
const SILENT_MS = 2000; // between two tries when the server does not answer

export class Watch {
  /** @param {News} news */
  constructor(news) {
    this.news = news;
    this.job = "";
    this.frame = -1;
    this.step = -1;
    this.next = 0; // byte of the curve
    this.started = false;
    /** whether steps are looked for */
    this.stepping = false;
    this.listed = -Infinity; // ms
    /** between two looks at the list */
    this.pause = LIST_MS;
    this.abort = new AbortController();
    /** of the watched job, which another one ends */
    this.turn = new AbortController();
    this.livelyUntil = 0; // ms
    /** a frame and the curve up to it, on their way @type {Promise<void> | null} */
    this.framing = null;
    /** why they did not come @type {unknown} */
    this.broken = null;
    /** number of the newest frame that the list tells of */
    this.told = -1;
    /** wakes the loop @type {() => void} */
    this.wake = () => {};
  }

  /** Watch a job; "" for none. @param {string} job */
  follow(job) {
    this.turn.abort();
    this.turn = new AbortController();
    Object.assign(this, { job, frame: -1, step: -1, next: 0, started: false });
    this.hurry();
  }

  /** Look at once. */
  hurry() {
    this.listed = -Infinity;
    this.livelyUntil = performance.now() + MOMENT_MS;
    this.wake();
  }

  /** Ask until the page is left. */
  async run() {
    const { signal } = this.abort;
    document.addEventListener("visibilitychange", () => this.wake(), { signal });
    while (!signal.aborted) {
      const { turn } = this;
      const frames = this.news.inHand() ? IN_HAND_MS : FRAME_MS;
      let pause = this.job && this.pause === LIST_MS ? frames : this.pause;
      if (this.stepping) pause = this.isStill ? STILL_MS : STEP_MS;
      if (document.visibilityState === "hidden") pause = 1e9;
      else {
        try {
          await this.look(turn.signal);
          if (!signal.aborted) this.news.answered();
        } catch (error) {
          if (signal.aborted) return;
          if (!turn.signal.aborted) {
            this.news.failed(error);
            pause = SILENT_MS;
          }
        }
      }
      if (this.turn === turn && !signal.aborted) await this.sleep(pause);
    }
  }

  /** @param {number} ms */
  sleep(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1));
      function done() {
        clearTimeout(timer);
        resolve(undefined);
      }
      this.wake = done;
    });
  }

  /** Steps are made singly, and none has been for a moment: the list says when there is more. */
  get isStill() {
    return this.stepping && performance.now() >= this.livelyUntil;
  }

  /** @param {AbortSignal} signal */
  async look(signal) {
    const { job, news } = this;
    if (this.isStill || performance.now() - this.listed >= this.pause) await this.list(signal);
    if (!job || signal.aborted || job !== this.job) return;
    if (!this.started) {
      const start = await server.arrays("start", job, -1, signal);
      if (!start || signal.aborted) return;
      await news.start(job, start);
      this.started = true;
    }
    if (this.isStill && this.told <= this.frame && this.next) return;
    this.framing ??= this.frameAndCurve(job, signal);
    if (this.stepping) await this.oneStep(job, signal); // which waits for no frame
    else await this.framing;
    const { broken } = this;
    this.broken = null;
    if (broken) throw broken;
  }

  /** @param {string} job @param {AbortSignal} signal */
  async oneStep(job, signal) {
    const step = await server.arrays("step", job, this.step, signal, AWAITED_MS);
    if (!step || signal.aborted) return;
    this.step = step.number;
    this.livelyUntil = performance.now() + MOMENT_MS;
    this.news.step(step);
  }

  /** Ends always; what failed is `broken`. @param {string} job @param {AbortSignal} signal */
  async frameAndCurve(job, signal) {
    try {
      await this.lookForFrame(job, signal);
    } catch (error) {
      if (!signal.aborted) this.broken = error;
    } finally {
      this.framing = null;
    }
  }

  /** The newest frame, and the curve up to it. @param {string} job @param {AbortSignal} signal */
  async lookForFrame(job, signal) {
    const frame = await server.arrays("frame", job, this.frame, signal);
    if (signal.aborted) return;
    if (frame) {
      this.frame = frame.number;
      this.news.frame(frame);
    }
    if (!frame && this.next) return;
    const curve = await server.curve(job, this.next, signal);
    if (signal.aborted) return;
    this.next = curve.next;
    this.news.curve(curve);
  }

  /** @param {AbortSignal} signal */
  async list(signal) {
    const jobs = await server.jobs(signal);
    if (signal.aborted) return;
    this.listed = performance.now();
    this.pause = jobs.some((job) => isAtWork(job) || job.state === "waiting") ? LIST_MS : QUIET_MS;
    this.told = jobs.find(({ id }) => id === this.job)?.frame ?? -1;
    this.news.jobs(jobs);
  }

  destroy() {
    this.abort.abort();
    this.turn.abort();
    this.wake();
  }
}
