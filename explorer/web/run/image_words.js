// A held-out image in words: its number, and its class where the data set has classes.

/**
 * "class 7"; empty where there is but one class, which tells nothing, and where the image has no label.
 * @param {number} label @param {string[]} classes
 */
export function classWords(label, classes) {
  return classes.length > 1 && label >= 0 && label < classes.length ? `class ${classes[label]}` : "";
}

/** "Image 12, class 7", or "Image 12". @param {number} index @param {number} label @param {string[]} classes */
export function imageWords(index, label, classes) {
  return [`Image ${index}`, classWords(label, classes)].filter(Boolean).join(", ");
}
