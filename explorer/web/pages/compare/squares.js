// How large the square planes of the Compare page are, and where what each run decodes stands.

const GAP = 16; // pixels, as in compare.css
const TITLE = 32; // with its gap
const BELOW = 100; // what is decoded, and the words on it, with their gap
const IMAGE = [80, 200]; // sides of what is decoded, at least and at most
const SHARE = 0.4; // of a column, which it may take below its plane
const BESIDE = 176; // the least that it is wide
const LEAST = 200;

/**
 * Sides of the planes, in pixels.
 * @param {number} count of the planes @param {number} width of all of them together
 * @param {number} room  height from their titles down to the window's lower edge
 * @returns {{side: number, image: number, beside: boolean}} sides of the planes and of what is decoded, which stands
 *   beside its plane or below it
 */
export function squares(count, width, room) {
  const column = (width - GAP * (count - 1)) / Math.max(count, 1);
  const below = Math.floor(Math.max(Math.min(column, room - TITLE - BELOW), LEAST));
  const beside = Math.floor(Math.min(column - GAP - BESIDE, room - TITLE));
  const [least, most] = IMAGE;
  if (beside > below) return { side: beside, image: Math.min(column - GAP - beside, 1.5 * most), beside: true };
  const image = Math.min(Math.max(room - TITLE - below - GAP, least), most, SHARE * column);
  return { side: below, image, beside: false };
}

/**
 * Height from the panels' upper edge to the window's lower one.
 * @param {HTMLElement} root @param {HTMLElement} panels
 */
export function roomBelow(root, panels) {
  const height = parseFloat(root.style.getPropertyValue("--lx-height")) || 600;
  return height - (panels.getBoundingClientRect().top - root.getBoundingClientRect().top);
}
