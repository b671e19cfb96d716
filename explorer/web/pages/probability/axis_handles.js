// The handles a and b, with which the two axes of a Gaussian on the plane are stretched and turned.

import { Gaussian } from "../../maths/gaussian.js";

/** @typedef {import("../../plane/camera.js").Camera} Camera */
/** @typedef {import("../../maths/types.js").Pair} Pair */

const PIXELS = 34; // from the ellipse of two standard deviations to the handle
const [SMALLEST, LARGEST] = [1e-5, 20];
const [STRETCH, TURN] = [1.03, Math.PI / 90]; // of an arrow key

/**
 * Where the handle of an axis is: it stands off, so that it can be taken however small the ellipse is.
 * @param {Gaussian} q @param {number} axis @param {Camera} camera @returns {Pair}
 */
export function axisEnd(q, axis, camera) {
  const length = 2 * q.radii[axis] + PIXELS / camera.scale;
  const angle = q.angle + (axis * Math.PI) / 2;
  return [q.mu[0] + length * Math.cos(angle), q.mu[1] + length * Math.sin(angle)];
}

/**
 * q with the handle of an axis at a point.
 * @param {Gaussian} q @param {number} axis @param {Pair} point
 * @param {boolean} turns whether the ellipse may turn @param {Camera} camera
 */
export function dragged(q, axis, point, turns, camera) {
  const [x, y] = [point[0] - q.mu[0], point[1] - q.mu[1]];
  const along = q.angle + (axis * Math.PI) / 2;
  const distance = turns ? Math.hypot(x, y) : x * Math.cos(along) + y * Math.sin(along);
  const radius = (distance - PIXELS / camera.scale) / 2;
  return changed(q, axis, radius, turns ? Math.atan2(y, x) - (axis * Math.PI) / 2 : q.angle);
}

/**
 * q after arrow keys on the handle of an axis: so many to the right, so many up.
 * @param {Gaussian} q @param {number} axis @param {Pair} keys @param {boolean} turns
 */
export function pressed(q, axis, [right, up], turns) {
  return changed(q, axis, q.radii[axis] * STRETCH ** (right + (turns ? 0 : up)), q.angle + (turns ? TURN * up : 0));
}

/** @param {Gaussian} q @param {number} axis @param {number} radius @param {number} angle */
function changed(q, axis, radius, angle) {
  const radii = /** @type {Pair} */ ([...q.radii]);
  radii[axis] = Math.min(Math.max(radius, SMALLEST), LARGEST);
  // The angle stays within half a turn, as it stands in the address.
  return new Gaussian(q.mu, radii, Math.atan2(Math.sin(angle), Math.cos(angle)));
}
