// What is said of the run: its title, what it optimises, and who decodes.

import { explained } from "../../dom/explained.js";

/** @typedef {import("./explore.js").Payload} Payload */

export class RunFacts {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.title = pageFrame.part("title");
    this.sentence = pageFrame.part("sentence");
    this.server = pageFrame.part("server");
  }

  /** @param {Payload} payload */
  show({ runs, state }) {
    const { title, sentence } = runs[state.run];
    this.title.textContent = title;
    explained(this.sentence, sentence);
  }

  /**
   * Say that the server decodes, and what it then does not.
   * @param {string} why "" where the browser decodes itself @param {boolean} manifold is wanted
   */
  showServer(why, manifold) {
    this.server.hidden = !why;
    this.server.dataset.words = why;
    this.server.textContent = `decoded by the server${manifold ? ": no manifold" : ""}`;
  }
}
