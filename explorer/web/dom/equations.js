// The equations of the notes that the pages cite, set in MathML: each with what it says in words.

/**
 * @typedef {object} Equation
 * @property {string} title
 * @property {string} words
 * @property {string} math  MathML, without its root
 */

const mi = (/** @type {string} */ name) => `<mi>${name}</mi>`;
const up = (/** @type {string} */ name) => `<mi mathvariant="normal">${name}</mi>`;
const mo = (/** @type {string} */ sign) => `<mo>${sign}</mo>`;
const row = (/** @type {string[]} */ ...parts) => `<mrow>${parts.join("")}</mrow>`;
const sub = (/** @type {string} */ base, /** @type {string} */ below) => `<msub>${base}${below}</msub>`;
const inside = (/** @type {string[]} */ ...parts) => row(mo("("), ...parts, mo(")"));
/** A density: p(x|z) is of("p", "x", "z"). */
const of = (/** @type {string} */ name, /** @type {string} */ what, given = "") =>
  row(mi(name), inside(mi(what), ...(given ? [BAR, mi(given)] : [])));
const BAR = '<mo stretchy="false" lspace="0.1em" rspace="0.1em">|</mo>';
const MINUS = mo("−");
const LOG = `${up("log")}<mspace width="0.17em"/>`;
const joint = row(mi("p"), inside(mi("x"), mo(","), mi("z")));
const q = of("q", "z", "x");
const expected = (/** @type {string[]} */ ...parts) => row(sub(up("E"), mi("q")), mo("["), ...parts, mo("]"));
const divergence = (/** @type {string} */ from) => row(up("KL"), inside(q, mo("∥"), from));
const normal = (/** @type {string[]} */ ...parts) => row('<mi mathvariant="normal">𝒩</mi>', inside(...parts));
const sentence = (/** @type {string} */ text) => `<mtext>${text}</mtext>`;
const lit = (/** @type {string} */ name, /** @type {string} */ part) => `<mrow data-term="${name}">${part}</mrow>`;

/** The terms of the loss, as Eq. 30 has them. */
export const LOSS = {
  reconstruction: lit("reconstruction", expected(row(MINUS, LOG, of("p", "x", "z")))),
  kl: lit("kl", divergence(of("p", "z"))),
  elbo: lit("elbo", row(MINUS, up("ELBO"))),
};

/** By their numbers in the notes. @type {Record<string, Equation>} */
export const EQUATIONS = {
  1: {
    title: "The model",
    words: "First a code comes from the prior, then an image from that code.",
    math: row(mi("z"), mo("∼"), of("p", "z"), mo(","), sentence(" then "), mi("x"), mo("∼"), of("p", "x", "z")),
  },
  4: {
    title: "The evidence",
    words: "How likely an image is: over every code, how likely the code is times how likely it makes the image.",
    math: row(of("p", "x"), mo("="), mo("∫"), of("p", "x", "z"), of("p", "z"), mo("d"), mi("z")),
  },
  9: {
    title: "The evidence lower bound",
    words:
      "What the model is trained to raise: on average over codes from q, how much likelier the model holds image " +
      "and code together than q holds the code.",
    math: row(up("ELBO"), mo("="), expected(LOG, joint, MINUS, LOG, q)),
  },
  10: {
    title: "The evidence is the bound and the gap",
    words:
      "However bad q is, both sides are equal: what the bound falls short of the evidence is how far q is from the " +
      "true posterior.",
    math: row(
      lit("evidence", row(LOG, of("p", "x"))),
      mo("="),
      lit("gap", divergence(of("p", "z", "x"))),
      mo("+"),
      lit("elbo", up("ELBO")),
    ),
  },
  20: {
    title: "The score-function gradient",
    words:
      "The gradient of an average over q, from values of f alone: codes with a high f are made less likely, as f " +
      "is to be small. f itself is not differentiated.",
    math: row(
      sub(mo("∇"), mi("φ")),
      expected(mi("f")),
      mo("="),
      expected(mi("f"), sub(mo("∇"), mi("φ")), LOG, q),
      mo(","),
      sentence(" "),
      mi("f"),
      mo("="),
      LOG,
      q,
      MINUS,
      LOG,
      joint,
    ),
  },
  22: {
    title: "The approximate posterior",
    words:
      "A Gaussian whose mean and covariance the encoder gives for each image. A diagonal covariance has one σ for " +
      "each dimension.",
    math: row(
      q,
      mo("="),
      normal(mi("μ"), mo(","), mi("Σ")),
      mo(","),
      sentence(" "),
      mi("Σ"),
      mo("="),
      `<msup><mrow>${mi("L")}${mi("L")}</mrow><mo>⊤</mo></msup>`,
      sentence(" or diag "),
      `<msup>${mi("σ")}<mn>2</mn></msup>`,
    ),
  },
  26: {
    title: "The reparameterization",
    words: "A draw from q as noise that is scaled and moved: so gradients reach μ and σ.",
    math: row(
      mi("z"),
      mo("="),
      mi("μ"),
      mo("+"),
      mi("σ"),
      mo("⊙"),
      mi("ε"),
      mo(","),
      sentence(" "),
      mi("ε"),
      mo("∼"),
      normal("<mn>0</mn>", mo(","), mi("I")),
    ),
  },
  30: {
    title: "The loss",
    words: "What training lowers: how badly the image comes back, and how far its codes stray from the prior.",
    math: row(LOSS.elbo, mo("="), LOSS.reconstruction, mo("+"), LOSS.kl),
  },
};

/** Math for markup. @param {string} content MathML */
export function math(content) {
  return `<math>${content}</math>`;
}
