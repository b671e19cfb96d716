// Colours and font of the page, for what is drawn on canvases.

/**
 * @typedef {{text: string, muted: string, accent: string, surface: string, grid: string, zero: string, font: string,
 *   label: number, dark: boolean}} Theme  label: pixels of the numbers on axes
 */

/** @param {HTMLElement} root @returns {Theme} */
export function readTheme(root) {
  const style = getComputedStyle(root);
  const value = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    text: value("--lx-text"),
    muted: value("--lx-muted"),
    accent: value("--lx-accent"),
    surface: value("--lx-surface"),
    grid: value("--lx-grid"),
    zero: value("--lx-zero"),
    font: style.fontFamily,
    label: Number(value("--lx-label")) || 11,
    // The text's own colour tells a dark theme from a light one in every notation a host may use.
    dark: /** @type {number[]} */ (style.color.match(/[\d.]+/g)?.map(Number) ?? [0])[0] > 128,
  };
}
