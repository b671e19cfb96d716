// The sentences and numbers of the pages, for runs without noise, of 1, 2 or 16 dimensions, without classes.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import { decimals, nats, percent, place, significant, termInNats, termsInNats } from "../../explorer/web/dom/format.js";
import { cited } from "../../explorer/web/dom/term_popover.js";
import { StandardPrior } from "../../explorer/web/maths/prior.js";
import { curveWords, handleWords, sharedSentence } from "../../explorer/web/pages/compare/sentences.js";
import { endWords } from "../../explorer/web/pages/interpolate/end_words.js";
import { gridSentence, samplesSentence } from "../../explorer/web/pages/prior/sentences.js";
import { barWords, gapWords, histogramWords } from "../../explorer/web/pages/probability/gap_words.js";
import { weightSentence } from "../../explorer/web/pages/probability/weight_sentence.js";
import { planeNote, rebuildSentence } from "../../explorer/web/pages/reconstruct/sentences.js";
import { traverseSentence } from "../../explorer/web/pages/traverse/sentences.js";
import { Selection } from "../../explorer/web/plane/selection.js";
import { classWords, imageWords } from "../../explorer/web/run/image_words.js";
import { logPriorWords } from "../../explorer/web/run/log_prior.js";

Deno.test("what a figure's words cite is known, each equation once", () => {
  assert.deepEqual(cited("-(Eq. 30) of (Eqs. 9 and 10), as Eq. 30; Eq. 99"), ["30", "9"]);
  assert.deepEqual(cited("in nats"), []);
});

Deno.test("zero has one spelling, and no sign", () => {
  assert.deepEqual([0, -0, -3.8e-8, 2e-6, -4e-5].map(nats), Array(5).fill("0 nats"));
  assert.deepEqual([0.0022, -0.004, 7.5421, -1234.5].map(nats), [
    "0.0022 nats",
    "−0.004 nats",
    "7.54 nats",
    "−1235 nats",
  ]);
  assert.deepEqual([-3.8e-8, 0.004, 7.542].map(termInNats), ["0", "0.0040", "7.54"]);
  assert.deepEqual(termsInNats([-3.8e-8, 0.004, 7.542]), ["0", "0.00", "7.54"]);
  assert.deepEqual([-0.001, -0, 0.004, -0.006].map(decimals), ["0.00", "0.00", "0.00", "−0.01"]);
  assert.deepEqual([0, -0, -2.5e-9].map(significant), ["0", "0", "−2.5e−9"]);
});

Deno.test("only none is 0 % and only all is 100 %", () => {
  assert.deepEqual(
    [0, 0.0001, 0.006, 0.5906, 0.996, 0.9999, 1].map(percent),
    ["0 %", "< 0.1 %", "0.6 %", "59 %", "99.6 %", "> 99.9 %", "100 %"],
  );
});

Deno.test("a point of the plane is called z only where it is z", () => {
  assert.equal(place([0, -0.001], 2), "z 0.00, 0.00");
  assert.equal(place([0.5, 0], 1), "z 0.50");
  assert.equal(place([0, 0], 16), "point 0.00, 0.00 of the plane");
});

Deno.test("an image has a class only where there are classes and it has a label", () => {
  assert.equal(imageWords(12, 1, ["shoe", "bag"]), "Image 12, class bag");
  assert.equal(imageWords(12, 0, ["all"]), "Image 12");
  assert.equal(classWords(-1, ["shoe", "bag"]), "");
  assert.equal(classWords(2, ["shoe", "bag", "no label"]), "");
  assert.equal(imageWords(3, 2, ["shoe", "bag", "no label"], "point"), "Point 3");
});

Deno.test("a code without noise has no prior", () => {
  assert.equal(
    logPriorWords({ values: { kl: null }, decoder: { prior: new StandardPrior() } }, [0, 0]),
    "none: no prior",
  );
  assert.equal(logPriorWords({ values: { kl: [1] }, decoder: { prior: new StandardPrior() } }, [0, 0]), "−1.84 nats");
});

Deno.test("an end of a path and a selection are spoken of by class where there is one", () => {
  assert.deepEqual([["8", "6", "ankle boot"], ["one"]].map((names) => endWords(12, 0, names)), ["an 8", "image 12"]);
  assert.equal(endWords(12, -1, ["6", "8"]), "image 12");
  const selection = new Selection([0, 1, 2, 3]);
  assert.equal(selection.words(new Int32Array([1, 1, 0, -1]), ["6", "8"]), "2 of 8, 1 of 6");
  assert.equal(selection.words(new Int32Array(4), ["all"]), "");
  assert.equal(
    selection.words(new Int32Array([1, 1, 0, 2]), ["6", "8", "no label"]),
    "2 of 8, 1 of 6, 1 with no label",
  );
});

Deno.test("Reconstruct says what z is made of in the runs that are shown", () => {
  const [code, flat, full, deep] = [["deterministic", 2], ["diagonal", 2], ["full", 2], ["diagonal", 16]].map((
    [posterior, dim],
  ) => ({ posterior: String(posterior), dim: Number(dim) }));
  const start = "Each image, and what every run rebuilds from the";
  assert.equal(rebuildSentence([flat, flat]), `${start} 2 numbers of its code: z = μ + σ ⊙ ε (Eq. 26).`);
  assert.equal(rebuildSentence([code, code]), `${start} 2 numbers of its code: z = μ, without noise.`);
  assert.equal(
    rebuildSentence([code, deep]),
    `${start} 2 or 16 numbers of its code: z = μ + σ ⊙ ε (Eq. 26); z = μ where the code has no noise.`,
  );
  assert.equal(
    rebuildSentence([flat, full]),
    `${start} 2 numbers of its code: z = μ + σ ⊙ ε (Eq. 26), or μ + L ε (Eq. 22) where the covariance is full.`,
  );
  assert.equal(
    rebuildSentence([{ posterior: "full", dim: 1 }]),
    "Each image, and what the run rebuilds from the one number of its code: z = μ + L ε (Eq. 22).",
  );
  const told = { ...flat, conditional: true };
  assert.equal(
    rebuildSentence([told], "5"),
    "Each image, and what the run rebuilds from the 2 numbers of its code and its class y, here 5: " +
      "z = μ + σ ⊙ ε (Eq. 26).",
  );
  assert.equal(
    rebuildSentence([flat, told], ""),
    `${start} 2 numbers of its code, conditional runs also from its class y: z = μ + σ ⊙ ε (Eq. 26).`,
  );
});

Deno.test("the note under the plane knows how much of q lies nearer", () => {
  assert.match(planeNote(true, [0, 0]), /no σ, no ε/);
  assert.match(planeNote(false, [1, 0]), /39 and 86 % of its draws\. Drag z: \|ε\| = 1, 39 % of all draws/);
  assert.match(planeNote(false, [-1]), /68 and 95 % of its draws\. Drag z: \|ε\| = 1, 68 % of all draws/);
  assert.match(planeNote(false, Array(16).fill(0.25)), /\|ε\| = 1\.$/);
});

Deno.test("Compare says how each run shows an image", () => {
  const run = (/** @type {number} */ dim, /** @type {boolean} */ deterministic, decodes = true) => ({
    dim,
    deterministic,
    decodes,
  });
  const [code, flat, deep] = [run(2, true), run(2, false), run(16, false)];
  assert.match(sharedSentence("image", [flat, deep]), /: q\(z\|x\) at 1 and 2 σ, over/);
  assert.match(sharedSentence("image", [flat, code]), /at 1 and 2 σ or a code, over/);
  assert.match(sharedSentence("image", [code, code]), /: a code without noise, over/);
  assert.match(sharedSentence("z", [flat, code]), /^One z in every/);
  assert.match(sharedSentence("z", [flat, deep]), /^One point of every plane.* is not z/);
  const [alone, aloneDeep] = [run(2, true, false), run(7, true, false)];
  const nothing = /reconstruct|decodes|q\(z|prior|image|Eq/;
  for (const runs of [[alone, alone], [alone, aloneDeep], [run(1, true, false), alone]]) {
    for (const link of /** @type {const} */ (["image", "z"])) {
      assert.doesNotMatch(sharedSentence(link, runs, "point"), nothing);
    }
  }
  assert.match(sharedSentence("image", [alone, alone], "image"), /^One image in every latent space, by its number/);
  assert.match(sharedSentence("z", [alone, aloneDeep], "point"), /the point nearest to it: above two.* is not z/);
  assert.match(sharedSentence("image", [flat, alone]), /1 and 2 σ, over its .*; latents alone have its point/);
  assert.match(sharedSentence("image", [code, alone]), /: a code without noise, over/);
  assert.match(sharedSentence("z", [flat, alone]), /decodes it to \(Eq. 30\), and latents alone have near it\.$/);
});

Deno.test("Compare names a prior only where a run has one, and images only where there are any", () => {
  const words = (/** @type {boolean} */ deterministic, /** @type {boolean} */ decodes) =>
    curveWords({ deterministic, decodes }, decodes ? "image" : "point");
  assert.deepEqual(words(false, true).prior, ["p(z)", "Prior N(0, I)"]);
  assert.deepEqual(words(true, true).prior?.[0], "N(0, I)");
  assert.match(words(true, true).prior?.[1] ?? "", /^No prior of this run/);
  assert.deepEqual(words(true, false), { posterior: ["points", "Density of the latents of all points"], prior: null });
  assert.match(handleWords("image", "point"), /^the selected point; arrow keys go to the next point/);
});

Deno.test("Traverse counts what is inactive", () => {
  assert.match(traverseSentence(2, 0, true), /2 rows by the KL of the dimension, all of them active\.$/);
  assert.match(traverseSentence(16, 1, true), /; 1 is inactive, greyed: the encoder's mean hardly varies there\.$/);
  assert.match(traverseSentence(16, 2, false), /has no KL of a dimension\); 2 are inactive/);
  assert.equal(traverseSentence(1, 0, true), "The one latent dimension changes along the row; it is active.");
  assert.match(traverseSentence(1, 1, true), /greyed, for it is inactive/);
  assert.match(
    traverseSentence(10, 0, true, true),
    /active\. Beside each, the factor of the data that it knows most of\.$/,
  );
});

Deno.test("Prior says how much of the prior its cells span, and who has none", () => {
  const flat = { dim: 2, deterministic: false };
  assert.equal(
    gridSentence(flat, 5, 120, 400),
    "Images decoded at evenly spaced percentiles of the prior N(0, I) (Eq. 29) on both axes. They span 81 % of it; " +
      "120 of 400 cells (30 %) hold no held-out image.",
  );
  assert.match(
    gridSentence({ dim: 1, deterministic: false }, 5, 0, 20),
    /of its one dimension, line by line from the lowest\. They span 90 % of it; 0/,
  );
  assert.match(
    gridSentence({ dim: 16, deterministic: false }, 5, 9, 400),
    /all 16\. They span 81 % on this plane/,
  );
  assert.match(gridSentence({ dim: 2, deterministic: true }, 5, 9, 400), /N\(0, I\), which is no prior of this run/);
  assert.equal(samplesSentence(flat, false, { likelihood: "bernoulli" }), "z ~ p(z), then the mean of p(x|z) (Eq. 1).");
  assert.equal(samplesSentence(flat, true, { likelihood: "bernoulli" }), "z ~ p(z), then x ~ p(x|z) (Eq. 1).");
  assert.match(
    samplesSentence({ dim: 2, deterministic: true }, false, { likelihood: "bernoulli" }),
    /^This run has no prior to draw from/,
  );
});

Deno.test("little variation of the weights is no small gap: q may miss what it never draws", () => {
  assert.doesNotMatch(weightSentence(null, null), /Under the q above/);
  assert.match(weightSentence(1.02, null), /log w varies by 1\.02 nats\.$/);
  assert.match(weightSentence(1, 659), /varies by 1 nats, and yet the gap is 659 nats: .* q hardly ever draws/);
  assert.match(weightSentence(1, 0.5), /varies by 1 nats, and the gap is 0\.5 nats\.$/);
  assert.match(weightSentence(0, 0), /varies by 0 nats, and the gap is 0 nats\.$/);
});

Deno.test("gaps of held-out images: how many, how spread, or why none", () => {
  const edges = [0.01, 0.1, 1, 1000];
  const gap = {
    images: 1000,
    mean: 4.7,
    quantiles: { 0.05: 0.09, 0.5: 0.817, 0.95: 21.8 },
    edges,
    counts: [1, 990, 9],
  };
  assert.equal(gapWords({ gap }), "median 0.817, 90 % from 0.09 to 21.8 nats (1,000 images)");
  assert.equal(gapWords({ active_units: 2 }), "none: a code without noise");
  assert.equal(gapWords({ active_units: 14, kl_per_dimension: Array(16).fill(1) }), "none in 16 dimensions");
  assert.equal(gapWords({ active_units: 2, kl_per_dimension: [3, 4] }), "not computed");
  assert.deepEqual([0, 1, 2].map((i) => barWords(gap, i)), [
    "below 0.1 nats: 1 image",
    "0.1 to 1 nats: 990 images",
    "1 nats or more: 9 images",
  ]);
  assert.equal(histogramWords(gap), "Gaps of 1000 images, in 3 classes from below 0.1 to above 1 nats");
});
