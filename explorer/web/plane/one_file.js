// Runs as one HTML file, to be taken along.

import { ask } from "../network/ask.js";
import { saved } from "./share_menu.js";

/**
 * What a share menu offers.
 * @param {string} words @param {() => {dataset: string, runs: string[]}} shown
 * @returns {import("./share_menu.js").Offer}
 */
export function oneFile(words, shown) {
  const make = async () => {
    const { dataset, runs } = shown();
    const query = new URLSearchParams(runs.map((run) => ["run", run]));
    const response = await ask(`export/${encodeURIComponent(dataset)}?${query}`);
    if (!response.ok) throw new Error(await response.text());
    return saved(await response.blob(), `${[dataset, ...runs].join("-")}.html`);
  };
  return { name: "file", words, needsServer: true, make };
}
