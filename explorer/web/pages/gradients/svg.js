// SVG elements by their names and attributes.

const NAMESPACE = "http://www.w3.org/2000/svg";

/** @param {string} name @param {Record<string, string | number>} attributes @param {string} [text] */
export function svg(name, attributes, text) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** A path through points, in pixels. @param {number[][]} points */
export function through(points) {
  return `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
}

/** A level arrow of some length, to the left below 0. @param {number} x @param {number} y @param {number} length */
export function arrow(x, y, length) {
  const end = x + length;
  const head = Math.sign(length) * Math.min(7, Math.abs(length));
  return `M${x.toFixed(1)} ${y.toFixed(1)}H${end.toFixed(1)}m${(-head).toFixed(1)} -4l${head.toFixed(1)} 4l${
    (-head).toFixed(1)
  } 4`;
}
