// A term that is hovered or focused lights up wherever it is shown: in the equation, as a figure, bar and picture.

/**
 * While something that is marked `data-term="name"` is hovered or focused, the page's root says so as `data-lit`.
 * @param {HTMLElement} root
 */
export function lightTogether(root) {
  const light = (/** @type {Event} */ { target }) => {
    const term = target instanceof Element ? target.closest("[data-term]")?.getAttribute("data-term") : null;
    if ((root.dataset.lit ?? null) === (term ?? null)) return;
    if (term) root.dataset.lit = term;
    else delete root.dataset.lit;
  };
  for (const name of ["pointerover", "focusin"]) root.addEventListener(name, light);
  for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, () => delete root.dataset.lit);
}
