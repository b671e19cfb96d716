// What the scenes of a talk need, fetched when it opens: it goes on when the network does not.

import { loadClassifier, loadEncoder, loadGallery, loadPlotly, loadSpace } from "../../run/loading.js";

/** @typedef {import("./tour.js").Scene} Scene */

/**
 * @param {Scene[]} scenes @param {string} assets @param {import("../../dom/page_frame.js").PageFrame} pageFrame
 */
export async function prefetch(scenes, assets, pageFrame) {
  for (const { payload } of scenes) {
    if (!payload) continue;
    const { state } = payload;
    const names = state.runs ?? (state.run ? [state.run] : []);
    const runs = payload.page === "interpolate" ? Object.values(payload.runs) : names.map((name) => payload.runs[name]);
    /** @type {Promise<unknown>[]} */
    const wanted = [
      pageFrame.host.loadPage(payload.page, assets),
      loadGallery(payload.gallery),
      loadClassifier(payload.classifier),
    ];
    if (payload.page === "explore") wanted.push(loadPlotly(assets));
    for (const run of runs) {
      wanted.push(loadSpace(run), ...(payload.page === "reconstruct" ? [loadEncoder(run.encoder)] : []));
    }
    await Promise.allSettled(wanted); // what is broken is reported by its scene
    if (pageFrame.gone) return;
  }
  pageFrame.root.dataset.prefetched = "true";
}
