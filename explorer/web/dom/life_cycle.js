// What every page does alike: it loads what its payload names, shows it, and follows switches and theme.

import { Latest } from "./latest.js";
import { nowShown } from "./shown.js";

/** @typedef {import("./page_frame.js").PageFrame} PageFrame */
/**
 * What a page does at each turn of its life. `show` and `restyle` find the present payload in `life.payload`.
 * @template P the page's payload @template L what it loads
 * @typedef {object} Turns
 * @property {(payload: P) => string} wants  names what must be loaded; another name is another load
 * @property {(payload: P) => Promise<L>} load
 * @property {(loaded: L) => unknown} show  what was loaded
 * @property {(before: P) => unknown} restyle  what is shown already, after another theme or switch
 * @property {string} [failure]  what an error means to the person, if not that the run cannot be shown
 */

/** @param {any} payload @returns {Record<string, unknown>} */
const stateOf = (payload) => payload.state ?? {};

/** @template P, L */
export class LifeCycle {
  /** @param {PageFrame} pageFrame @param {P} payload @param {Turns<P, L>} turns */
  constructor(pageFrame, payload, turns) {
    this.pageFrame = pageFrame;
    this.payload = payload;
    this.turns = turns;
    this.latest = new Latest();
    /** what is shown, or about to be @type {string | null} */
    this.wanted = null;
    this.loading = false;
  }

  /** Show the payload given at first. */
  begin() {
    return this.adopt(this.payload);
  }

  /** Take a new payload, or the same one under another theme. @param {P} payload */
  async update(payload) {
    const before = this.payload;
    this.payload = payload;
    const { dataset, run, runs } = stateOf(payload);
    nowShown(this.pageFrame, { dataset, run, runs });
    this.pageFrame.fitHeight();
    if (this.turns.wants(payload) !== this.wanted) await this.load();
    else if (!this.loading) await this.tried(() => this.turns.restyle(before));
    // What is under way will be shown with the new payload.
  }

  /** Show a payload as if the page began with it. @param {P} payload */
  adopt(payload) {
    this.payload = payload;
    nowShown(this.pageFrame, stateOf(payload));
    return this.load();
  }

  async load() {
    const { turns, pageFrame, latest } = this;
    this.wanted = turns.wants(this.payload);
    this.loading = true;
    await this.tried(async () => {
      const loaded = await latest.of(turns.load(this.payload));
      const shown = this.payload;
      await latest.of(Promise.resolve(turns.show(loaded)));
      this.loading = false;
      pageFrame.recovered();
      pageFrame.ready();
      if (this.payload !== shown) await turns.restyle(shown);
    });
  }

  /** @param {() => unknown} turn */
  async tried(turn) {
    try {
      await turn();
    } catch (error) {
      this.loading = false;
      this.wanted = null; // so that the next update tries again
      this.pageFrame.fail(error, this.turns.failure ?? "This run cannot be shown");
    }
  }

  destroy() {
    this.latest.cancel();
    this.pageFrame.destroy();
  }
}
