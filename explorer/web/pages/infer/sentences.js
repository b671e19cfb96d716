// What the Infer page shows, in a sentence.

/**
 * @param {{dim: number, cov: Float32Array | null, decoder: {classes: number}}} run @param {"part" | "paint"} mode
 */
export function inferSentence({ dim, cov, decoder }, mode) {
  const whose = cov ? "" : " This run's code has no noise and no prior of its own: N(0, I) stands for one.";
  const given = decoder.classes ? " The run is given the class." : "";
  const how = dim > 2
    ? `The shaded area is p(z | seen pixels) of ${dim} dimensions on a plane, smoothed from draws; ` +
      "its contours hold 50, 90 and 99 %"
    : dim === 1
    ? "The shaded area is p(z | seen pixels)"
    : "The shaded area is p(z | seen pixels), its contours hold 50, 90 and 99 %";
  return mode === "part"
    ? `${how}: hide pixels, and it mostly spreads; show them, and it mostly shrinks.${given}${whose}`
    : `Paint bright or dark on the decoded image: z goes where the image agrees best, ` +
      `and the prior pulls it to where codes are likely.${given}${whose}`;
}
