// A run in the browser: its held-out images' latents, the plane that they are seen on, and its decoder.

import { pointDensity } from "../maths/point_density.js";
import { Decoder } from "../network/decoder.js";
import { drawnPoint, drawnPoints } from "../maths/drawn_points.js";
import { ellipse, outline } from "../maths/covariance.js";
import { Gaussian } from "../maths/gaussian.js";
import { FlatPlane, nearestRows } from "../maths/projection.js";
import { lineGaussian } from "../maths/idle_dimension.js";
import { lineDensity, underDensity } from "../maths/line_density.js";
import { NearestGrid } from "../maths/nearest_grid.js";
import { PercentilePlane } from "../maths/percentile_plane.js";
import { NoDecoder } from "../network/no_decoder.js";
import { RemoteDecoder } from "../network/remote_decoder.js";
import { fetchSafetensors } from "../network/safetensors.js";

/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("../maths/projection.js").Projection} Projection */
/**
 * What a point's colour may say.
 * What colours points; `rank:` before a value: by its rank among all images.
 * @typedef {"label" | "reconstruction" | "kl" | "width" | "density" | `column:${string}` | `rank:${string}`} ColorBy
 */
/** @typedef {import("./columns.js").Column} Column */
/** @typedef {{decoder: string, latents: string}} RunUrls */
/**
 * What stands for an image: its posterior's mean, one draw of it, or (auto) a draw where the means tell nothing.
 * @typedef {"auto" | "means" | "draws"} PointKind
 */

const MANY = 20_000;
const COLLAPSED = 0.1; // nats of KL, below which posteriors are the prior

export class LatentSpace {
  /**
   * @param {Record<string, import("../network/safetensors.js").Tensor>} arrays  as explorer/views/latents.py makes them
   * @param {Decoder} decoder
   * @param {Projection} [projection]  the plane that is seen: the first two principal components, or D = 2 itself, if
   *   not given
   * @param {boolean} [draws]  whether a draw of each posterior is a point, not its mean
   */
  constructor(arrays, decoder, projection, draws = false) {
    this.arrays = arrays;
    this.draws = draws;
    /** the same with draws for points, and on axes of percentiles @type {LatentSpace | null} */
    this.drawing = null;
    /** @type {LatentSpace | null} */
    this.bent = null;
    this.decoder = decoder;
    /** of a conditional run, the same with another class given @type {Map<number, LatentSpace>} */
    this.byClass = new Map();
    /** the same with its classes numbered otherwise @type {Map<string, LatentSpace>} */
    this.byNumbers = new Map();
    /** Whether there is a decoder; latents alone have none. */
    this.decodes = !(/** @type {unknown} */ (decoder) instanceof NoDecoder);
    this.label = /** @type {Int32Array} */ (arrays.label.data);
    this.mu = /** @type {Float32Array} */ (arrays.mu.data);
    this.count = this.label.length;
    this.dim = this.mu.length / this.count;
    /** UMAP's points; null for D = 2 */
    this.umap = /** @type {Float32Array | null} */ (arrays.umap?.data ?? null);
    /** Per-image values that points can be coloured by; null where a deterministic code has none. */
    this.values = {
      // null in latents alone, which only pages are shown that ask for `decodes`
      reconstruction: /** @type {Float32Array} */ (arrays.reconstruction?.data ?? null),
      kl: /** @type {Float32Array | null} */ (arrays.kl?.data ?? null),
      width: /** @type {Float32Array | null} */ (arrays.width?.data ?? null),
    };
    /** what else is known of the images, by name, as far as it was loaded @type {Map<string, Column>} */
    this.columns = new Map();
    /** @type {Float32Array | null} */
    this.crowds = null;
    /** @type {NearestGrid | null} */
    this.cells = null;
    /** whether it has one dimension only: z across, and up what keeps the points apart */
    this.line = this.dim === 1;
    if (this.line) this.crowds = lineDensity(this.mu);
    this.projection = projection ?? new FlatPlane(
      this.crowds ? underDensity(this.mu, this.crowds) : /** @type {Float32Array} */ (arrays.xy.data),
      arrays.origin.data,
      arrays.basis.data,
      /** @type {Float32Array | null} */ (arrays.cov?.data ?? null),
    );
    /** the same plane where its axes are the prior's percentiles, else null */
    this.percentiles = this.projection instanceof PercentilePlane ? this.projection : null;
    this.cov = this.projection.cov;
    /** the means on the plane */
    this.means = this.projection.xy;
    /** the points that are seen */
    this.xy = this.draws && this.cov ? this.drawPoints(this.cov) : this.means;
  }

  /** @param {Float32Array} cov */
  drawPoints(cov) {
    const { percentiles } = this;
    const points = drawnPoints(percentiles ? percentiles.flat.xy : this.means, cov);
    if (percentiles) return percentiles.bend(points);
    if (!this.line) return points;
    const across = points.filter((_, i) => i % 2 === 0);
    return underDensity(across, this.crowds = lineDensity(across));
  }

  /** The same with other points for its images, on a plane where posteriors have a shape. @param {PointKind} points */
  withPoints(points) {
    if (!this.cov || points === "means" || (points === "auto" && !this.collapsed)) return this;
    return this.drawing ??= Object.assign(new LatentSpace(this.arrays, this.decoder, this.projection, true), {
      label: this.label,
      columns: this.columns,
    });
  }

  /**
   * The same on axes that are bent to the prior's percentiles; only of a flat plane, which UMAP's map is not, and of
   * N(0, I).
   */
  onPercentiles() {
    if (!(this.projection instanceof FlatPlane) || !this.decoder.prior.standard) return this;
    const bent = this.bent ??= new LatentSpace(
      this.arrays,
      this.decoder,
      new PercentilePlane(this.projection, this.line),
    );
    return Object.assign(bent, { label: this.label, columns: this.columns });
  }

  /** Whether every posterior is the prior, so that all means lie in one place. */
  get collapsed() {
    const { kl } = this.values;
    return kl !== null && kl.reduce((sum, v) => sum + v, 0) / this.count < COLLAPSED;
  }

  /** The points in cells, where they are too many to be looked through in a frame. */
  get grid() {
    if (this.count >= MANY && !this.line) this.cells ??= new NearestGrid(this.xy);
    return this.cells;
  }

  /** A per-image value that points can be coloured by. @param {"reconstruction" | "kl" | "width" | "density"} by */
  value(by) {
    return by === "density" ? (this.crowds ??= pointDensity(this.xy)) : this.values[by];
  }

  /** @param {RunUrls} urls */
  static async fetch(urls) {
    const [latents, decoder] = await Promise.all([fetchSafetensors(urls.latents), fetchSafetensors(urls.decoder)]);
    const { tensors, metadata } = decoder;
    if (metadata.layers) return new LatentSpace(latents.tensors, new Decoder(tensors, metadata));
    if (metadata.none) return new LatentSpace(latents.tensors, /** @type {any} */ (new NoDecoder(metadata)));
    // no network: pages that need one are not shown it
    const remote = /** @type {any} */ (new RemoteDecoder(urls.decoder, metadata));
    return new LatentSpace(latents.tensors, remote);
  }

  /**
   * The same with a class given to a conditional run for all that is decoded; any other run is its own.
   * @param {number} label
   */
  given(label) {
    const decoder = this.decoder.given(label);
    if (decoder === this.decoder) return this;
    const known = this.byClass.get(label) ?? new LatentSpace(this.arrays, decoder, this.projection);
    known.columns = this.columns;
    this.byClass.set(label, known);
    return known;
  }

  /**
   * The same with its classes numbered as those of several runs together.
   * @param {number[]} numbers of its own classes, -1 for none
   */
  relabelled(numbers) {
    const known = this.byNumbers.get(numbers.join()) ?? new LatentSpace(this.arrays, this.decoder, this.projection);
    known.label = this.label.map((label) => numbers[label] ?? -1);
    known.columns = this.columns;
    this.byNumbers.set(numbers.join(), known);
    return known;
  }

  /** The same run, seen on another plane. @param {Projection} projection */
  seenOn(projection) {
    const seen = new LatentSpace(this.arrays, this.decoder, projection);
    seen.columns = this.columns;
    return seen;
  }

  /** The posterior mean of a held-out image. @param {number} index */
  code(index) {
    return this.mu.subarray(index * this.dim, (index + 1) * this.dim);
  }

  /** What a projection is made of. @returns {import("../maths/types.js").Latents} */
  latents() {
    const { mu, count, dim } = this;
    const covariance = this.values.width &&
      ((/** @type {[number, number, number]} */ ...entry) => this.covariance(...entry));
    return { mu, count, dim, covariance };
  }

  /** The mean of some images' posterior means. @param {ArrayLike<number>} indices */
  meanCode(indices) {
    const { mu, dim } = this;
    const sum = new Float64Array(dim);
    for (let i = 0; i < indices.length; i++) for (let d = 0; d < dim; d++) sum[d] += mu[indices[i] * dim + d];
    return sum.map((v) => v / indices.length);
  }

  /**
   * An entry of a posterior's covariance, for D > 2.
   * @param {number} index @param {number} a @param {number} b dimensions
   */
  covariance(index, a, b) {
    const { data, shape } = this.arrays.spread;
    if (shape.length === 2) return a === b ? data[index * this.dim + a] ** 2 : 0;
    const [one, other] = [a, b].map((d) => (index * this.dim + d) * this.dim);
    let sum = 0;
    for (let k = 0; k < this.dim; k++) sum += data[one + k] * data[other + k];
    return sum;
  }

  /**
   * z = mu + L epsilon (Eq. 26) of an image's posterior, for D > 2; null without noise.
   * @param {number} index @param {ArrayLike<number>} epsilon (D,)
   */
  drawn(index, epsilon) {
    const { spread } = this.arrays;
    if (!spread) return null;
    const { data, shape } = spread;
    return Array.from(this.code(index), (mu, d) => {
      if (shape.length === 2) return mu + data[index * this.dim + d] * epsilon[d];
      const row = (index * this.dim + d) * this.dim;
      let sum = mu;
      for (let k = 0; k <= d; k++) sum += data[row + k] * epsilon[k];
      return sum;
    });
  }

  /** Where an image's posterior mean is on the plane. @param {number} index @returns {Pair} */
  point(index) {
    return [this.means[2 * index], this.means[2 * index + 1]];
  }

  /** z of a point on the plane. @param {Pair} point */
  latent(point) {
    return this.projection.latent(point);
  }

  /** The point of the plane under a latent vector. @param {ArrayLike<number>} z @returns {Pair} */
  project(z) {
    return this.projection.project(z);
  }

  /** Where a handle wanted at a point can be: on a line it only goes across. @param {Pair} point @returns {Pair} */
  reach([x, y]) {
    if (this.percentiles) return this.percentiles.reach([x, y]);
    return this.line ? [x, 0] : [x, y];
  }

  /** The point that an address names: by a latent vector, or by two numbers. @param {number[]} z @returns {Pair} */
  place(z) {
    return z.length === 2 && !this.line ? /** @type {Pair} */ (z) : this.project(z);
  }

  /** The z of the plane nearest to another one: itself, of two dimensions. @param {ArrayLike<number>} z */
  onto(z) {
    return this.percentiles ? this.percentiles.onto(z) : this.latent(this.reach(this.project(z)));
  }

  /** The plane's point that is nearest to the prior's mean, z = 0. @returns {Pair} */
  priorCenter() {
    return this.project(new Float32Array(this.dim));
  }

  /** E[x|z] at a point on the plane. @param {Pair} point @param {Float32Array} [out] */
  decode(point, out) {
    return this.decoder.decode(this.latent(point), out);
  }

  /**
   * The reconstruction of a held-out image: E[x|z = mu], of a conditional run with the image's own class.
   * @param {number} index @param {Float32Array} [out]
   */
  reconstruct(index, out) {
    return this.decoder.given(this.arrays.label.data[index]).decode(this.code(index), out);
  }

  /**
   * The nearest held-out image's point on the plane, among those whose class is shown.
   * @param {Pair} point @param {(label: number) => boolean} [shown]
   * @param {number} [tall] by how much more upwards counts than across: nothing on a line, if not given
   * @returns {{index: number, distance: number}} index -1 when none is shown
   */
  nearest([x, y], shown = () => true, tall = this.line ? 0 : 1) {
    const { xy, label } = this;
    let [index, best] = [-1, Infinity];
    if (this.grid) {
      const { rows, squared } = this.grid.nearest([x, y], 1, (i) => shown(label[i]));
      return rows.length ? { index: rows[0], distance: Math.sqrt(squared[0]) } : { index, distance: best };
    }
    for (let i = 0; i < this.count; i++) {
      const [dx, dy] = [xy[2 * i] - x, (xy[2 * i + 1] - y) * tall];
      const squared = dx * dx + dy * dy;
      if (squared < best && shown(label[i])) [index, best] = [i, squared];
    }
    return { index, distance: Math.sqrt(best) };
  }

  /**
   * The images whose means are nearest to a latent vector, in all its dimensions, nearest first.
   * @param {ArrayLike<number>} z @param {number} count @param {(index: number) => boolean} [allowed]
   * @returns {{index: number, distance: number}[]}
   */
  nearestCodes(z, count, allowed) {
    const { rows, squared } = this.grid && this.dim === 2 && !this.draws
      ? this.grid.nearest(z, count, allowed)
      : nearestRows(this.mu, this.dim, z, count, allowed);
    return rows.map((index, place) => ({ index, distance: Math.sqrt(squared[place]) }));
  }

  /**
   * The posterior q(z|x) of an image on the plane; null without noise and where it has no shape.
   * @param {number} index
   */
  ellipse(index) {
    if (!this.cov || this.percentiles) return null;
    const [xx, xy, yy] = this.cov.subarray(3 * index, 3 * index + 3);
    return ellipse(xx, xy, yy);
  }

  /**
   * The same at so many standard deviations as a closed curve, on bent axes, too; null where it has no shape.
   * @param {number} index @param {number} sigma @returns {Pair[] | null}
   */
  outline(index, sigma) {
    if (!this.cov) return null;
    return this.percentiles?.outline(index, sigma) ??
      outline(this.point(index), this.cov.subarray(3 * index, 3 * index + 3), sigma);
  }

  /**
   * A new draw of an image's posterior, on the plane (Eq. 26).
   * @param {number} index @param {import("../maths/normal.js").Random} random @returns {Pair}
   */
  drawnOn(index, random) {
    const cov = /** @type {Float32Array} */ (this.cov).subarray(3 * index, 3 * index + 3);
    return this.reach(this.percentiles?.drawn(index, random) ?? drawnPoint(this.point(index), cov, random));
  }

  /**
   * q(z|x) of an image, of one or two dimensions; null without noise.
   * @param {number} index
   */
  gaussian(index) {
    if (!this.cov) return null;
    const covariance = this.cov.subarray(3 * index, 3 * index + 3);
    return this.line
      ? lineGaussian(this.mu[index], Math.sqrt(covariance[0]))
      : Gaussian.of(this.point(index), covariance);
  }

  /** The same for a covariance L L^T. @param {number[][]} factor the rows of L, up to the diagonal */
  ellipseOf(factor) {
    return this.projection.ellipseOf(factor);
  }
}
