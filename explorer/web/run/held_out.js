// A data set's held-out images: by class, drawn, and compared with what a decoder makes.

import { clearImage, drawImage } from "../dom/image.js";
import { distance } from "../maths/paths.js";
import { kindOf } from "./image_words.js";

/** @typedef {import("./latent_space.js").LatentSpace} LatentSpace */

export class HeldOut {
  /**
   * @param {Int32Array} label of each image
   * @param {Uint8Array | null} gallery their pixels, if there are any
   * @param {number} classes how many
   */
  constructor(label, gallery, classes) {
    this.label = label;
    this.gallery = gallery;
    this.pixels = gallery ? gallery.length / label.length : 0;
    /** @type {number[][]} indices of the images of each class */
    this.members = Array.from({ length: classes }, () => []);
    label.forEach((at, index) => this.members[at]?.push(index));
    /** @type {WeakMap<LatentSpace, Map<number, Float64Array>>} */
    this.means = new WeakMap();
  }

  /**
   * Those of a run's data set; without pixels where the gallery is none of theirs.
   * @param {LatentSpace} space @param {Uint8Array | null} gallery @param {number} [classes] how many
   */
  static of({ label, count, decoder }, gallery, classes = 0) {
    return new HeldOut(label, gallery?.length === count * decoder.pixels ? gallery : null, classes);
  }

  /** What the rows of a run's latents are: points, where no image of them can be seen. @param {LatentSpace} space */
  kind({ decodes }) {
    return kindOf(decodes || this.gallery !== null);
  }

  /** An image's pixels, 0 to 255; only with a gallery. @param {number} index */
  image(index) {
    return /** @type {Uint8Array} */ (this.gallery).subarray(index * this.pixels, (index + 1) * this.pixels);
  }

  /** An image's pixels in [0, 1]; null where they are not here. @param {number} index */
  x(index) {
    return this.gallery ? Float32Array.from(this.image(index), (v) => v / 255) : null;
  }

  /** A class's plainest image: the one nearest to their mean; the first one without pixels. @param {number} label */
  typical(label) {
    const members = this.members[label] ?? [];
    if (!this.gallery || members.length < 2) return members[0] ?? 0;
    const mean = new Float64Array(this.pixels);
    for (const index of members) {
      this.image(index).forEach((v, i) => {
        mean[i] += v / members.length;
      });
    }
    const far = members.map((index) => distance(this.image(index), mean));
    return members[far.indexOf(Math.min(...far))];
  }

  /**
   * The image of the same class some places on, round and round.
   * @param {number} index @param {number} places
   */
  next(index, places) {
    const members = this.members[this.label[index]] ?? [index];
    const at = members.indexOf(index) + places;
    return members[((at % members.length) + members.length) % members.length];
  }

  /**
   * The mean of a class's codes in a run; null for a class without images.
   * @param {LatentSpace} space @param {number} label
   */
  mean(space, label) {
    const members = this.members[label] ?? [];
    if (!members.length) return null;
    const known = this.means.get(space) ?? new Map();
    this.means.set(space, known);
    if (!known.has(label)) known.set(label, space.meanCode(members));
    return /** @type {Float64Array} */ (known.get(label));
  }

  /**
   * Draw an image, or, without a gallery, the run's own reconstruction of it, if it has a decoder.
   * @param {HTMLCanvasElement} canvas @param {LatentSpace} space @param {number} index
   */
  draw(canvas, space, index) {
    if (this.gallery) drawImage(canvas, this.image(index), space.decoder.imageShape, 1);
    else if (!space.decodes) clearImage(canvas);
    else drawImage(canvas, space.reconstruct(index), space.decoder.imageShape);
  }

  /**
   * The L2 distance to the nearest held-out image, pixels from 0 to 1.
   * @param {ArrayLike<number>} pixels @param {number} guess an image that is likely near
   */
  nearest(pixels, guess) {
    const gallery = /** @type {Uint8Array} */ (this.gallery);
    const wanted = Float32Array.from(pixels, (v) => 255 * v);
    let [index, best] = [guess, distance(this.image(guess), wanted) ** 2];
    for (let other = 0; other < this.label.length; other++) {
      let sum = 0;
      // Most images are out of the running after a few rows.
      for (let i = 0, at = other * this.pixels; i < this.pixels && sum < best;) {
        for (const end = Math.min(i + 56, this.pixels); i < end; i++, at++) {
          sum += (gallery[at] - wanted[i]) * (gallery[at] - wanted[i]);
        }
      }
      if (sum < best) [index, best] = [other, sum];
    }
    return { index, distance: Math.sqrt(best) / 255 };
  }
}
