// The elements that a piece of markup marks as `data-part="name"`, for the code that fills them.

/**
 * All elements so marked, in their order; it is an error if there is none, or one of another class.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root @param {string} name @param {new () => T} [kind] their class
 * @returns {T[]}
 */
export function parts(root, name, kind = /** @type {any} */ (HTMLElement)) {
  const found = [...root.querySelectorAll(`[data-part="${name}"]`)].filter((element) => element instanceof kind);
  if (!found.length) throw new Error(`the page has no ${kind.name} called ${name}`);
  return /** @type {T[]} */ (found);
}

/**
 * The first of them.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root @param {string} name @param {new () => T} [kind] its class
 * @returns {T}
 */
export function part(root, name, kind) {
  return parts(root, name, kind)[0];
}
