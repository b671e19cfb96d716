// An end of a path in words.

/**
 * A held-out image, spoken of by its class where the data set has classes and it has one: "a 6", else "image 12".
 * @param {number} index @param {number} label @param {string[]} names of the classes
 */
export function endWords(index, label, names) {
  const name = names.length > 1 ? names[label] : undefined;
  if (name === undefined) return `image ${index}`;
  return `${/^(8|11|18|[aefhilmnorsx]$|[aeiou]\w)/i.test(name) ? "an" : "a"} ${name}`;
}
