// The Infer page's elements: built once, filled by infer.js and its panels.

import { BAYES, math } from "../../dom/equations.js";
import { term } from "../../dom/glossary.js";
import { OWN_IMAGE } from "../../run/own_image.js";

const factor = (/** @type {string} */ name, /** @type {string} */ set) =>
  `<div${name && ` data-term="${name}"`}><dt>${math(set)}</dt><dd data-part="factor">…</dd></div>`;
const buttons = (/** @type {string} */ part, /** @type {Record<string, [string, string]>} */ all) =>
  Object.entries(all).map(([name, [text, title]]) =>
    `<button type="button" data-part="${part}" data-${part}="${name}" title="${title}">${text}</button>`
  ).join("");

const MODES = buttons("mode", {
  part: ["Rub out", "Hide or show pixels of an image, and see what the rest says of z"],
  paint: ["Paint", "Paint on the decoded image, and z follows"],
});
const TOOLS = buttons("tool", {
  hide: ["Hide", "The brush hides pixels"],
  show: ["Show", "The brush shows pixels"],
  bright: ["Bright", "The brush says: bright here"],
  dark: ["Dark", "The brush says: dark here"],
  erase: ["Erase", "The brush takes back what was said"],
});
const SOURCES = buttons("source", {
  "held-out": ["Held-out image", "An image that the run was not trained on"],
  draw: ['Draw<span data-needs="server"> or upload</span>', "An image of your own"],
});
const WAYS = {
  nothing: "nothing: reveal it yourself",
  upper: "the upper half",
  lower: "the lower half",
  left: "the left half",
  right: "the right half",
  random: "one pixel in ten, by chance",
  every: "every fourth row and column",
  everything: "everything",
};
const BOARD = "The image: the brush hides and shows pixels. Arrow keys move a cursor, Space brushes there, " +
  "Shift with an arrow brushes along";

const controls = `
<div class="lx-controls">
  <div class="lx-switch" role="group" aria-label="What the brush is for">${MODES}</div>
  <div class="lx-switch lx-part-only" role="group" aria-label="Where the image comes from">${SOURCES}</div>
  <label class="lx-slider lx-number lx-part-only" data-part="number">Image<input type="number" min="0" step="1"
    data-part="image" data-testid="infer-image"></label>
  <button type="button" class="lx-button lx-part-only" data-part="another"
    title="Another held-out image, by chance">Another</button>
  <button type="button" class="lx-button" data-part="close-up"
    title="Show the posterior as large as it fits, or the whole plane again">Close-up</button>
  <div class="lx-along" data-part="along"></div>
</div>`;

const board = `
<section class="lx-board" aria-label="The image">
  <div class="lx-controls">
    <div class="lx-switch" role="group" aria-label="The brush">${TOOLS}</div>
    <label class="lx-slider">Brush <input type="range" min="0" max="9" step="1" data-part="brush"
      data-testid="infer-brush"><output data-part="brush-value"></output></label>
    <label class="lx-slider lx-part-only">Seen <select data-part="way" data-testid="infer-way"
      ><option value="">as brushed</option>${
  Object.entries(WAYS).map(([name, words]) => `<option value="${name}">${words}</option>`).join("")
}</select></label>
    <button type="button" class="lx-button lx-paint-only" data-part="clear">Start again</button>
  </div>
  <div class="lx-sides">
    <canvas class="lx-pixels" tabindex="0" role="application" aria-roledescription="pixel editor" aria-label="${BOARD}"
      data-part="board" data-testid="infer-board"></canvas>
    <div class="lx-figures">
      <figure><canvas class="lx-image" width="28" height="28" role="img" data-part="at-z" data-testid="decoded-image"
        aria-label="Image decoded at z"></canvas><figcaption>at z</figcaption></figure>
      <dl>
        <dt>${term("entropy", "entropy of z")}</dt><dd data-part="entropy" data-testid="infer-entropy">…</dd>
        <dt>${term("taught", "taught so far")}</dt><dd data-part="taught" data-testid="infer-taught">…</dd>
        <dt>${term("seen-evidence", "log p(seen)")}</dt><dd data-part="evidence" data-testid="infer-evidence">…</dd>
      </dl>
    </div>
  </div>
  <section class="lx-own" data-part="own" aria-label="Draw or upload" hidden>${OWN_IMAGE}</section>
</section>`;

const says = `
<section class="lx-says" aria-label="What is inferred">
  <div class="lx-bayes" data-testid="infer-bayes"><dl>${factor("posterior", BAYES.posterior)}${
  factor("prior", BAYES.prior)
}${factor("likelihood", BAYES.likelihood)}</dl></div>
  <p class="lx-note lx-effective" data-part="effective" role="status" hidden></p>
  <div class="lx-guess"><h2>${term("class-posterior", "What it may be")}</h2>
    <p data-part="classes-text" data-testid="infer-classes">…</p>
    <div class="lx-columns" data-part="classes" aria-hidden="true"></div></div>
  <div class="lx-lessons"><h2>What each stroke taught</h2>
    <div class="lx-gains" data-part="strokes" aria-hidden="true"></div>
    <p class="lx-note" data-part="strokes-text" data-testid="infer-strokes"></p></div>
  <p class="lx-note" data-part="gap" data-testid="infer-gap"></p>
  <p class="lx-note" data-part="likelihood-words"></p>
</section>`;

const COMPLETION =
  '<canvas class="lx-image" width="28" height="28" data-part="completion" aria-hidden="true"></canvas>';
const completions = `
<section class="lx-completions" aria-label="Completions">
  <div class="lx-strip" role="img" aria-label="Twelve completions: images decoded at draws of z, what is seen outlined"
    data-testid="infer-completions">${COMPLETION.repeat(12)}</div>
  <figure><canvas class="lx-image" width="28" height="28" role="img" aria-label="Mean of the images" data-part="mean"
    ></canvas><figcaption>mean</figcaption></figure>
  <figure><canvas class="lx-image" width="28" height="28" role="img" aria-label="Spread of each pixel"
    data-part="spread"></canvas><figcaption data-part="largest">spread</figcaption></figure>
</section>`;

export const HTML = `
<header class="lx-head"><h1>Infer</h1><p class="lx-sentence" data-part="sentence"></p></header>${controls}
<div class="lx-plane" data-part="plane" data-testid="infer-plane"><p class="lx-loading">Loading the run</p></div>
${board}${says}${completions}
`;

/** The elements that infer.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function inferParts(pageFrame) {
  return {
    sentence: pageFrame.part("sentence"),
    plane: pageFrame.part("plane"),
    modes: pageFrame.parts("mode", HTMLButtonElement),
    tools: pageFrame.parts("tool", HTMLButtonElement),
    sources: pageFrame.parts("source", HTMLButtonElement),
    number: pageFrame.part("number"),
    image: pageFrame.part("image", HTMLInputElement),
    another: pageFrame.part("another", HTMLButtonElement),
    closeUp: pageFrame.part("close-up", HTMLButtonElement),
    along: pageFrame.part("along"),
    brush: pageFrame.part("brush", HTMLInputElement),
    brushValue: pageFrame.part("brush-value"),
    way: pageFrame.part("way", HTMLSelectElement),
    clear: pageFrame.part("clear", HTMLButtonElement),
    board: pageFrame.part("board", HTMLCanvasElement),
    atZ: pageFrame.part("at-z", HTMLCanvasElement),
    own: pageFrame.part("own"),
    likelihood: pageFrame.part("likelihood-words"),
    completions: pageFrame.parts("completion", HTMLCanvasElement),
    mean: pageFrame.part("mean", HTMLCanvasElement),
    spread: pageFrame.part("spread", HTMLCanvasElement),
    largest: pageFrame.part("largest"),
  };
}
