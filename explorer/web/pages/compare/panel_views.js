// The zoom of each plane of Compare, as the address has it: a text for each plane of which not all is seen.

/** @typedef {import("./run_panel.js").RunPanel} RunPanel */

export class PanelViews {
  /** @param {() => RunPanel[]} panels */
  constructor(panels) {
    this.panels = panels;
    /** from the address, until they are shown @type {Map<string, number[]> | null} */
    this.asked = null;
  }

  /** @param {string[]} views  each "run:x from x to y from y to" */
  begin(views) {
    this.asked = new Map(views.map((text) => {
      const end = text.lastIndexOf(":");
      return [text.slice(0, end), text.slice(end + 1).split(" ").map(Number)];
    }));
  }

  /**
   * The part of a run's plane to be seen, null for all of it, or undefined where it is to stay as it is.
   * @param {string} run
   */
  of(run) {
    return this.asked ? this.asked.get(run) ?? null : undefined;
  }

  /** What was asked for is shown: from now on the planes themselves say what is seen. */
  shown() {
    this.asked = null;
  }

  /** @returns {string[]} */
  get values() {
    return this.panels().flatMap(({ run, viewBox }) => {
      const box = viewBox?.values;
      return box ? [`${run}:${box.join(" ")}`] : [];
    });
  }
}
