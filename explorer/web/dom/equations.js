// The equations of the notes that the pages cite, set in MathML: each with what it says in words.

/**
 * @typedef {object} Equation
 * @property {string} title
 * @property {string} words
 * @property {string} math  MathML, without its root
 * @property {string} [slip]  what the notes print instead
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

/** What the model says of an image: a code from the prior, an image from the code. */
export const MODEL = {
  prior: lit("prior", row(mi("z"), mo("∼"), of("p", "z"))),
  likelihood: lit("likelihood", row(mi("x"), mo("∼"), of("p", "x", "z"))),
};

/** The factors of the evidence, as Eq. 4 has them. */
export const EVIDENCE = {
  evidence: row(of("p", "x"), mo("=")),
  likelihood: lit("likelihood", row(mo("∫"), of("p", "x", "z"))),
  prior: lit("prior", row(of("p", "z"), mo("d"), mi("z"))),
};

const VISIBLE = sub(mi("x"), up("vis"));

/** Bayes' rule for what is seen of an image. */
export const BAYES = {
  posterior: row(mi("p"), inside(mi("z"), BAR, VISIBLE), mo("∝")),
  prior: of("p", "z"),
  likelihood: row(
    `<munder><mo movablelimits="false">∏</mo><mrow>${mi("i")}<mspace width="0.2em"/>${up("vis")}</mrow></munder>`,
    mi("p"),
    inside(sub(mi("x"), mi("i")), BAR, mi("z")),
  ),
};

const SIGMAS = `<mi mathvariant="normal">diag</mi><mspace width="0.17em"/><msup>${mi("σ")}<mn>2</mn></msup>`;
const COVARIANCE = `<msup><mrow>${mi("L")}${mi("L")}</mrow><mo>⊤</mo></msup>`;

/** The way of an image to its code, as Eqs. 22 and 26 have it; "full": with any covariance. */
export const WAY = {
  posterior: row(q, mo("="), normal(lit("mu", mi("μ")), mo(","), lit("sigma", SIGMAS))),
  "posterior-full": row(q, mo("="), normal(lit("mu", mi("μ")), mo(","), lit("sigma", COVARIANCE))),
  epsilon: row(lit("epsilon", mi("ε")), mo("∼"), normal("<mn>0</mn>", mo(","), mi("I"))),
  z: row(
    lit("z", mi("z")),
    mo("="),
    lit("mu", mi("μ")),
    mo("+"),
    lit("sigma", mi("σ")),
    mo("⊙"),
    lit("epsilon", mi("ε")),
  ),
  "z-full": row(
    lit("z", mi("z")),
    mo("="),
    lit("mu", mi("μ")),
    mo("+"),
    lit("sigma", mi("L")),
    lit("epsilon", mi("ε")),
  ),
};

/** By their numbers in the notes. @type {Record<string, Equation>} */
export const EQUATIONS = {
  1: {
    title: "The model",
    words: "First a code comes from the prior, then an image from that code.",
    math: row(MODEL.prior, mo(","), sentence(" then "), MODEL.likelihood),
  },
  4: {
    title: "The evidence",
    words: "How likely an image is: over every code, how likely the code is times how likely it makes the image.",
    math: row(EVIDENCE.evidence, EVIDENCE.likelihood, EVIDENCE.prior),
    slip:
      "The mean of p(x|z) over draws from the prior is an unbiased estimate of p(x); its logarithm is a biased one " +
      "of log p(x), too low on average (Jensen). The notes say “unbiased” where biased is right.",
  },
  6: {
    title: "The KL divergence",
    words:
      "How much likelier q holds its own codes than another density does, on average. It is 0 only where both are " +
      "the same, and never below.",
    math: row(
      divergence(of("p", "z", "x")),
      mo("="),
      expected(LOG, `<mfrac>${q}${of("p", "z", "x")}</mfrac>`),
      mo("≥"),
      "<mn>0</mn>",
    ),
    slip: "The notes print another quotient in Eq. 6; right is that of q over the density that it is compared with: " +
      "turned over, the average would be below 0.",
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
  27: {
    title: "The gradient by reparameterization",
    words:
      "Noise does not depend on φ, so the gradient goes inside the average: each draw tells how f changes along it.",
    math: row(
      sub(mo("∇"), mi("φ")),
      expected(mi("f"), inside(mi("z"))),
      mo("="),
      row(
        sub(up("E"), mi("ε")),
        mo("["),
        sub(mo("∇"), mi("φ")),
        mi("f"),
        inside(mi("μ"), mo("+"), mi("σ"), mo("⊙"), mi("ε")),
        mo("]"),
      ),
    ),
    slip: "The notes print a sign of Eq. 27 twice; once is right: f is differentiated one time.",
  },
  29: {
    title: "The prior",
    words: "Codes that belong to no image: a standard normal, of as many dimensions as the code.",
    math: row(of("p", "z"), mo("="), normal("<mn>0</mn>", mo(","), mi("I"))),
    slip:
      "The notes print another prior in Eq. 29; right is this one, from which samples are drawn and to which the KL " +
      "of Eq. 30 is taken.",
  },
  30: {
    title: "The loss",
    words: "What training lowers: how badly the image comes back, and how far its codes stray from the prior.",
    math: row(LOSS.elbo, mo("="), LOSS.reconstruction, mo("+"), LOSS.kl),
  },
  31: {
    title: "The Fréchet distance",
    words:
      "How far apart two sets of images are, as a classifier's features see them: what lies between their means m, " +
      "and between their covariances C. It is 0 where both are the same.",
    math: row(
      `<msup>${mi("d")}<mn>2</mn></msup>`,
      mo("="),
      `<msup>${row(mo("∥"), sub(mi("m"), "<mn>1</mn>"), MINUS, sub(mi("m"), "<mn>2</mn>"), mo("∥"))}<mn>2</mn></msup>`,
      mo("+"),
      up("tr"),
      inside(
        sub(mi("C"), "<mn>1</mn>"),
        mo("+"),
        sub(mi("C"), "<mn>2</mn>"),
        MINUS,
        "<mn>2</mn>",
        `<msup>${inside(sub(mi("C"), "<mn>1</mn>"), sub(mi("C"), "<mn>2</mn>"))}<mrow><mn>1</mn>${
          mo("/")
        }<mn>2</mn></mrow></msup>`,
      ),
    ),
  },
};

/** Math for markup. @param {string} content MathML */
export function math(content) {
  return `<math>${content}</math>`;
}
