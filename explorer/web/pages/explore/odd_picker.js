// Under the plane: selects the images that are unlike their neighbours, the worst by a term, or all of a class.

import { comparable, countsByClass, unlikeNeighbours, WORST, worstBy } from "../../run/odd_images.js";

/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../run/odd_images.js").Found} Found */
/** @typedef {(pick: (among: ArrayLike<number>) => number[]) => void} SelectAmong  of the images shown, some */

export const ODD_PICKER_HTML = `
<select data-part="odd" data-testid="select-odd" aria-label="Select images by what they are"></select>`;

export class OddPicker {
  /**
   * @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {SelectAmong} selectAmong
   * @param {(words: string) => void} told  what they are, once they are selected
   */
  constructor(pageFrame, selectAmong, told) {
    this.choice = pageFrame.part("odd", HTMLSelectElement);
    this.told = told;
    this.selectAmong = selectAmong;
    /** @type {LatentSpace | null} */
    this.space = null;
    this.choice.onchange = () => this.choose(this.choice.value);
  }

  /** @param {LatentSpace} space @param {string[]} classes */
  show(space, classes) {
    if (space === this.space) return;
    this.space = space;
    const counts = countsByClass(space, Array.from({ length: space.count }, (_, index) => index));
    /** @type {[string, string][]} */
    const options = [["", "Select …"]];
    const labelled = classes.length > 1;
    if (labelled && comparable(space)) options.push(["neighbours", "unlike their neighbours"]);
    if (space.value("reconstruction")) options.push(["reconstruction", `worst ${WORST} by reconstruction`]);
    if (space.value("kl")) options.push(["kl", `worst ${WORST} by KL`]);
    if (labelled) {
      classes.forEach((name, label) => {
        const count = counts.get(label);
        if (count) options.push([`class:${label}`, `class ${name}: ${count.toLocaleString("en")}`]);
      });
    }
    this.choice.replaceChildren(...options.map(([value, words]) => new Option(words, value)));
    this.choice.hidden = options.length < 2;
  }

  /** @param {string} what */
  choose(what) {
    const { space } = this;
    this.choice.value = "";
    if (!space || !what) return;
    let words = "";
    this.selectAmong((among) => {
      const found = this.found(space, what, among);
      words = found.words;
      return found.images;
    });
    if (words) this.told(words);
  }

  /** @param {LatentSpace} space @param {string} what @param {ArrayLike<number>} among @returns {Found} */
  found(space, what, among) {
    if (what === "neighbours") return unlikeNeighbours(space, among);
    if (what === "reconstruction" || what === "kl") return worstBy(space, what, among);
    const label = Number(what.slice("class:".length));
    const images = Array.from(among).filter((index) => space.label[index] === label);
    return { images, words: images.length ? "" : "This class is switched off in the legend." };
  }
}
