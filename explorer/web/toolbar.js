// The buttons over a plane that move its view.

/** @typedef {import("./plane.js").Plane} Plane */

const HTML = `
  <button type="button" data-tool="pan" aria-pressed="false" title="Drag moves the view (or hold Shift)" aria-label="Drag moves the view">✥</button>
  <button type="button" data-tool="zoomIn" title="Zoom in (wheel, +)" aria-label="Zoom in">+</button>
  <button type="button" data-tool="zoomOut" title="Zoom out (wheel, -)" aria-label="Zoom out">−</button>
  <button type="button" data-tool="reset" title="Fit the view to the points (Home)" aria-label="Fit the view to the points">⤢</button>
`;

/** @param {HTMLElement} element the plane's @param {Plane} plane */
export function addToolbar(element, plane) {
  const bar = document.createElement("div");
  bar.className = "lx-tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "View");
  bar.innerHTML = HTML;
  element.append(bar);
  const tool = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (bar.querySelector(`[data-tool=${name}]`));
  tool("zoomIn").onclick = () => plane.zoom(1.4);
  tool("zoomOut").onclick = () => plane.zoom(1 / 1.4);
  tool("reset").onclick = () => plane.reset();
  tool("pan").onclick = () => {
    plane.panning = !plane.panning;
    tool("pan").setAttribute("aria-pressed", String(plane.panning));
    element.classList.toggle("lx-panning", plane.panning);
  };
}
