// The Reconstruct page's elements: built once, filled by reconstruct.js and its panels.

import { term } from "../../dom/glossary.js";
import { OWN_IMAGE } from "../../run/own_image.js";

/** Buttons of which one is pressed. @param {string} part @param {Record<string, string>} all texts by name */
const choices = (part, all, more = "") =>
  Object.entries(all).map(([name, text]) =>
    `<button type="button" data-part="${part}" data-${part}="${name}"${more}>${text}</button>`
  ).join("");
const sources = choices("source", {
  "held-out": "Held-out images",
  draw: 'Draw<span data-needs="server"> or upload</span>',
});
const orders = choices("order", { random: "Random", worst: "Worst", best: "Best", odd: "Odd ones" }) +
  choices("order", { selection: "Selected" }, " hidden");
const ROWS = "Held-out images over their reconstructions: arrow keys go from image to image";

const controls = `
<div class="lx-controls">
  <label><span class="lx-hidden-label">Class</span><select data-part="class"></select></label>
  <div class="lx-switch lx-order" role="group" aria-label="Which images">${orders}</div>
  <button type="button" class="lx-button" data-part="unselect" data-testid="clear-selection" hidden></button>
  <label class="lx-seed">Seed <input type="number" data-part="seed" min="0" max="9999" step="1"></label>
  <button type="button" class="lx-button" data-part="resample">Resample</button>
  <button type="button" class="lx-button" data-part="difference">Difference</button>
  <div class="lx-slider lx-noise">${term("noise", "Noise")} <input type="range" data-part="noise" aria-label="Noise"
    min="0" max="3" step="0.05"><output data-part="noise-value"></output></div>
</div>`;
const current = `
<section class="lx-at-hand" aria-label="The image at hand">
  <div class="lx-at-hand-title"><h2 data-part="title"></h2>
    <div data-part="along" class="lx-along"></div>
    <label class="lx-number" data-part="number">Image <input type="number" data-part="image" min="0" step="1"></label>
    <button type="button" class="lx-button lx-unfold" data-part="unfold" aria-expanded="false"
      aria-controls="lx-steps">How it works</button></div>
  <div class="lx-cards" data-part="cards"></div>
</section>`;
const plane = `
<div class="lx-controls">
  <div class="lx-switch lx-detail" data-part="detail" role="group" aria-label="Run on the plane"></div>
  <button type="button" class="lx-button" data-part="zoom">Zoom to q(z|x)</button>
</div>
<div class="lx-plane" data-part="plane" data-testid="latent-plane" role="group"
  aria-label="Latent plane: drag z to choose epsilon">
  <p class="lx-loading">Loading the runs</p>
</div>
<p class="lx-note lx-plane-note" data-part="plane-note"></p>`;

export const HTML = `
<header class="lx-head"><h1>Reconstruct</h1><p class="lx-sentence" data-part="sentence"></p></header>
<div class="lx-from">
  <div class="lx-switch lx-source" role="group" aria-label="Where the image comes from">${sources}</div>
  <section class="lx-held-out" data-part="held-out" aria-label="Held-out images">${controls}
    <div class="lx-sheet" data-part="rows" role="group" aria-label="${ROWS}"></div>
  </section>
  <section class="lx-own" data-part="own" aria-label="Draw or upload" hidden>${OWN_IMAGE}</section>${current}
</div>
<div class="lx-where">${plane}</div>
<section id="lx-steps" class="lx-how" data-part="how" aria-label="How it works" hidden>
  <ol class="lx-pipeline" data-part="steps"></ol>
</section>
`;

/** The elements that reconstruct.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function reconstructParts(pageFrame) {
  return {
    sentence: pageFrame.part("sentence"),
    sources: pageFrame.parts("source", HTMLButtonElement),
    heldOut: pageFrame.part("held-out"),
    rows: pageFrame.part("rows"),
    own: pageFrame.part("own"),
    title: pageFrame.part("title"),
    along: pageFrame.part("along"),
    number: pageFrame.part("number"),
    image: pageFrame.part("image", HTMLInputElement),
    unfold: pageFrame.part("unfold", HTMLButtonElement),
    cards: pageFrame.part("cards"),
    detail: pageFrame.part("detail"),
    zoom: pageFrame.part("zoom", HTMLButtonElement),
    plane: pageFrame.part("plane"),
    planeNote: pageFrame.part("plane-note"),
    how: pageFrame.part("how"),
    steps: pageFrame.part("steps"),
  };
}
