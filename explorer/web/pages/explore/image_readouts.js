// What Explore shows of images: the one under the pointer, the selected one, several of them, and the loss of one.

import { imageLinks } from "../../dom/along.js";
import { significant } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";
import { columnName, columnWords } from "../../run/columns.js";
import { imageWords } from "../../run/image_words.js";
import { Lens } from "../../plane/lens.js";
import { LossSum } from "./loss_sum.js";
import { PulledKl } from "../../plane/pulled_kl.js";
import { SelectedReadout } from "./selected_readout.js";
import { SelectionBar } from "./selection_bar.js";
import { Tooltip } from "./tooltip.js";

/** @typedef {import("./explore.js").Explore} Explore */

export class ImageReadouts {
  /** @param {Explore} explore @param {import("./selection_bar.js").SelectionBarEvents} events */
  constructor(explore, events) {
    const { pageFrame } = explore;
    this.explore = explore;
    const shown = () => {
      const { payload: { state: { dataset, run } }, image } = explore;
      return { dataset, run, image };
    };
    this.selected = new SelectedReadout(pageFrame, () => explore.drawZ(), imageLinks(shown, ["explore"]));
    this.loss = new LossSum(pageFrame);
    this.pulled = new PulledKl(pageFrame.part("loss"), this.selected.reconstruction, {
      begin: () => this.beginPull(),
      show: (terms, name) => this.showPulled(terms, name),
      end: () => {
        this.loss.forget();
        explore.redraw();
      },
    });
    this.tooltip = new Tooltip(pageFrame);
    this.bar = new SelectionBar(pageFrame, events);
    /** @type {Lens | null} */
    this.lens = null;
  }

  /** Magnify the posterior of the selected image, of none the one that is nearest to the handle. */
  showLens() {
    const { plane, image, bar, decoded: { nearest }, kind } = this.explore;
    if (!plane) return;
    this.lens ??= new Lens(plane);
    this.lens.on = bar.lens && !plane.travelling;
    const index = image >= 0 ? image : nearest;
    this.lens.show(index, `${kind} ${index}`);
  }

  /** @param {number} index -1 for none @param {import("../../maths/types.js").Pair} pixel */
  hover(index, pixel) {
    const { space, heldOut } = this.explore;
    if (index < 0 || !space || !heldOut) this.tooltip.hide();
    else this.tooltip.show(space, heldOut, this.words(index), index, pixel);
  }

  /** An image, its class, and its value of the column that points are coloured by. @param {number} index */
  words(index) {
    const { space, appearance, kind, payload: { classes } } = this.explore;
    if (!space || index < 0) return "";
    const column = space.columns.get(columnName(appearance.colorBy));
    const value = column ? columnWords(column, index, significant) : "";
    return [imageWords(index, space.label[index], classes, kind), value].filter(Boolean).join(", ");
  }

  /** What is selected. */
  show() {
    const { space, view, heldOut, image } = this.explore;
    if (!space || !heldOut) return;
    this.tooltip.forget();
    this.pulled.follow(space, heldOut);
    this.explore.trays.show();
    this.showBar();
    this.selected.show(view ?? space, heldOut, this.words(image), image);
    this.showLoss();
  }

  /** Pull the q of the selected image; of none, the nearest one is selected. */
  beginPull() {
    const { explore } = this;
    if (explore.image < 0) explore.release([0, 0], explore.decoded.nearest);
    const { space, heldOut, plane, image } = explore;
    return space && heldOut && image >= 0 ? { space, heldOut, plane, image } : null;
  }

  /** @param {import("../../run/scaled_posterior.js").ScaledTerms} terms @param {string} name of what they are of */
  showPulled({ reconstruction, kl, image }, name) {
    const { decoded, space, view } = this.explore;
    this.loss.showTerms(reconstruction, kl, name);
    if (space && view && this.explore.isOnImage(view)) drawImage(decoded.image, image, space.decoder.imageShape);
  }

  /** As many neighbours as there is room for. */
  showBar() {
    const { space, heldOut, image, selection, payload: { classes } } = this.explore;
    if (space && heldOut) this.bar.show(space, heldOut, classes, image, selection);
  }

  /** The loss of the selected image, of none the one that is nearest to the handle. */
  showLoss() {
    const { space, image, decoded: { nearest } } = this.explore;
    if (space && image >= 0) this.loss.show(space, image, `Image ${image}`);
    else if (space && nearest >= 0) this.loss.show(space, nearest, "Nearest image");
  }
}
