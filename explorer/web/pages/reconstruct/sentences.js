// The sentences of the Reconstruct page, chosen by the runs that are shown.

import { significant } from "../../dom/format.js";
import { cumulative } from "../../maths/normal.js";

/**
 * A run; posterior: "deterministic", "diagonal" or "full"; conditional: it is given the image's class.
 * @typedef {{dim: number, posterior: string, conditional?: boolean}} Shown
 */

/** What the page shows. @param {Shown[]} runs @param {string} [given]  the class of the image at hand */
export function rebuildSentence(runs, given = "") {
  const who = runs.length > 1 ? "every run rebuilds" : "the run rebuilds";
  return `Each image, and what ${who} from the ${numbers(runs)} of its code${classWords(runs, given)}: ${wayTo(runs)}.`;
}

/** What conditional runs are told beside the code. @param {Shown[]} runs @param {string} given */
function classWords(runs, given) {
  const told = runs.filter(({ conditional }) => conditional).length;
  if (!told) return "";
  const what = `its class y${given && `, here ${given}`}`;
  return told === runs.length ? ` and ${what}` : `, conditional runs also from ${what}`;
}

/** @param {Shown[]} runs */
function numbers(runs) {
  const dims = [...new Set(runs.map(({ dim }) => dim))].sort((a, b) => a - b);
  if (String(dims) === "1") return "one number";
  return `${dims.length > 1 ? `${dims.slice(0, -1).join(", ")} or ${dims[dims.length - 1]}` : dims[0]} numbers`;
}

/** How z comes about. @param {Shown[]} runs */
function wayTo(runs) {
  const has = (/** @type {string} */ posterior) => runs.some((run) => run.posterior === posterior);
  const [code, diagonal, full] = ["deterministic", "diagonal", "full"].map(has);
  if (!diagonal && !full) return "z = μ, without noise";
  const drawn = full && diagonal
    ? "z = μ + σ ⊙ ε (Eq. 26), or μ + L ε (Eq. 22) where the covariance is full"
    : full
    ? "z = μ + L ε (Eq. 22)"
    : "z = μ + σ ⊙ ε (Eq. 26)";
  return drawn + (code ? "; z = μ where the code has no noise" : "");
}

/**
 * What the plane shows of q(z|x), and how far z lies from its mean.
 * @param {boolean} deterministic @param {number[]} epsilon as long as z
 */
export function planeNote(deterministic, epsilon) {
  if (deterministic) return "This run's code is a point: no σ, no ε, nothing to draw.";
  const far = Math.hypot(...epsilon);
  const share = { 1: 2 * cumulative(far) - 1, 2: 1 - Math.exp(-0.5 * far * far) }[epsilon.length];
  const nearer = share === undefined ? "" : `, ${Math.round(100 * share)} % of all draws lie nearer to μ`;
  const held = epsilon.length === 1
    ? "Bars: q(z|x) at 1 and 2 σ, to scale; they hold 68 and 95 % of its draws"
    : "Ellipses: q(z|x) at 1 and 2 σ, to scale; they hold 39 and 86 % of its draws";
  return `${held}. Drag z: |ε| = ${significant(far)}${nearer}.`;
}
