// The switches over a page of an exported file: data set, run or runs, the class that a conditional run is given.

import { runsIn } from "./file_address.js";

/** @typedef {import("./address.js").State} State */
/** @typedef {import("./file_address.js").FilePage} FilePage */
/** @typedef {import("./file_address.js").PageSet} PageSet */

export class FileSwitches {
  /** @param {HTMLElement} parent @param {(change: State) => void} changed */
  constructor(parent, changed) {
    this.root = document.createElement("div");
    this.root.className = "file-switches";
    this.changed = changed;
    parent.append(this.root);
  }

  /** @param {FilePage} page @param {PageSet} set of its data set @param {State} state */
  show({ sets, rules }, { runs, shapes, payload }, state) {
    const titles = /** @type {Record<string, {title: string}>} */ (payload.runs);
    const parts = [];
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.testid : undefined;
    const datasets = Object.keys(sets);
    if (datasets.length > 1) {
      parts.push(select("Data set", datasets, String(state.dataset), (dataset) => this.changed({ dataset })));
    }
    if (runs.length > 1 && (rules.run || rules.runs)) {
      const shown = runsIn(state);
      const [least, most] = rules.runs?.runs ?? [1, 1];
      parts.push(group(
        "Runs",
        runs.map((name) => {
          const pressed = shown.includes(name);
          const next = pressed ? shown.filter((other) => other !== name) : [...shown, name];
          const fits = next.length >= Math.min(least, runs.length) && next.length <= most;
          const change = "runs" in state ? { runs: next } : { run: name };
          const open = "runs" in state ? fits : true;
          const why = open ? "" : pressed ? "This page needs that many runs" : `This page shows up to ${most} runs`;
          return toggle(`run-${name}`, titles[name].title, pressed, why, () => this.changed(change));
        }),
      ));
    }
    const conditional = runsIn(state).find((name) => shapes[name]?.conditional);
    if (conditional && "given" in state) {
      const given = state.given ?? 0;
      parts.push(
        group(
          "Class given",
          shapes[conditional].classes.map((name, number) =>
            toggle(`given-${number}`, name, number === given, "", () => this.changed({ given: number }))
          ),
        ),
      );
    }
    this.root.hidden = !parts.length;
    this.root.replaceChildren(...parts);
    const again = focused && this.root.querySelector(`[data-testid="${CSS.escape(focused)}"]`);
    if (again instanceof HTMLElement) again.focus();
  }
}

/** @param {string} label @param {HTMLElement[]} buttons */
function group(label, buttons) {
  const made = Object.assign(document.createElement("div"), { className: "file-group", role: "group" });
  made.setAttribute("aria-label", label);
  made.append(...buttons);
  return made;
}

/**
 * @param {string} testid @param {string} words @param {boolean} pressed @param {string} why  it cannot be pressed
 * @param {() => void} go
 */
function toggle(testid, words, pressed, why, go) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: words, title: why });
  made.dataset.testid = testid;
  made.disabled = Boolean(why);
  made.setAttribute("aria-pressed", String(pressed));
  made.onclick = go;
  return made;
}

/** @param {string} label @param {string[]} options @param {string} value @param {(value: string) => void} chosen */
function select(label, options, value, chosen) {
  const made = document.createElement("select");
  made.setAttribute("aria-label", label);
  made.dataset.testid = "dataset";
  made.append(...options.map((option) => new Option(option, option, false, option === value)));
  made.onchange = () => chosen(made.value);
  return made;
}
