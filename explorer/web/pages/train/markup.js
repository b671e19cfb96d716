// The Train page's elements.

import { BAR_HTML } from "./job_bar.js";
import { formMarkup } from "./form.js";

const pairs = Array.from(
  { length: 6 },
  () =>
    '<div><canvas class="lx-image" data-part="held-out"></canvas>' +
    '<canvas class="lx-image" data-part="rebuilt"></canvas></div>',
).join("");

/** @param {import("./form.js").Choices} choices @param {boolean} may */
export function markup(choices, may) {
  return `
<header class="lx-head"><h1>Train</h1><p class="lx-sentence" data-part="sentence"></p></header>
${may ? formMarkup(choices) : '<p class="lx-note lx-why-not" data-part="why-not" data-testid="train-why-not"></p>'}
${BAR_HTML}
<div class="lx-train-main">
  <div class="lx-plane" role="group" aria-label="Latent plane of the run in the making" data-part="plane"
    data-testid="train-plane" data-frame="-1">
    <p class="lx-empty" data-part="empty" data-testid="train-empty"></p>
    <div class="lx-tools"><button type="button" aria-label="Fit the view" title="Fit the view" data-part="fit"
      >⤢</button></div>
  </div>
  <aside class="lx-train-aside" data-part="aside">
    <figure class="lx-decoded"><canvas class="lx-image" role="img" aria-label="Image decoded at the handle"
      data-part="decoded" data-testid="train-decoded"></canvas>
      <figcaption><b>At the handle</b><span data-part="z"></span></figcaption></figure>
    <p class="lx-note lx-pairs-note">Held-out images, over their reconstructions</p>
    <div class="lx-pairs" role="img" aria-label="Six held-out images over their reconstructions" data-part="pairs"
      >${pairs}</div>
    <canvas class="lx-curve" role="img" data-part="curve" data-testid="train-curve"></canvas>
    <div class="lx-step" data-part="step-view" data-testid="train-step-view" hidden></div>
  </aside>
</div>
<div class="lx-legend" data-part="legend"></div>
<p class="lx-notice" role="status" data-part="notice" data-testid="train-notice" hidden>
  <span data-part="notice-text"></span>
  <button type="button" class="lx-button" data-part="undo" data-testid="train-undo">Undo</button></p>
<section class="lx-jobs" data-part="jobs-section" hidden><h2>Runs in the making</h2><ul data-part="jobs"
  data-testid="train-jobs"></ul></section>
<dialog class="lx-dialog" aria-labelledby="lx-delete-title" data-part="dialog" data-testid="train-dialog">
<form method="dialog">
  <h2 id="lx-delete-title" data-part="question"></h2>
  <p>It is moved into the trash of the checkpoints folder; Undo brings it back.</p>
  <div class="lx-controls"><button class="lx-button" value="no">Keep</button><button class="lx-button" value="yes"
    data-testid="train-delete-yes">Delete</button></div>
</form></dialog>`;
}
