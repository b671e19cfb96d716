// The runs among files that a person drops or chooses: each folder that has a config.json, in zips, too.

import { counted, Refusal } from "../checkpoint/refusal.js";
import { refuseLarge } from "../checkpoint/run_files.js";
import { filesInZip, isAdded } from "../checkpoint/zip_file.js";

/** @typedef {import("../checkpoint/run_files.js").Folder} Folder */
/** @typedef {(limit: number) => Promise<Uint8Array<ArrayBuffer>>} Read */

const MOST_FILES = 10_000;
const HINT = "a run's folder is one as checkpoints/mnist/elbo";

/**
 * A file, or a folder with all that lies in it.
 * @typedef {{path: string, file?: File, list?: () => Promise<Found[]>}} Found
 */

/**
 * The files of a drop by their paths. It must be called while the drop is handled, as it is forgotten after.
 * @param {DataTransfer} data @returns {Promise<Map<string, File>>}
 */
export async function droppedFiles(data) {
  const items = [...data.items].filter(({ kind }) => kind === "file");
  // Chromium gives a page that is itself a file no files by the older way, which is the only one in other browsers.
  const found = items.map((item) =>
    "getAsFileSystemHandle" in item
      ? /** @type {any} */ (item).getAsFileSystemHandle().then((/** @type {any} */ handle) => ofHandle(handle, ""))
      : ofEntry(item.webkitGetAsEntry())
  );
  /** @type {Map<string, File>} */
  const files = new Map();
  const walk = async (/** @type {Found | null} */ one) => {
    if (!one || isAdded(one.path)) return;
    if (files.size >= MOST_FILES) throw new Refusal(`more than ${counted(MOST_FILES)} files were dropped; ${HINT}`);
    if (one.file) files.set(one.path, one.file);
    for (const inside of await one.list?.() ?? []) await walk(inside);
  };
  for (const one of await Promise.all(found)) await walk(one);
  return files;
}

/** @param {any} handle  a FileSystemHandle @param {string} folder  that it lies in @returns {Promise<Found | null>} */
async function ofHandle(handle, folder) {
  if (!handle) return null;
  const path = `${folder}${handle.name}`;
  if (handle.kind === "file") return { path, file: await handle.getFile() };
  return {
    path,
    list: async () => {
      const inside = [];
      for await (const one of handle.values()) inside.push(await ofHandle(one, `${path}/`));
      return inside.filter((one) => one !== null);
    },
  };
}

/** @param {FileSystemEntry | null} entry @returns {Promise<Found | null>} */
async function ofEntry(entry) {
  if (!entry) return null;
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const { file } = /** @type {FileSystemFileEntry} */ (entry);
    return { path, file: await new Promise((resolve, reject) => file.call(entry, resolve, reject)) };
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const list = async () => {
    /** @type {FileSystemEntry[]} */
    const inside = [];
    for (;;) { // a hundred at a time
      /** @type {FileSystemEntry[]} */
      const more = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      inside.push(...more);
      if (!more.length || inside.length > MOST_FILES) break;
    }
    return (await Promise.all(inside.map(ofEntry))).filter((one) => one !== null);
  };
  return { path, list };
}

/** The files that were chosen by a button, by their paths. @param {Iterable<File>} files */
export function chosenFiles(files) {
  const named = Array.from(
    files,
    (file) => /** @type {[string, File]} */ ([file.webkitRelativePath || file.name, file]),
  );
  return new Map(named.filter(([path]) => !isAdded(path)));
}

/**
 * The runs in them; throws a Refusal where there are none.
 * @param {Map<string, File>} files @returns {Promise<Folder[]>}
 */
export async function runsAmong(files) {
  /** @type {Folder[]} */
  const found = [];
  /** @type {Map<string, Read>} */
  const loose = new Map();
  for (const [path, file] of files) {
    if (/\.zip$/i.test(path)) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const inside = foldersIn(await filesInZip(name, file), name);
      if (!inside.length) throw new Refusal(`${name}: there is no run in it; ${HINT}, and a zip may hold several`);
      found.push(...inside);
    } else loose.set(path, (limit) => read(path, file, limit));
  }
  found.push(...foldersIn(loose, ""));
  if (found.length) return found;
  const names = [...new Set([...files.keys()].map((path) => path.split("/")[0]))];
  if ([...files.keys()].some((path) => path.endsWith("/history.jsonl"))) {
    throw new Refusal(`${names[0]}: no config.json, so the run is still in training, or was interrupted`);
  }
  const what = names.length ? names[0].slice(0, 80) : "an empty folder";
  throw new Refusal(`${what}: there is no run in it; ${HINT}`);
}

/** @param {string} path @param {File} file @param {number} limit */
async function read(path, file, limit) {
  refuseLarge(path, file.size, limit);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Refusal(`${path}: cannot be read; it was changed or taken away since it was dropped`);
  }
}

/** @param {Map<string, Read>} files @param {string} zip  its name, "" for none @returns {Folder[]} */
function foldersIn(files, zip) {
  const reader = (/** @type {string} */ root) => async (/** @type {string} */ name, /** @type {number} */ limit) =>
    await files.get(`${root}${name}`)?.(limit) ?? null;
  const configs = [...files.keys()].filter((path) => path.split("/").pop() === "config.json");
  return configs.map((path) => {
    const folder = path.slice(0, -"config.json".length);
    const parts = folder.split("/").filter(Boolean);
    const beside = parts.length
      ? reader(parts.slice(0, -1).map((part) => `${part}/`).join(""))
      : () => Promise.resolve(null);
    const name = parts[parts.length - 1] ?? (zip.replace(/\.zip$/i, "") || "run");
    const within = parts.join("/") || (zip ? "" : name);
    return { name, path: [zip, within].filter(Boolean).join(": "), read: reader(folder), beside };
  });
}
