// The sentences of the Compare page, chosen by what the runs share and by what they are.

/** @typedef {{dim: number, deterministic: boolean}} Shown  a run */

/** What the page shows. @param {"image" | "z"} link what the runs share @param {Shown[]} runs */
export function sharedSentence(link, runs) {
  const drawn = runs.filter(({ deterministic }) => !deterministic).length;
  const deep = runs.filter(({ dim }) => dim > 2).length;
  if (link === "image") {
    const q = drawn === 0 ? "a code without noise" : `q(z|x) at 1 and 2 σ${drawn < runs.length ? " or a code" : ""}`;
    return `One image in every latent space: ${q}, over its reconstruction (Eq. 30).`;
  }
  if (!deep) return "One z in every latent space, over what each run decodes it to (Eq. 30).";
  return "One point of every plane, over what each run decodes it to; above two dimensions, the plane is that of the " +
    "first two principal components, and the point there is not z but mean + W (x, y).";
}
