// The sentences of the Compare page, chosen by what the runs share and by what they are.

/**
 * A run; prior: its p(z) in words.
 * @typedef {{dim: number, deterministic: boolean, decodes: boolean, prior?: string}} Shown
 */
/** @typedef {import("../../run/image_words.js").Kind} Kind */
/**
 * The two curves of a run's densities, each with its definition.
 * @typedef {{posterior: [string, string], prior: [string, string] | null}} Curves  prior: null where there is none
 */

const PLANE = "above two dimensions, the plane is that of the first two principal components, and the point there is " +
  "not z but mean + W (x, y)";

/** @typedef {"image" | "z" | "draw"} Link  what the runs share */

const DRAWN = "What you draw, encoded by every run while the pen moves, over what comes back (Eq. 30).";

/**
 * What the page shows.
 * @param {Link} link @param {Shown[]} runs
 * @param {Kind} [kind] what the rows of their latents are
 */
export function sharedSentence(link, runs, kind = "image") {
  if (link === "draw") return DRAWN;
  const decoding = runs.filter(({ decodes }) => decodes);
  const alone = decoding.length < runs.length;
  const deep = runs.some(({ dim }) => dim > 2);
  if (!decoding.length) {
    if (link === "image") return `One ${kind} in every latent space, by its number: latents alone, without a decoder.`;
    return `One ${deep ? "point of every plane" : "z in every latent space"}, and the ${kind} nearest to it${
      deep ? `: ${PLANE}` : ""
    }.`;
  }
  if (link === "image") {
    const drawn = decoding.filter(({ deterministic }) => !deterministic).length;
    const q = drawn ? `q(z|x) at 1 and 2 σ${drawn < decoding.length ? " or a code" : ""}` : "a code without noise";
    const others = alone ? "; latents alone have its point, by its number" : "";
    return `One image in every latent space: ${q}, over its reconstruction (Eq. 30)${others}.`;
  }
  const others = alone ? ", and latents alone have near it" : "";
  if (!deep) return `One z in every latent space, over what each run decodes it to (Eq. 30)${others}.`;
  return `One point of every plane, over what each run decodes it to${others}; ${PLANE}.`;
}

/** What the handle of a plane stands on. @param {Link} link @param {Kind} kind */
export function handleWords(link, kind) {
  if (link === "draw") return "where the drawing lies";
  return link === "z"
    ? "latent position z; arrow keys move it, Shift moves it further"
    : `the selected ${kind}; arrow keys go to the next ${kind} that way, Shift further`;
}

/**
 * What the curves of a run's densities are.
 * @param {Omit<Shown, "dim">} run @param {Kind} kind @returns {Curves}
 */
export function curveWords({ deterministic, decodes, prior = "N(0, I)" }, kind) {
  if (!decodes) return { posterior: [`${kind}s`, `Density of the latents of all ${kind}s`], prior: null };
  if (deterministic) {
    return {
      posterior: ["codes", "Density of the codes of the held-out images"],
      prior: ["N(0, I)", "No prior of this run, whose code has no noise: drawn to compare"],
    };
  }
  return {
    posterior: ["q(z)", "Aggregate posterior: the mean of q(z|x) over the held-out images"],
    prior: ["p(z)", `Prior${prior.startsWith("N") ? "" : ":"} ${prior}`],
  };
}
