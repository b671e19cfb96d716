// Files that the page gives to the person.

const KEPT_MS = 10_000; // a download has begun by then

/** @param {Blob} blob @param {string} name of the file */
export function download(blob, name) {
  const href = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), KEPT_MS);
}
