// The sentences of the Traverse page, chosen by the run that is shown.

/**
 * What the page shows.
 * @param {number} dim @param {number} inactive how many dimensions are
 * @param {boolean} byKl whether the rows are ordered by it @param {boolean} followed whether the data has factors
 */
export function traverseSentence(dim, inactive, byKl, followed = false) {
  const factors = followed ? " Beside each, the factor of the data that it knows most of." : "";
  return `${rowsSentence(dim, inactive, byKl)}${factors}`;
}

/** @param {number} dim @param {number} inactive @param {boolean} byKl */
function rowsSentence(dim, inactive, byKl) {
  const hardly = "the encoder's mean hardly varies there";
  if (dim === 1) {
    const start = "The one latent dimension changes along the row";
    return inactive ? `${start}, greyed, for it is inactive: ${hardly}.` : `${start}; it is active.`;
  }
  const order = byKl ? "by the KL of the dimension" : "by the variance of the code (this run has no KL of a dimension)";
  const start = `One latent dimension changes in each row, the others stay: ${dim} rows ${order}`;
  if (!inactive) return `${start}, all of them active.`;
  return `${start}; ${inactive} ${inactive === 1 ? "is" : "are"} inactive, greyed: ${hardly}.`;
}
