// Switches for the classes, or the scale of the values that points are coloured by.

import { inNats, significant } from "../dom/format.js";

/** @typedef {import("./coloring.js").Coloring} Coloring */

/**
 * Switches for the classes, or the scale of the values that points are coloured by.
 * @param {HTMLElement} parent @param {Coloring} coloring
 * @param {string[]} classes @param {Set<number>} hidden changed by the switches @param {() => void} onChange
 */
export function legend(parent, coloring, classes, hidden, onChange) {
  const { what } = coloring;
  if (coloring.missing) {
    parent.replaceChildren(Object.assign(document.createElement("span"), {
      className: "lx-scale",
      textContent: `${what.title}: none, the code of this run has no noise`,
    }));
    return;
  }
  if (coloring.values) {
    const bar = document.createElement("i");
    bar.style.background = `linear-gradient(to right, ${coloring.valueColors.join(", ")})`;
    const read = what.unit === "nats" ? inNats : significant;
    const scale = document.createElement("span");
    scale.className = "lx-scale";
    scale.append(
      what.title,
      ` ${read(coloring.low)}`,
      bar,
      `${read(coloring.high)} ${what.unit}${coloring.logarithmic ? " (log)" : ""}`,
    );
    parent.replaceChildren(scale);
    return;
  }
  const buttons = classes.map((name, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = "Click: show or hide; double click: show this class alone, or all again";
    const dot = document.createElement("i");
    dot.style.background = coloring.classColors[index];
    button.append(dot, name);
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
  const changed = () => {
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(!hidden.has(index))));
    onChange();
  };
  buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(!hidden.has(index))));
  parent.replaceChildren(...buttons);
}
