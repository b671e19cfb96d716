// The odd ones among a run's images: unlike their neighbours in latent space, or worst by a term of the loss.

/** @typedef {import("./latent_space.js").LatentSpace} LatentSpace */
/** @typedef {{images: number[], words: string}} Found  `words` say what they are, or why there are none */

export const NEIGHBOURS = 10;
export const WORST = 20;
const MOST = 20_000; // images whose neighbours are looked for one by one

/** Whether neighbours of so many images are found while one waits. @param {LatentSpace} space */
export function comparable(space) {
  return space.count > NEIGHBOURS && (space.count <= MOST || (space.grid !== null && space.dim === 2));
}

/**
 * Of some images those whose class most of their nearest neighbours do not share, in all latent dimensions.
 * @param {LatentSpace} space @param {ArrayLike<number>} among @returns {Found}
 */
export function unlikeNeighbours(space, among) {
  const images = Array.from(among).filter((index) => unlikeness(space, index) > 0.5);
  const nearest = `${NEIGHBOURS} nearest neighbours`;
  const none = `None is of another class than most of its ${nearest}.`;
  return { images, words: images.length ? `Of another class than most of their ${nearest}.` : none };
}

/**
 * Some images in the order of their unlikeness, the most unlike first; those that are as unlike stay in their order.
 * @param {LatentSpace} space @param {ArrayLike<number>} among
 */
export function mostUnlikeFirst(space, among) {
  const unlike = new Map(Array.from(among, (index) => [index, unlikeness(space, index)]));
  return Array.from(among).sort((a, b) => Number(unlike.get(b)) - Number(unlike.get(a)));
}

/**
 * Share of an image's nearest neighbours, in all latent dimensions, that are of another class; 0 without a label.
 * @param {LatentSpace} space @param {number} index
 */
function unlikeness(space, index) {
  const { label } = space;
  if (label[index] < 0) return 0;
  const near = space.nearestCodes(space.code(index), NEIGHBOURS, (other) => other !== index && label[other] >= 0);
  return near.filter((other) => label[other.index] !== label[index]).length / Math.max(near.length, 1);
}

/**
 * Of some images the worst by a term, as many as are worse than all the others.
 * @param {LatentSpace} space @param {"reconstruction" | "kl"} term @param {ArrayLike<number>} among @returns {Found}
 */
export function worstBy(space, term, among) {
  const values = space.value(term);
  const name = term === "kl" ? "KL" : "reconstruction term";
  if (!values) return { images: [], words: `This run has no ${name}.` };
  const order = Array.from(among).sort((a, b) => values[b] - values[a] || a - b);
  const next = order[WORST];
  const images = order.slice(0, WORST).filter((index) => next === undefined || values[index] > values[next]);
  if (!images.length) return { images, words: `None stands out: too many share the highest ${name}.` };
  return { images, words: `The ${images.length} with the highest ${name}.` };
}

/** Of some images how many there are of each class. @param {LatentSpace} space @param {ArrayLike<number>} among */
export function countsByClass(space, among) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const index of Array.from(among)) counts.set(space.label[index], (counts.get(space.label[index]) ?? 0) + 1);
  return counts;
}
