// Compare's link to how a reconstruction comes about, which asks why where it is of another class than its image.

import { loadClassifier } from "../../run/loading.js";

const SURE = 0.5; // of the classifier, to say what a reconstruction has become
const USUAL = "Step by step";

export class WhyLink {
  /** @param {import("./compare.js").Compare} compare */
  constructor(compare) {
    this.compare = compare;
    this.link = /** @type {HTMLElement} */ (compare.pageFrame.root.querySelector("[data-testid=along-reconstruct]"));
  }

  /** Say what has become of the image, once it is at rest. */
  async show() {
    const { compare, link } = this;
    const { image, payload: { classifier: url, classes, class_numbers } } = compare;
    const classifier = Object.values(class_numbers).some(Boolean) ? null : await loadClassifier(url).catch(() => null);
    const panel = compare.alongPanel;
    if (image !== compare.image || compare.link !== "image") return;
    const own = panel?.space?.label[image] ?? -1;
    const best = classifier && panel?.space?.decodes && own >= 0 && !panel.space.decoder.server
      ? classifier.best(panel.space.reconstruct(image))
      : null;
    const changed = best && best.confidence >= SURE && best.label !== own;
    link.textContent = changed ? `Why does this ${classes[own]} become ${withArticle(classes[best.label])}?` : USUAL;
  }
}

/** @param {string} name of a class */
export function withArticle(name) {
  return `${/^([aeiou]|8)/i.test(name) ? "an" : "a"} ${name}`;
}
