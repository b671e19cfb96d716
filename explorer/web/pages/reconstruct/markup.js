// The Reconstruct page's elements: built once, filled by reconstruct.js.

import { OWN_PICTURE } from "./own_picture.js";

export const HTML = `
<header class="lx-head"><h1>Reconstruct</h1><p class="lx-sentence"></p></header>
<div class="lx-from">
  <div class="lx-switch lx-source" role="group" aria-label="Where the image comes from">
    <button type="button" data-source="held-out">Held-out images</button><button type="button" data-source="draw">Draw or upload</button>
  </div>
  <section class="lx-held-out" aria-label="Held-out images">
    <div class="lx-controls">
      <label><span class="lx-hidden-label">Class</span><select data-control="class"></select></label>
      <div class="lx-switch lx-order" role="group" aria-label="Which images">
        <button type="button" data-order="random">Random</button><button type="button" data-order="worst">Worst</button><button type="button" data-order="best">Best</button><button type="button" data-order="selection" hidden>Selected</button>
      </div>
      <button type="button" class="lx-button" data-do="unselect" data-testid="clear-selection" hidden></button>
      <label class="lx-seed">Seed <input type="number" data-control="seed" min="0" max="9999" step="1"></label>
      <button type="button" class="lx-button" data-do="resample">Resample</button>
      <button type="button" class="lx-button" data-do="difference">Difference</button>
      <label class="lx-slider lx-noise" title="Each row decodes z = μ + noise · σ ⊙ ε, with the same ε in every run">Noise <input type="range" data-control="noise" min="0" max="3" step="0.05"><output></output></label>
    </div>
    <div class="lx-sheet" role="group" aria-label="Held-out images over their reconstructions: arrow keys go from image to image"></div>
  </section>
  <section class="lx-own" aria-label="Draw or upload" hidden>${OWN_PICTURE}</section>
  <section class="lx-at-hand" aria-label="The image at hand">
    <div class="lx-at-hand-title"><h2></h2><label class="lx-number">Image <input type="number" data-control="image" min="0" step="1"></label>
      <button type="button" class="lx-button lx-unfold" aria-expanded="false" aria-controls="lx-steps">How it works</button></div>
    <div class="lx-cards"></div>
  </section>
</div>
<div class="lx-where">
  <div class="lx-controls"><div class="lx-switch lx-detail" role="group" aria-label="Run on the plane"></div><button type="button" class="lx-button" data-do="zoom">Zoom to q(z|x)</button></div>
  <div class="lx-plane" data-testid="latent-plane" role="group" aria-label="Latent plane: drag z to choose epsilon">
    <p class="lx-loading">Loading the runs</p>
  </div>
  <p class="lx-note lx-plane-note"></p>
</div>
<section id="lx-steps" class="lx-how" aria-label="How it works" hidden><ol class="lx-pipeline"></ol></section>
`;

/** The elements that reconstruct.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function reconstructParts(pageFrame) {
  const control = (
    /** @type {string} */ name,
  ) => /** @type {HTMLInputElement} */ (pageFrame.find(`[data-control=${name}]`));
  const button = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (pageFrame.find(`[data-do=${name}]`));
  return {
    sentence: pageFrame.find(".lx-sentence"),
    sources: /** @type {HTMLButtonElement[]} */ (pageFrame.all("[data-source]")),
    heldOut: pageFrame.find(".lx-held-out"),
    own: pageFrame.find(".lx-own"),
    sheet: /** @type {HTMLElement} */ (pageFrame.find(".lx-sheet")),
    orders: /** @type {HTMLButtonElement[]} */ (pageFrame.all("[data-order]")),
    class: control("class"),
    seed: control("seed"),
    noise: control("noise"),
    noiseValue: pageFrame.find(".lx-noise output"),
    number: pageFrame.find(".lx-number"),
    image: control("image"),
    resample: button("resample"),
    difference: button("difference"),
    unselect: button("unselect"),
    zoom: button("zoom"),
    title: pageFrame.find(".lx-at-hand h2"),
    cards: /** @type {HTMLElement} */ (pageFrame.find(".lx-cards")),
    detail: /** @type {HTMLElement} */ (pageFrame.find(".lx-detail")),
    plane: /** @type {HTMLElement} */ (pageFrame.find(".lx-plane")),
    planeNote: pageFrame.find(".lx-plane-note"),
    unfold: /** @type {HTMLButtonElement} */ (pageFrame.find(".lx-unfold")),
    how: /** @type {HTMLElement} */ (pageFrame.find(".lx-how")),
    steps: /** @type {HTMLElement} */ (pageFrame.find(".lx-pipeline")),
  };
}
