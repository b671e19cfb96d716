// What is said of the run: its title, what it optimises, its metrics, and who decodes.

import { inNats } from "../../dom/format.js";

/** @typedef {import("./explore.js").Payload} Payload */

export class RunFacts {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.title = pageFrame.part("title");
    this.sentence = pageFrame.part("sentence");
    this.metrics = pageFrame.parts("metric");
    this.server = pageFrame.part("server");
  }

  /** @param {Payload} payload */
  show({ runs, state, definitions }) {
    const { title, sentence, metrics } = runs[state.run];
    this.title.textContent = title;
    this.sentence.textContent = sentence;
    for (const cell of this.metrics) {
      const name = cell.dataset.figure ?? "";
      const value = metrics[name];
      cell.textContent = value === null || value === undefined ? "none" : inNats(value);
      const term = cell.previousElementSibling;
      cell.title = definitions[name] ?? "";
      if (term instanceof HTMLElement) term.title = cell.title;
    }
  }

  /**
   * Say that the server decodes, and what it then does not.
   * @param {string} why "" where the browser decodes itself @param {boolean} manifold is wanted
   */
  showServer(why, manifold) {
    this.server.hidden = !why;
    this.server.title = why;
    this.server.textContent = `decoded by the server${manifold ? ": no manifold" : ""}`;
  }
}
