// What a point's colour says: its class, or a value on a scale.

/** @typedef {import("../run/latent_space.js").ColorBy} ColorBy */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {{color: ArrayLike<number>, colorscale: [number, string][], cmin: number, cmax: number}} Marker */

/** What each colouring shows; values are per held-out image. */
const COLORINGS = {
  label: { title: "Class", unit: "" },
  reconstruction: { title: "Reconstruction E[−log p(x|z)]", unit: "nats" },
  kl: { title: "KL(q(z|x) || p(z))", unit: "nats" },
  width: { title: "Posterior width σ", unit: "" },
  density: { title: "Density of images", unit: "per unit area" },
};
const BINS = 32;
const WIDE = 100; // a scale that spans more is logarithmic, or most points would have one colour

export class Coloring {
  /**
   * @param {LatentSpace} space @param {ColorBy} by
   * @param {string[]} classColors @param {string[]} valueColors  from dark to light
   * @param {boolean} onDark  leaves out the end of the scale that the background would swallow
   */
  constructor(space, by, classColors, valueColors, onDark) {
    /** Without labels there is one class, which tells nothing. */
    this.by = by === "label" && classColors.length === 1 ? "density" : by;
    this.label = space.label;
    this.values = this.by === "label" ? null : space.value(this.by);
    /** A deterministic code has no KL and no width: its points stay in one colour. */
    this.missing = this.by !== "label" && !this.values;
    this.classColors = classColors;
    this.valueColors = onDark ? valueColors.slice(3) : valueColors.slice(0, -2);
    /** The values at the two ends of the scale. */
    const [low, high] = this.values ? bounds(this.values) : [0, 1];
    this.low = low;
    this.high = high;
  }

  /** Title and unit of what is shown. */
  get what() {
    return COLORINGS[this.by];
  }

  /** Whether equal steps of colour are equal factors of 1 + what is above the lower end. */
  get logarithmic() {
    return this.high - this.low > WIDE;
  }

  /** A value's place on the scale, in [0, 1]. @param {number} value */
  share(value) {
    const [above, span] = [Math.min(Math.max(value, this.low), this.high) - this.low, this.high - this.low];
    return this.logarithmic ? Math.log1p(above) / Math.log1p(span) : above / span;
  }

  /** For a plotly marker. @param {ArrayLike<number>} order indices of the points drawn @returns {Marker} */
  marker(order) {
    const n = this.classColors.length;
    if (this.values) {
      const { values } = this;
      const last = this.valueColors.length - 1;
      const colorscale = this.valueColors.map((c, i) => /** @type {[number, string]} */ ([i / last, c]));
      return { color: Float32Array.from(order, (index) => this.share(values[index])), colorscale, cmin: 0, cmax: 1 };
    }
    const color = Float32Array.from(order, (index) => this.label[index]);
    const flat = (/** @type {string} */ c) => (this.missing ? this.classColors[0] : c);
    const colorscale = this.classColors.flatMap((
      c,
      i,
    ) => /** @type {[number, string][]} */ ([[i / n, flat(c)], [(i + 1) / n, flat(c)]]));
    return { color, colorscale, cmin: -0.5, cmax: n - 0.5 };
  }

  /** A point's colour in one of a few groups, so that a canvas changes its fill rarely. @param {number} index */
  group(index) {
    if (this.missing) return 0;
    if (!this.values) return this.label[index];
    return Math.round(this.share(this.values[index]) * BINS);
  }

  /** @param {number} group @returns {string} */
  css(group) {
    if (!this.values) return this.classColors[group];
    return this.valueColors[Math.round((group / BINS) * (this.valueColors.length - 1))];
  }
}

/** The 2nd and 98th percentile: a few outliers must not take the whole scale. @param {Float32Array} values */
function bounds(values) {
  const sorted = Float32Array.from(values).sort();
  const at = (/** @type {number} */ share) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = [at(0.02), at(0.98)];
  return high > low ? [low, high] : [low, low + 1e-6];
}
