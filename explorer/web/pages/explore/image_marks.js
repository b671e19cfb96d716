// Explore's images as marks of themselves: what each is drawn from, and what its class is called.

import { Marks, shortName } from "../../plane/marks.js";

export class ImageMarks extends Marks {
  /** @param {import("./explore.js").Explore} explore */
  constructor(explore) {
    super(explore.plane, {
      kind: () => {
        const { bar, space, heldOut, payload } = explore;
        bar.classes = payload.classes.length;
        const pictured = heldOut?.gallery || (space?.decodes && !space.decoder.server);
        return bar.markKind === "images" && !pictured ? "dots" : bar.markKind;
      },
      draw: (canvas, index) => {
        if (explore.space) explore.heldOut?.draw(canvas, explore.space, index);
      },
      name: (label) => shortName(explore.payload.classes[label] ?? "?", explore.payload.classes),
    });
    this.explore = explore;
    /** whose pictures there are @type {unknown} */
    this.of = null;
  }

  /** @override */
  place() {
    if (this.of !== this.explore?.heldOut) {
      this.of = this.explore?.heldOut;
      this.pictures.clear();
    }
    super.place();
  }
}
