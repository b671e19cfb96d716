// Densities of the aggregate posterior q(z) and of the prior p(z), or of latents alone, along the plane's two axes.

import { fitted } from "../../dom/canvas.js";
import { cumulative } from "../../maths/normal.js";
import { MixturePrior } from "../../maths/prior.js";
import { significant } from "../../dom/format.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("./sentences.js").Curves} Curves */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../dom/theme.js").Theme} Theme */
/**
 * Mean densities over bins of equal width; both are exact integrals over a bin, so a posterior narrower than a bin, or
 * a code without noise, is counted right.
 * @typedef {object} Marginal
 * @property {number} low  where the first bin begins
 * @property {number} high  where the last one ends
 * @property {Float64Array} posterior  of each bin
 * @property {Float64Array | null} prior  null for latents alone, which have none
 * @property {number} mean  of q(z)
 * @property {number} deviation  its standard deviation
 */

const BINS = 60;
const PRIOR_REACH = 3.2; // standard deviations of the prior that are always in view
const BESIDE = 0.05; // of the points' extent, kept free where there is no prior
const OUTER = 0.004; // share of the points at each end that may lie outside
const BELOW = 15; // pixels for the numbers under the curves

/** @param {LatentSpace} space @param {0 | 1} axis @param {number} [bins] @returns {Marginal} */
export function marginal(space, axis, bins = BINS) {
  const { xy, cov, count } = space;
  const center = space.priorCenter()[axis];
  const sorted = Float64Array.from({ length: count }, (_, i) => xy[2 * i + axis]).sort();
  const outer = Math.floor(OUTER * (count - 1));
  const [first, last] = [sorted[outer], sorted[count - 1 - outer]];
  const beside = BESIDE * (last - first) || 1;
  const low = space.decodes ? Math.min(first, center - PRIOR_REACH) : first - beside;
  const high = space.decodes ? Math.max(last, center + PRIOR_REACH) : last + beside;
  const width = (high - low) / bins;
  const posterior = new Float64Array(bins);
  let [sum, squares, variances] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const variance = cov ? cov[3 * i + 2 * axis] : 0;
    add(posterior, (xy[2 * i + axis] - low) / width, Math.sqrt(variance) / width, 1 / (count * width));
    sum += xy[2 * i + axis];
    squares += xy[2 * i + axis] ** 2;
    variances += variance;
  }
  const prior = space.decodes ? new Float64Array(bins) : null;
  const own = space.decoder.prior;
  if (prior && own instanceof MixturePrior && space.dim <= 2) {
    own.mean.forEach((mean, k) => {
      add(prior, (mean[axis] - low) / width, own.sigma[k][axis] / width, Math.exp(own.logWeight[k]) / width);
    });
  } else if (prior && own.standard) add(prior, (center - low) / width, 1 / width, 1 / width);
  const mean = sum / count;
  return {
    low,
    high,
    posterior,
    prior,
    mean,
    deviation: Math.sqrt(Math.max(squares / count - mean * mean, 0) + variances / count),
  };
}

/**
 * Spread `mass` over bins of width 1 as N(mean, sigma^2) does.
 * @param {Float64Array} bins @param {number} mean @param {number} sigma @param {number} mass
 */
function add(bins, mean, sigma, mass) {
  const first = Math.max(Math.floor(mean - 6 * sigma), 0);
  const last = Math.min(Math.floor(mean + 6 * sigma), bins.length - 1);
  let below = shareBelow(first, mean, sigma);
  for (let bin = first; bin <= last; bin++) {
    const next = shareBelow(bin + 1, mean, sigma);
    bins[bin] += mass * (next - below);
    below = next;
  }
}

/** The share of N(mean, sigma^2) below x. @param {number} x @param {number} mean @param {number} sigma */
function shareBelow(x, mean, sigma) {
  return sigma === 0 ? Number(x > mean) : cumulative((x - mean) / sigma);
}

/** @param {HTMLCanvasElement} canvas @param {Marginal} densities @param {Theme} theme */
export function drawMarginal(canvas, densities, theme) {
  if (canvas.clientWidth < 2 || canvas.clientHeight < 2) return;
  const { context, width, height } = fitted(canvas);
  const floor = height - BELOW;
  const highest = Math.max(...densities.posterior, ...(densities.prior ?? []));
  const trace = (/** @type {Float64Array} */ values) => {
    context.beginPath();
    values.forEach((value, bin) => {
      context.lineTo(((bin + 0.5) / values.length) * width, floor - (value / highest) * (floor - 3));
    });
  };
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  trace(densities.posterior);
  context.strokeStyle = theme.accent;
  context.stroke();
  context.lineTo(width, floor);
  context.lineTo(0, floor);
  context.globalAlpha = 0.22;
  context.fillStyle = theme.accent;
  context.fill();
  context.globalAlpha = 1;
  if (densities.prior) {
    trace(densities.prior);
    context.setLineDash([4, 3]);
    context.strokeStyle = theme.text;
    context.stroke();
    context.setLineDash([]);
  }
  context.fillStyle = theme.zero;
  context.fillRect(0, floor, width, 1);
  context.font = `${theme.label}px ${theme.font}`;
  context.fillStyle = theme.text;
  context.textBaseline = "bottom";
  context.fillText(significant(Number(densities.low.toPrecision(2))), 0, height);
  context.textAlign = "right";
  context.fillText(significant(Number(densities.high.toPrecision(2))), width, height);
}

/**
 * A marginal in words.
 * @param {Marginal} marginal @param {string} axis @param {Curves} curves
 */
export function describeMarginal({ mean, deviation }, axis, { posterior: [name], prior }) {
  const spread = `mean ${significant(mean)} and standard deviation ${significant(deviation)}`;
  return `${prior ? "Densities" : "Density"} along ${axis}: ${name}, of ${spread}${
    prior ? `; ${prior[0]} is dashed` : ""
  }`;
}
