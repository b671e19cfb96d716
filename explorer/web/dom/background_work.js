// Work in small slices between frames, so that a drag never waits for it.

const SLICE_MS = 7;
const QUIET_SLICE_MS = 4; // while something is dragged or played
const QUIET_MS = 120;

export class BackgroundWork {
  /** @param {string[]} order names of the jobs, the most urgent first */
  constructor(order) {
    this.order = order;
    /** @type {Map<string, Generator<void, void>>} */
    this.running = new Map();
    /** @type {Map<string, () => Generator<void, void>>} */
    this.waiting = new Map();
    this.quietUntil = 0;
    this.quietSlice = QUIET_SLICE_MS;
    this.frame = 0;
    /** @type {ReturnType<typeof setTimeout> | 0} */
    this.timer = 0;
  }

  /**
   * Start a job; one of its name that runs is dropped.
   * @param {string} name @param {() => Generator<void, void>} job
   */
  restart(name, job) {
    this.waiting.delete(name);
    this.running.set(name, job());
    this.schedule();
  }

  /**
   * Start a job when the running one of its name has ended; of those that wait, the latest is taken.
   * @param {string} name @param {() => Generator<void, void>} job
   */
  follow(name, job) {
    if (this.running.has(name)) this.waiting.set(name, job);
    else this.restart(name, job);
  }

  /** End a job, and forget the one that waits for it. @param {string} name */
  drop(name) {
    this.running.delete(name);
    this.waiting.delete(name);
  }

  /**
   * Take less of the next frames, because the person is dragging or playing something.
   * @param {number} slice milliseconds of each frame that the jobs still take
   */
  slowDown(slice = QUIET_SLICE_MS) {
    this.quietUntil = performance.now() + QUIET_MS;
    this.quietSlice = slice;
  }

  schedule() {
    if (this.frame || this.timer) return;
    // At rest one slice follows another, with room for events and frames between them.
    if (performance.now() < this.quietUntil) this.frame = requestAnimationFrame(() => this.slice());
    else this.timer = setTimeout(() => this.slice());
  }

  slice() {
    this.frame = this.timer = 0;
    const start = performance.now();
    const until = start + (start < this.quietUntil ? this.quietSlice : SLICE_MS);
    for (const name of this.order) {
      for (let job = this.running.get(name); job && performance.now() < until; job = this.running.get(name)) {
        if (!job.next().done) continue;
        const next = this.waiting.get(name);
        if (this.running.get(name) === job) this.drop(name);
        if (next) this.running.set(name, next());
      }
    }
    if (this.running.size) this.schedule();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.running.clear();
    this.waiting.clear();
  }
}
