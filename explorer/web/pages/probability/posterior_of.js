// The true posterior of an image: the server's, or where there is none the page's own.

import { server } from "../../network/ask.js";
import { ownPosterior } from "../../run/own_posterior.js";
import { TruePosterior } from "../../run/true_posterior.js";

/**
 * @param {import("../../run/latent_space.js").LatentSpace} space given the image's class @param {number} index
 * @param {ArrayLike<number> | null} x its pixels in [0, 1]
 * @param {string} url of the server's answer, to be ended by the index
 * @param {AbortSignal} signal after which it is not wanted any more
 */
export function posteriorOf(space, index, x, url, signal) {
  return server.present || !x ? TruePosterior.fetch(url + index, signal) : ownPosterior(space, index, x, signal);
}
