// Under the plane: the selected image's neighbours in latent space and in pixels, or the images selected together.

import { vector } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";
import { nearestRows } from "../../maths/projection.js";
import { capital, counted, imageWords } from "../../run/image_words.js";
import { ODD_PICKER_HTML, OddPicker } from "./odd_picker.js";

/** @typedef {import("../../plane/selection.js").Selection} Selection */
/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {{group: HTMLElement, title: HTMLElement, row: HTMLElement}} Group  images in a row, under a title */
/**
 * @typedef {object} SelectionBarEvents
 * @property {(index: number) => void} select  an image is wanted
 * @property {() => void} selectShown  all images whose class is shown are
 * @property {import("./odd_picker.js").SelectAmong} selectAmong  some of the images shown are
 * @property {() => void} clear  no selection is
 */

const NO_GALLERY = "this data set ships no images";
const NO_PICTURES = "no pictures of these points are here";
const MOST = 8;
const THUMB = 48; // pixels that an image and its gap take
const CONTROLS = 304; // pixels that the controls beside them take
const HINT = "Click a point to see its neighbours; a box or a lasso, or “Select shown” after switching classes off " +
  "in the legend, selects several.";

export const SELECTION_BAR_HTML = `
<section class="lx-tray" data-part="selection-bar" aria-label="Selection">
  <div class="lx-tray-controls">
    <label><span data-part="kind">Image</span> <input type="number" min="0" step="1" data-part="image-index"
      data-testid="image-index"></label>
    <button type="button" class="lx-button" data-part="select-shown" data-testid="select-shown"
      title="Select all whose class the legend shows">Select shown</button>
    <button type="button" class="lx-button" data-part="clear-selection" data-testid="clear-selection"
      title="Select nothing (Escape)">Clear</button>${ODD_PICKER_HTML}
  </div>
  <p class="lx-note lx-tray-hint" data-part="selection-hint">${HINT}</p>
  <figure class="lx-thumbs" data-part="thumbs" data-testid="latent-neighbours"
  ><figcaption data-part="thumbs-title"></figcaption><div data-part="thumbs-row"></div></figure>
  <figure class="lx-thumbs" data-part="thumbs" data-testid="pixel-neighbours"
  ><figcaption data-part="thumbs-title"></figcaption><div data-part="thumbs-row"></div></figure>
</section>`;

export class SelectionBar {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {SelectionBarEvents} events */
  constructor(pageFrame, events) {
    this.events = events;
    this.root = pageFrame.part("selection-bar");
    this.input = pageFrame.part("image-index", HTMLInputElement);
    this.kind = pageFrame.part("kind");
    this.clear = pageFrame.part("clear-selection", HTMLButtonElement);
    this.hint = pageFrame.part("selection-hint");
    const [titles, rows] = [pageFrame.parts("thumbs-title"), pageFrame.parts("thumbs-row")];
    const [first, second] = pageFrame.parts("thumbs").map((group, i) => ({ group, title: titles[i], row: rows[i] }));
    this.first = first;
    this.second = second;
    this.input.onchange = () => {
      const index = Number(this.input.value);
      if (this.input.value !== "" && Number.isInteger(index) && index >= 0 && index <= Number(this.input.max)) {
        events.select(index);
      } else {
        this.input.value = this.shown >= 0 ? String(this.shown) : "";
        pageFrame.say(`No such ${this.kind.textContent?.toLowerCase()}: they run from 0 to ${this.input.max}`);
      }
    };
    pageFrame.part("select-shown").onclick = () => events.selectShown();
    this.clear.onclick = () => events.clear();
    this.shown = -1;
    this.odd = new OddPicker(pageFrame, events.selectAmong, (words) => this.tell(words));
  }

  /** What has been selected, or why nothing was. @param {string} words */
  tell(words) {
    const { title } = this.first;
    if (!this.hint.hidden) this.hint.textContent = words;
    else title.textContent = title.title = `${words} ${title.textContent}`;
  }

  /** How many images fit a group. */
  capacity() {
    const stacked = matchMedia("(max-width: 760px)").matches; // as in explore.css
    const width = stacked ? this.root.clientWidth : (this.root.clientWidth - CONTROLS) / 2;
    return Math.min(Math.max(Math.floor(width / THUMB), 2), MOST);
  }

  /**
   * @param {LatentSpace} space @param {HeldOut} heldOut @param {string[]} classes
   * @param {number} image the selected one, -1 for none @param {Selection} selection
   */
  show(space, heldOut, classes, image, selection) {
    const kind = heldOut.kind(space);
    this.odd.show(space, classes);
    this.shown = image;
    this.kind.textContent = capital(kind);
    this.input.title = `Select ${
      space.decodes ? "a held-out image" : kind === "image" ? "an image" : "a point"
    } by its number`;
    this.input.max = String(space.count - 1);
    this.input.value = image >= 0 ? String(image) : "";
    this.clear.disabled = image < 0 && !selection.size;
    this.clear.textContent = selection.size ? `Clear ${selection.size.toLocaleString("en")}` : "Clear";
    this.hint.textContent = HINT;
    this.hint.hidden = image >= 0 || selection.size > 0;
    this.first.group.hidden = this.second.group.hidden = !this.hint.hidden;
    if (!this.hint.hidden) return;
    /** @type {(group: Group, title: string, indices: number[]) => void} */
    const fill = (group, title, indices) => this.fill(group, title, indices, space, heldOut, classes);
    if (image >= 0) this.showNeighbours(space, heldOut, image, fill);
    else this.showSelection(space, kind, classes, selection, fill);
  }

  /**
   * @param {LatentSpace} space @param {HeldOut} heldOut @param {number} image
   * @param {(group: Group, title: string, indices: number[]) => void} fill
   */
  showNeighbours(space, heldOut, image, fill) {
    const count = this.capacity();
    const others = (/** @type {number} */ index) => index !== image;
    const near = space.nearestCodes(space.code(image), count, others).map(({ index }) => index);
    fill(this.first, `Nearest in latent space${space.dim > 2 ? `, all ${space.dim} dimensions` : ""}`, near);
    const { gallery, pixels } = heldOut;
    if (!gallery) fill(this.second, `Nearest in pixels: none, ${space.decodes ? NO_GALLERY : NO_PICTURES}`, []);
    else {fill(
        this.second,
        "Nearest in pixels (L2)",
        nearestRows(gallery, pixels, heldOut.image(image), count, others).rows,
      );}
  }

  /**
   * @param {LatentSpace} space @param {import("../../run/image_words.js").Kind} kind @param {string[]} classes
   * @param {Selection} selection @param {(group: Group, title: string, indices: number[]) => void} fill
   */
  showSelection(space, kind, classes, selection, fill) {
    const size = counted(selection.size, kind);
    const kept = selection.fitsAddress ? "" : " (too many for the address)";
    const title = [size + kept, selection.words(space.label, classes)].filter(Boolean).join(": ");
    fill(this.first, title, selection.some(this.capacity()));
    const mean = space.meanCode(selection.indices);
    fill(this.second, `Their mean in latent space${space.decodes ? ", decoded" : `: ${vector(mean)}`}`, []);
    if (!space.decodes) return;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "Image decoded at the mean of the selected images' codes");
    drawImage(canvas, space.decoder.decode(mean), space.decoder.imageShape);
    this.second.row.append(canvas);
  }

  /**
   * @param {Group} group @param {string} title @param {number[]} indices of its images
   * @param {LatentSpace} space @param {HeldOut} heldOut @param {string[]} classes
   */
  fill({ title: caption, row }, title, indices, space, heldOut, classes) {
    caption.textContent = caption.title = title;
    const focused = row.contains(document.activeElement);
    row.replaceChildren(...indices.map((index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.index = String(index);
      button.title = imageWords(index, space.label[index], classes, heldOut.kind(space));
      button.setAttribute("aria-label", button.title);
      if (heldOut.gallery || space.decodes) {
        const canvas = document.createElement("canvas");
        heldOut.draw(canvas, space, index);
        button.append(canvas);
      } else button.textContent = String(index);
      button.onclick = () => this.events.select(index);
      return button;
    }));
    if (focused && row.firstElementChild instanceof HTMLElement) row.firstElementChild.focus();
  }
}
