// A held-out image in words, or a point without one: its number, and its class where the data set has classes.

/** @typedef {"image" | "point"} Kind */

const NO_LABEL = "no label"; // the class of what has none (training/data/image_data.py)

/**
 * "class 7"; empty where there is but one class, which tells nothing, and where the image has no label.
 * @param {number} label @param {string[]} classes
 */
export function classWords(label, classes) {
  const name = classes.length > 1 ? classes[label] ?? NO_LABEL : NO_LABEL;
  return name === NO_LABEL ? "" : `class ${name}`;
}

/** What the rows of some latents are: images, if any can be seen. @param {boolean} seen @returns {Kind} */
export function kindOf(seen) {
  return seen ? "image" : "point";
}

/** "3 images", "1 point". @param {number} count @param {Kind} kind */
export function counted(count, kind) {
  return `${count.toLocaleString("en")} ${kind}${count === 1 ? "" : "s"}`;
}

/** "Image". @param {Kind} kind */
export function capital(kind) {
  return kind === "image" ? "Image" : "Point";
}

/**
 * "Image 12, class 7", or "Image 12".
 * @param {number} index @param {number} label @param {string[]} classes @param {Kind} [kind]
 */
export function imageWords(index, label, classes, kind = "image") {
  return [`${capital(kind)} ${index}`, classWords(label, classes)].filter(Boolean).join(", ");
}
