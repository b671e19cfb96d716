// What an image on the page was decoded from: where only the points around z move, it stays.

export class LastDecoded {
  constructor() {
    /** @type {unknown} */
    this.decoder = null;
    /** @type {number[]} */
    this.z = [];
  }

  /**
   * Whether this is another image than the last one that was asked about.
   * @param {unknown} decoder @param {ArrayLike<number>} z
   */
  differs(decoder, z) {
    const { z: before } = this;
    if (decoder === this.decoder && z.length === before.length && before.every((v, d) => v === z[d])) return false;
    this.decoder = decoder;
    this.z = Array.from(z);
    return true;
  }

  /** The page shows another image, or none. */
  forget() {
    this.decoder = null;
  }
}
