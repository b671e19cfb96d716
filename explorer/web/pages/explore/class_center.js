// Where a class lies on a plane.

/** @typedef {import("../../maths/types.js").Pair} Pair */

/**
 * The point of the image of a class that is nearest to the class's mean; null where it has none.
 * @param {import("../../run/latent_space.js").LatentSpace} space @param {number} label @returns {Pair | null}
 */
export function nearestToMean(space, label) {
  let [count, x, y] = [0, 0, 0];
  space.label.forEach((own, index) => {
    if (own !== label) return;
    const [left, up] = space.point(index);
    [count, x, y] = [count + 1, x + left, y + up];
  });
  if (!count) return null;
  const { index } = space.nearest([x / count, y / count], (own) => own === label);
  return index < 0 ? null : space.point(index);
}
