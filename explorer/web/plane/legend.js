// What the points' colours mean: switches for the classes, the names of categories, or the scale of the values.

import { inNats, significant } from "../dom/format.js";
import { signScrolling } from "../dom/scroll_sign.js";

/** @typedef {import("./coloring.js").Coloring} Coloring */

/**
 * Switches for the classes, the names of a column's categories, or the scale of the values that points are coloured by.
 * @param {HTMLElement} parent @param {Coloring} coloring
 * @param {string[]} classes @param {Set<number>} hidden changed by the switches @param {() => void} onChange
 */
export function legend(parent, coloring, classes, hidden, onChange) {
  const { by, what, missing, unknown, values, categories } = coloring;
  if (missing) parent.replaceChildren(span("lx-scale", `${what.title}: ${missing}`));
  else if (values) parent.replaceChildren(scale(coloring));
  else if (categories) {
    const keys = categories.map((name, code) => span("lx-key", dot(coloring.css(code)), name));
    parent.replaceChildren(span("lx-scale", `${what.title}:`), ...keys);
  } else parent.replaceChildren(...switches(coloring, classes, hidden, onChange));
  if (unknown && !missing) {
    const without = `${unknown.toLocaleString("en")} without a ${by === "label" ? "class" : "value"}`;
    parent.append(span("lx-key", dot(coloring.css(coloring.grey)), without));
  }
  signScrolling(parent);
}

/** @param {string} className @param {...(string | Node)} content */
function span(className, ...content) {
  const element = Object.assign(document.createElement("span"), { className });
  element.append(...content);
  return element;
}

/** @param {string} color */
function dot(color) {
  const element = document.createElement("i");
  element.style.background = color;
  return element;
}

/** @param {Coloring} coloring */
function scale({ what, low, high, valueColors, logarithmic, ranked }) {
  const bar = dot(`linear-gradient(to right, ${valueColors.join(", ")})`);
  if (ranked) return span("lx-scale", what.title, ": lowest", bar, "highest");
  const read = what.unit === "nats" ? inNats : significant;
  const end = [read(high), what.unit, logarithmic ? "(log)" : ""].filter(Boolean).join(" ");
  return span("lx-scale", what.title, ` ${read(low)}`, bar, end);
}

/**
 * @param {Coloring} coloring @param {string[]} classes @param {Set<number>} hidden @param {() => void} onChange
 */
function switches(coloring, classes, hidden, onChange) {
  const buttons = classes.map((name, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = "Click: show or hide; double click: show this class alone, or all again";
    button.append(dot(coloring.css(index)), name);
    button.onclick = () => {
      if (!hidden.delete(index)) hidden.add(index);
      changed();
    };
    button.ondblclick = () => {
      const alone = hidden.size === classes.length - 1 && !hidden.has(index);
      hidden.clear();
      if (!alone) classes.forEach((_, other) => other !== index && hidden.add(other));
      changed();
    };
    return button;
  });
  const press = () =>
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(!hidden.has(index))));
  const changed = () => {
    press();
    onChange();
  };
  press();
  return buttons;
}
