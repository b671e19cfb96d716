// From one image to the next in a direction: how arrow keys walk a cloud of points.

/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */

/**
 * The image to go to from `index`: of those within 45 degrees of the direction and at least as far along it as it is
 * long, the one with the shortest way, detours counting double. -1 if there is none.
 * @param {LatentSpace} space @param {number} index @param {Pair} direction in units of the axes
 * @param {(label: number) => boolean} shown
 */
export function imageTowards({ xy, label, count }, index, [dx, dy], shown) {
  const least = Math.hypot(dx, dy);
  const [ux, uy] = [dx / least, dy / least];
  let [found, best] = [-1, Infinity];
  for (let i = 0; i < count; i++) {
    const [x, y] = [xy[2 * i] - xy[2 * index], xy[2 * i + 1] - xy[2 * index + 1]];
    const along = x * ux + y * uy;
    const aside = Math.abs(x * uy - y * ux);
    if (along < least || aside > along) continue;
    if (along + 2 * aside < best && shown(label[i])) [found, best] = [i, along + 2 * aside];
  }
  return found;
}
