// What a scene says: its title, a sentence in words, and one in symbols with the equation that it cites.

import { EQUATIONS, math } from "../../dom/equations.js";
import { explained } from "../../dom/explained.js";

const CITED = /\bEq\. (\d+)/;

export class Caption {
  /** @param {ReturnType<import("./markup.js").tourParts>} parts */
  constructor({ count, title, text, equation, symbols }) {
    this.parts = { count, title, text, equation, symbols };
  }

  /** @param {import("./tour.js").Scene} scene @param {number} number from 1 on @param {number} total */
  show({ title, text, symbols }, number, total) {
    const { parts } = this;
    parts.count.textContent = `${number} / ${total}`;
    parts.title.textContent = title;
    explained(parts.text, text);
    explained(parts.symbols, symbols);
    const cited = EQUATIONS[CITED.exec(symbols)?.[1] ?? ""];
    parts.equation.innerHTML = cited ? math(cited.math) : "";
  }
}
