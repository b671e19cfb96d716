// The elements of the Gradients page's live part: built once, filled by gradients.js.

import { EQUATIONS, math } from "../../dom/equations.js";

const TITLES = { reparameterization: "Reparameterization", score: "Score function" };

const choices = Object.entries(TITLES).map(([name, title]) =>
  `<button type="button" data-part="estimator" data-estimator="${name}">${title}</button>`
).join("");
const chip = (/** @type {number} */ number) =>
  `<button type="button" class="lx-term lx-chip" data-equation="${number}">Eq. ${number}</button>`;
const result = (/** @type {keyof typeof TITLES} */ name, /** @type {number} */ equation) => `
<div class="lx-result" data-term="${name}">
  <dt>${TITLES[name]}, ${chip(equation)}</dt><dd><b data-part="mean"></b><small data-part="error"></small></dd>
</div>`;

export const HTML = `
<header class="lx-head"><h1>Two gradients</h1><p class="lx-sentence" data-part="sentence"></p></header>
<div class="lx-controls">
  <div class="lx-switch" role="group" aria-label="Estimator of the arrows">${choices}</div>
  <label class="lx-slider">Draws S<input type="range" min="0" max="8" step="1" data-part="draws"
    data-testid="toy-draws"><output data-part="draws-value"></output></label>
  <label class="lx-slider">f higher by<input type="range" min="0" max="10" step="0.5" data-part="height"
    data-testid="toy-height"><output data-part="height-value"></output></label>
  <button type="button" class="lx-button" data-part="less" aria-pressed="false"
    title="A baseline: the score function of f less its average has the same mean and less noise">Less E_q[f]</button>
  <button type="button" class="lx-button" data-part="again" data-testid="toy-again">Again</button>
</div>
<figure class="lx-toy"><svg data-part="plot" data-testid="toy-plot"></svg></figure>
<figure class="lx-means"><svg data-part="means" data-testid="toy-means" role="img"></svg></figure>
<dl class="lx-results">
  <div class="lx-result lx-truth"><dt>${
  math(slope())
}</dt><dd><b data-part="truth"></b><small>, exactly</small></dd></div>
  ${result("reparameterization", 27)}${result("score", 20)}
</dl>
`;

/** The left side of Eq. 27, by mu. */
function slope() {
  const left = EQUATIONS[27].math.split("<mo>=</mo>")[0].replace("<mrow>", "");
  return `<mrow>${left.replace("<mi>φ</mi>", "<mi>μ</mi>")}</mrow>`;
}

/** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function gradientsParts(pageFrame) {
  return {
    sentence: pageFrame.part("sentence"),
    estimators: pageFrame.parts("estimator", HTMLButtonElement),
    draws: pageFrame.part("draws", HTMLInputElement),
    drawsValue: pageFrame.part("draws-value"),
    height: pageFrame.part("height", HTMLInputElement),
    heightValue: pageFrame.part("height-value"),
    less: pageFrame.part("less", HTMLButtonElement),
    again: pageFrame.part("again", HTMLButtonElement),
    truth: pageFrame.part("truth"),
    means: pageFrame.parts("mean"),
    errors: pageFrame.parts("error"),
  };
}
