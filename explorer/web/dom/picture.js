// What a part of a page shows, as an SVG picture: its images, drawings and words, each where it stands.

const LOOKS = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "opacity", "text-anchor"];
const FONT = ["font-family", "font-size", "font-weight"];
const APART = ".lx-live, .lx-error, .lx-tools, .lx-controls, input, select, option, button.lx-button";

/** @param {HTMLElement} root @param {string} title read out for the picture */
export function pictureOf(root, title) {
  const frame = root.getBoundingClientRect();
  const [width, height] = [Math.ceil(frame.width), Math.ceil(frame.height)];
  const marks = /** @type {string[]} */ ([]);
  gather(root, frame, marks);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="${ground(root)}"/>
${marks.join("\n")}
</svg>
`;
}

/**
 * Several parts of a page, each under its heading, in rows as wide as the widest.
 * @param {{root: HTMLElement, heading: string}[]} parts at least one @param {string} title read out for the picture
 */
export function picturesOf(parts, title) {
  const [gap, line] = [24, 36];
  const { color, fontFamily } = getComputedStyle(parts[0].root);
  const look = `fill="${color}" font-family="${escaped(fontFamily)}" font-size="18" font-weight="600"`;
  const sizes = parts.map(({ root: { clientWidth, clientHeight } }) => [clientWidth, clientHeight + line]);
  const wide = Math.max(...sizes.map(([width]) => width));
  let [x, y, high] = [0, 0, 0];
  const placed = parts.map(({ root, heading }, i) => {
    const [width, height] = sizes[i];
    if (x + width > wide) [x, y] = [0, high + gap];
    const [left, top] = [x, y];
    [x, high] = [x + width + gap, Math.max(high, y + height)];
    return `<text x="${left}" y="${top + 24}" ${look}>${escaped(heading)}</text>
${pictureOf(root, heading).replace("<svg ", `<svg x="${left}" y="${top + line}" `)}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="${ground(parts[0].root)}"/>
${placed.join("\n")}
</svg>
`;
}

/** @param {Element} element @param {DOMRect} frame @param {string[]} marks to which what is seen is added */
function gather(element, frame, marks) {
  if (element.matches(APART) || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return;
  if (element instanceof HTMLCanvasElement) marks.push(image(element, frame));
  else if (element instanceof SVGSVGElement) marks.push(drawing(element, frame));
  else if (element instanceof MathMLElement) marks.push(...words(element, element.textContent ?? "", frame));
  else {
    for (const child of element.childNodes) {
      if (child instanceof Element) gather(child, frame, marks);
      else if (child instanceof Text && child.data.trim()) marks.push(...lines(child, element, frame));
    }
  }
}

/** @param {HTMLCanvasElement} canvas @param {DOMRect} frame */
function image(canvas, frame) {
  if (!canvas.width || !canvas.height) return "";
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const sharp = getComputedStyle(canvas).imageRendering;
  return `<image x="${left - frame.left}" y="${top - frame.top}" width="${width}" height="${height}"
  style="image-rendering: ${sharp}" href="${canvas.toDataURL()}"/>`;
}

/** @param {SVGSVGElement} svg @param {DOMRect} frame */
function drawing(svg, frame) {
  const { left, top, width, height } = svg.getBoundingClientRect();
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const [from, to] = [[...svg.querySelectorAll("*")], [...copy.querySelectorAll("*")]];
  to.forEach((element, i) => {
    const style = getComputedStyle(from[i]);
    for (const name of ["class", "style", "tabindex", "role"]) element.removeAttribute(name);
    for (const name of [...LOOKS, ...(element.tagName === "text" ? FONT : [])]) {
      element.setAttribute(name, style.getPropertyValue(name));
    }
    const shown = from[i];
    if (!(shown instanceof SVGTextElement) || shown.children.length || !shown.getComputedTextLength()) return;
    element.setAttribute("textLength", shown.getComputedTextLength().toFixed(1)); // whatever font its reader has
    element.setAttribute("lengthAdjust", "spacingAndGlyphs");
  });
  for (const name of ["class", "style", "role"]) copy.removeAttribute(name);
  const place = { x: left - frame.left, y: top - frame.top, width, height };
  for (const [name, value] of Object.entries(place)) copy.setAttribute(name, String(value));
  return new XMLSerializer().serializeToString(copy);
}

/** A text as it is broken into lines. @param {Text} node @param {Element} element around it @param {DOMRect} frame */
function lines(node, element, frame) {
  const range = document.createRange();
  if (getComputedStyle(element).writingMode.startsWith("vertical")) return [upright(element, node.data.trim(), frame)];
  /** @type {{top: number, left: number, right: number, height: number, text: string}[]} */
  const found = [];
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const { left, right, top, width, height } = range.getBoundingClientRect();
    if (!width) continue;
    const last = found[found.length - 1];
    if (last && Math.abs(last.top - top) < height / 2) Object.assign(last, { text: `${last.text} ${word}`, right });
    else found.push({ top, left, right, height, text: word });
  }
  return found.map(({ top, left, right, height, text }) =>
    written(element, text, left - frame.left, top - frame.top, { width: right - left, height })
  );
}

/** A text that is read from below. @param {Element} element @param {string} text @param {DOMRect} frame */
function upright(element, text, frame) {
  const { left, top, width, height } = element.getBoundingClientRect();
  const [x, y] = [left - frame.left + width / 2, top - frame.top + height / 2];
  return `<g transform="rotate(-90 ${x} ${y})">${
    written(element, text, x - height / 2, y - width / 2, { width: height, height: width })
  }</g>`;
}

/** @param {Element} element @param {string} text @param {DOMRect} frame */
function words(element, text, frame) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return [written(element, text, left - frame.left, top - frame.top, { width, height })];
}

/**
 * As wide as it is shown, whatever font the picture's reader has.
 * @param {Element} element @param {string} text @param {number} x @param {number} y its top
 * @param {{width: number, height: number}} size
 */
function written(element, text, x, y, { width, height }) {
  const style = getComputedStyle(element);
  const font = FONT.map((name) => `${name}="${escaped(style.getPropertyValue(name))}"`).join(" ");
  return `<text x="${x.toFixed(1)}" y="${(y + height / 2).toFixed(1)}" dy="0.35em" textLength="${
    width.toFixed(1)
  }" lengthAdjust="spacingAndGlyphs" fill="${style.color}" ${font}>${escaped(text)}</text>`;
}

/** The colour behind an element. @param {Element | null} element */
function ground(element) {
  for (; element; element = element.parentElement) {
    const { backgroundColor } = getComputedStyle(element);
    if (backgroundColor !== "rgba(0, 0, 0, 0)") return backgroundColor;
  }
  return "#fff";
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
