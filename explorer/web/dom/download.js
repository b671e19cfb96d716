// Files that the page gives to the person.

import { told } from "./told_file.js";

const KEPT_MS = 10_000; // a download has begun by then

/** A picture says what it shows. @param {Blob} blob @param {string} name of the file */
export async function download(blob, name) {
  const href = URL.createObjectURL(await told(blob));
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), KEPT_MS);
}
