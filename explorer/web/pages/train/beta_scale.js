// The slider of beta: reconstruction only at one end, KL only at the other, a logarithmic scale between them.

/** The KL term's weight; "inf": that term only. @typedef {number | "inf"} Beta */

export const [LOWEST, HIGHEST] = [0.02, 50];
const [FIRST, LAST] = [4, 96]; // places of these two on a slider from 0 to 100
/** Places that are marked, and what stands there. */
export const STOPS = [
  { place: 0, beta: /** @type {Beta} */ (0), text: "0" },
  ...[0.1, 1, 10].map((beta) => ({ place: placeOf(beta), beta: /** @type {Beta} */ (beta), text: String(beta) })),
  { place: 100, beta: /** @type {Beta} */ ("inf"), text: "∞" },
];

/** @param {number} place on the slider, 0 to 100 @returns {Beta} two significant digits */
export function betaAt(place) {
  if (place < FIRST / 2) return 0;
  if (place > (LAST + 100) / 2) return "inf";
  const share = Math.min(Math.max((place - FIRST) / (LAST - FIRST), 0), 1);
  return Number((LOWEST * (HIGHEST / LOWEST) ** share).toPrecision(2));
}

/** @param {Beta} beta */
export function placeOf(beta) {
  if (beta === "inf") return 100;
  if (beta <= 0) return 0;
  const share = Math.log(beta / LOWEST) / Math.log(HIGHEST / LOWEST);
  return FIRST + (LAST - FIRST) * Math.min(Math.max(share, 0), 1);
}

/** @param {Beta} beta */
export function betaText(beta) {
  return beta === "inf" ? "∞" : String(beta);
}

/** @param {Beta} beta what it makes of the loss */
export function betaWords(beta) {
  if (beta === "inf") return "KL only";
  if (beta === 0) return "reconstruction only";
  return beta === 1 ? "ELBO" : `reconstruction + ${beta} KL`;
}
