// The elements that markup marks as `data-part="name"`, for the code that fills them.

/**
 * The first element so marked.
 * @template {Element} [T=HTMLElement]
 * @param {Element} root that holds it @param {string} name @param {new () => T} [kind] its class
 * @returns {T}
 */
export function part(root, name, kind) {
  return parts(root, name, kind)[0];
}

/**
 * All elements so marked, in their order; it is an error if there is none, or one of another class.
 * @template {Element} [T=HTMLElement]
 * @param {Element} root @param {string} name @param {new () => T} [kind]
 * @returns {T[]}
 */
export function parts(root, name, kind = /** @type {any} */ (HTMLElement)) {
  const found = [...root.querySelectorAll(`[data-part="${name}"]`)].filter((element) => element instanceof kind);
  if (!found.length) throw new Error(`there is no ${kind.name} called ${name}`);
  return /** @type {T[]} */ (found);
}
