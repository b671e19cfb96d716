// What a point's colour says: its class or another category, or a value on a scale.

import { percentiles } from "../maths/ranks.js";
import { columnName, unranked } from "../run/columns.js";

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
const WIDE = 100; // nats: a scale that spans more is logarithmic, or most points would have one colour
const SKEWED = 0.15; // of a column's scale: one whose middle value lies lower is logarithmic, too
const GREY = "#7f7f7f"; // of points without a value

export class Coloring {
  /**
   * @param {LatentSpace} space @param {ColorBy} by
   * @param {string[]} classColors @param {string[]} valueColors  from dark to light
   * @param {boolean} onDark  leaves out the end of the scale that the background would swallow
   */
  constructor(space, by, classColors, valueColors, onDark) {
    /** Without labels there is one class, which tells nothing. */
    this.by = by === "label" && classColors.length === 1 ? "density" : unranked(by);
    const name = columnName(this.by);
    const column = space.columns.get(name) ?? null;
    /** Title and unit of what is shown. */
    this.what = name ? { title: name, unit: "" } : COLORINGS[/** @type {keyof typeof COLORINGS} */ (this.by)];
    if (this.by === "density") {
      const title = space.decodes === false ? "Density of points" : "Density of images";
      this.what = { title, unit: space.line ? "per unit" : "per unit area" };
    }
    /** the category of each image, -1 for none @type {Int32Array | null} */
    this.codes = null;
    /** a number for each image, NaN for none @type {Float32Array | null} */
    this.values = null;
    if (this.by === "label") this.codes = space.label;
    else if (column?.categories) this.codes = /** @type {Int32Array} */ (column.values);
    else if (name) this.values = /** @type {Float32Array | null} */ (column?.values ?? null);
    else this.values = space.value(/** @type {"reconstruction" | "kl" | "width" | "density"} */ (this.by));
    /** Why points have nothing to be coloured by and stay in one colour, "" if they have. */
    this.missing = "";
    if (!this.codes && !this.values) {
      const why = space.decodes === false ? "latents alone" : "none, the code of this run has no noise";
      this.missing = name ? "this run has no such column" : why;
    }
    /** names of a column's categories; null for classes and values @type {string[] | null} */
    this.categories = column?.categories ?? null;
    this.categoryColors = column?.categories ? column.colors : name ? [GREY] : classColors;
    /** how many images have no value */
    this.unknown = this.codes?.filter((code) => code < 0).length ?? this.values?.filter(Number.isNaN).length ?? 0;
    /** Whether colours are those of ranks, each of as many images. */
    this.ranked = by !== unranked(by) && this.values !== null;
    if (this.ranked && this.values) {
      const rounding = this.what.unit === "nats" ? 1e4 : 0; // of a collapsed run's KL, which is not ranked
      this.values = percentiles(rounding ? this.values.map((v) => Math.round(v * rounding) / rounding) : this.values);
      this.what = { title: `${this.what.title}, by rank`, unit: "" };
    }
    this.valueColors = onDark ? valueColors.slice(3) : valueColors.slice(0, -2);
    const [low, high, middle] = this.ranked ? [0, 100, 50] : this.values ? bounds(this.values) : [0, 1, 0];
    /** The values at the two ends of the scale. */
    this.low = low;
    this.high = high;
    this.skewed = name !== "" && high - low > 1 && middle - low < SKEWED * (high - low);
  }

  /** Whether equal steps of colour are equal factors of 1 + what is above the lower end. */
  get logarithmic() {
    return columnName(this.by) ? this.skewed : this.high - this.low > WIDE;
  }

  /** A value's place on the scale, in [0, 1]. @param {number} value */
  share(value) {
    const [above, span] = [Math.min(Math.max(value, this.low), this.high) - this.low, this.high - this.low];
    return this.logarithmic ? Math.log1p(above) / Math.log1p(span) : above / span;
  }

  /** For a plotly marker. @param {ArrayLike<number>} order indices of the points drawn @returns {Marker} */
  marker(order) {
    const { values, unknown, valueColors } = this;
    if (values && !unknown) {
      const last = valueColors.length - 1;
      const colorscale = valueColors.map((c, i) => /** @type {[number, string]} */ ([i / last, c]));
      return { color: Float32Array.from(order, (index) => this.share(values[index])), colorscale, cmin: 0, cmax: 1 };
    }
    const n = this.grey + 1;
    const colorscale = Array.from({ length: n }, (_, group) => this.css(group)).flatMap((
      c,
      i,
    ) => /** @type {[number, string][]} */ ([[i / n, c], [(i + 1) / n, c]]));
    return { color: Float32Array.from(order, (index) => this.group(index)), colorscale, cmin: -0.5, cmax: n - 0.5 };
  }

  /** The group of images without a value. */
  get grey() {
    return this.values ? BINS + 1 : this.categoryColors.length;
  }

  /** A point's colour in one of a few groups, so that a canvas changes its fill rarely. @param {number} index */
  group(index) {
    if (this.codes) return this.codes[index] < 0 ? this.grey : this.codes[index];
    if (!this.values) return 0;
    return Number.isNaN(this.values[index]) ? this.grey : Math.round(this.share(this.values[index]) * BINS);
  }

  /** @param {number} group @returns {string} */
  css(group) {
    if (group === this.grey) return GREY;
    if (!this.values) return this.categoryColors[group];
    return this.valueColors[Math.round((group / BINS) * (this.valueColors.length - 1))];
  }
}

/**
 * The 2nd and 98th percentile, as a few outliers must not take the whole scale; and the 50th.
 * @param {Float32Array} values @returns {[number, number, number]}
 */
function bounds(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const at = (/** @type {number} */ share) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = sorted.length ? [at(0.02), at(0.98)] : [0, 1];
  return [low, high > low ? high : low + 1e-6, sorted.length ? at(0.5) : 0];
}
