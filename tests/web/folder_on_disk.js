// A run's folder on the disk, for explorer/web/checkpoint to read in tests.
/// <reference lib="deno.ns" />

import { sha256Of } from "../../explorer/web/checkpoint/json_file.js";
import { loadConfig, loadMetrics, refuseLarge } from "../../explorer/web/checkpoint/run_files.js";
import { readRun } from "../../explorer/web/checkpoint/run_parts.js";
import { ViewerContents } from "../../explorer/web/hosts/viewer_contents.js";
import { parseSafetensors } from "../../explorer/web/network/safetensors.js";

/** @param {string} path @returns {import("../../explorer/web/checkpoint/run_files.js").Folder} */
export function folderOnDisk(path) {
  const [parent, name] = [path.slice(0, path.lastIndexOf("/")), path.slice(path.lastIndexOf("/") + 1)];
  const reader = (/** @type {string} */ root) => async (/** @type {string} */ file, /** @type {number} */ limit) => {
    try {
      refuseLarge(`${root}/${file}`, (await Deno.stat(`${root}/${file}`)).size, limit);
      return await Deno.readFile(`${root}/${file}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  };
  return { name, path, read: reader(path), beside: reader(parent) };
}

/** Each part of a run by the SHA-256 of its arrays, and its metadata. @param {string} path */
export async function digestOf(path) {
  const run = await readRun(folderOnDisk(path));
  /** @type {Record<string, ArrayBuffer | undefined>} */
  const files = { ...run.files, gallery: run.gallery?.file, classifier: run.classifier?.file };
  run.columns.forEach((file, place) => files[`column ${place}`] = file);
  const parts = await Promise.all(
    Object.entries(files).map(async ([name, file]) => [name, file ? await digest(file) : null]),
  );
  return { parts: Object.fromEntries(parts), count: run.count, problems: run.problems };
}

/** @param {ArrayBuffer} file */
async function digest(file) {
  const { tensors, metadata } = parseSafetensors(file);
  const arrays = await Promise.all(
    Object.entries(tensors).map(async ([name, { shape, data }]) => {
      const hash = await crypto.subtle.digest(
        "SHA-256",
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
      );
      const digits = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0"));
      return [name, [data.constructor.name, shape, digits.join("")]];
    }),
  );
  return { metadata, tensors: Object.fromEntries(arrays) };
}

/** Why a run is refused; "" where it is not. @param {string} path */
export async function refusalOf(path) {
  try {
    await readRun(folderOnDisk(path));
    return "";
  } catch (error) {
    if (error instanceof Error && error.constructor.name === "Refusal") return error.message;
    throw error;
  }
}

/**
 * Of each text of a config.json or metrics.json whether it is refused.
 * @param {{name: string, texts: string[], dim: number}} files  `dim`: of the run's latent space
 */
export function refused({ name, texts, dim }) {
  return Promise.all(texts.map(async (text) => {
    const bytes = new TextEncoder().encode(text);
    const read = () => Promise.resolve(bytes);
    const folder = { name: "run", path: "run", read, beside: read };
    const config = /** @type {any} */ ({ files: { [name]: await sha256Of(bytes) }, model: { latent_dim: dim } });
    try {
      await (name === "config.json" ? loadConfig(folder) : loadMetrics(folder, config));
      return false;
    } catch (error) {
      if (error instanceof Error && error.constructor.name === "Refusal" && !error.message.includes("\n")) return true;
      throw error;
    }
  }));
}

/**
 * What a file that opens runs shows of some: for each page, data set and choice of runs all that its host is given.
 * @param {{template: any, paths: string[], choices: Record<string, string[][]>}} asked  `choices` of runs, by page
 */
export async function shownOf({ template, paths, choices }) {
  const contents = new ViewerContents(template);
  for (const path of paths) contents.add(await readRun(folderOnDisk(path)));
  const { places, pages, absent } = contents.contents;
  const payloads = Object.entries(pages).map(([page, { sets }]) => [
    page,
    Object.fromEntries(
      Object.keys(sets).map((dataset) => [
        dataset,
        choices[page].map((names) => contents.payload(page, dataset, names)),
      ]),
    ),
  ]);
  return { places, pages, absent, payloads: Object.fromEntries(payloads), addresses: [...contents.arrays.keys()] };
}
