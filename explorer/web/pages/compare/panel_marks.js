// What marks the images on Compare's planes, the same on all of them.

import { markKind } from "../../plane/mark_select.js";
import { shortName } from "../../plane/marks.js";

/** @typedef {import("../../plane/marks.js").MarkKind} MarkKind */

export class PanelMarks {
  /** @param {import("./compare.js").Compare} compare */
  constructor(compare) {
    this.compare = compare;
    this.select = compare.pageFrame.part("marks", HTMLSelectElement);
    /** @type {"auto" | MarkKind} */
    this.marks = "auto";
    this.select.onchange = () => {
      this.marks = /** @type {MarkKind} */ (this.select.value);
      compare.pageFrame.report({ marks: this.marks });
      this.show();
    };
  }

  get kind() {
    return markKind(this.marks, this.compare.payload.classes.length);
  }

  /** Draw those of all planes anew. */
  show() {
    this.select.value = this.kind;
    for (const panel of this.compare.panels) panel.marks?.forget();
  }

  /**
   * What marks the images of a run.
   * @param {import("./run_panel.js").RunPanel} panel @returns {import("../../plane/marks.js").Marked}
   */
  of(panel) {
    return {
      kind: () => {
        const { space, heldOut } = panel;
        const pictured = heldOut?.gallery || (space?.decodes && !space.decoder.server);
        return this.kind === "images" && !pictured ? "dots" : this.kind;
      },
      draw: (canvas, index) => {
        if (panel.space) panel.heldOut?.draw(canvas, panel.space, index);
      },
      name: (label) => {
        const { classes } = this.compare.payload;
        return shortName(classes[label] ?? "?", classes);
      },
    };
  }
}
