// A sentence whose first mention of each of the glossary's words, and each equation that it cites, is a button.

import { EQUATIONS } from "./equations.js";
import { TERMS } from "./glossary.js";

const SAID = Object.entries(/** @type {Record<string, import("./glossary.js").Meaning>} */ (TERMS))
  .flatMap(([name, { said }]) => said ? [{ name, said, unless: "" }] : []);
/** Words that pages mark by themselves, and that sentences which the server lays out have as well. */
const ALSO = [
  { name: "nats", said: "nats", unless: "" },
  { name: "kl", said: "KL", unless: "(?! only)" }, // a run's name
  { name: "elbo", said: "ELBO", unless: "" },
];
const escaped = (/** @type {string} */ text) => text.replace(/[|()]/g, "\\$&");
const wordsOf = (/** @type {{said: string, unless: string}[]} */ said) =>
  new RegExp(
    `(?<![\\w-])(${said.map((one) => escaped(one.said) + one.unless).join("|")})(?![\\w-])|\\(?\\bEq\\. (${
      Object.keys(EQUATIONS).sort((a, b) => b.length - a.length).join("|")
    })(?!\\d)\\)?`,
  );
const EVERYWHERE = { said: SAID, words: wordsOf(SAID) };
const ALL = { said: [...SAID, ...ALSO], words: wordsOf([...SAID, ...ALSO]) };

/** Write a sentence into an element, if it is not there already. @param {HTMLElement} element @param {string} text */
export function explained(element, text) {
  if (element.textContent === text) return;
  element.replaceChildren(...pieces(text, new Set(), EVERYWHERE));
}

/**
 * The same for what is written in an element already.
 * @param {HTMLElement} element @param {boolean} [all] also the words that pages mark by themselves
 */
export function explain(element, all = false) {
  const known = /** @type {Set<string>} */ (new Set());
  for (const node of [...element.childNodes]) {
    if (node instanceof Text) node.replaceWith(...pieces(node.data, known, all ? ALL : EVERYWHERE));
  }
}

/**
 * @param {string} text @param {Set<string>} known words that are buttons already @param {typeof EVERYWHERE} marked
 * @returns {(string | Node)[]}
 */
function pieces(text, known, marked) {
  const found = marked.words.exec(text);
  if (!found) return [text];
  const word = found[0];
  const [before, rest] = [text.slice(0, found.index), text.slice(found.index + word.length)];
  if (found[2]) return [before, chip(found[2], word), ...pieces(rest, known, marked)];
  const name = marked.said.find(({ said }) => said === word)?.name ?? "";
  const shown = known.has(name) ? word : button(name, word);
  return [before, shown, ...pieces(rest, known.add(name), marked)];
}

/** @param {string} name @param {string} textContent */
function button(name, textContent) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "lx-term", textContent });
  made.dataset.term = name;
  return made;
}

/** @param {string} number of an equation @param {string} textContent */
function chip(number, textContent) {
  const className = "lx-term lx-chip";
  const made = Object.assign(document.createElement("button"), { type: "button", className, textContent });
  made.dataset.equation = number;
  return made;
}
