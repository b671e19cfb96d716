// A run's folder on any static host, or a repository of the Hugging Face Hub: its files are fetched as they are read.

import { counted, Refusal } from "../checkpoint/refusal.js";

/** @typedef {import("../checkpoint/run_files.js").Folder} Folder */

const HUB = "https://huggingface.co";
const REPOSITORY = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;

/**
 * Where the runs of an address are: `#run=WHERE` opens one, and `open=WHERE` goes along with the state of a page.
 * @param {string} hash @returns {{places: string[], hub: string, direct: boolean}}  `direct`: it names runs alone
 */
export function sourcesOf(hash) {
  const direct = /^#run=/.test(hash);
  const params = new URLSearchParams(direct ? hash.slice(1) : hash.split("?").slice(1).join("?"));
  return { places: [...new Set(params.getAll(direct ? "run" : "open"))], hub: params.get("hub") ?? "", direct };
}

/** What goes along with the state of a page. @param {string[]} places @param {string} hub  "" for the Hub itself */
export function sourcesText(places, hub) {
  const parts = [...places.map((place) => ["open", place]), ...(hub && places.length ? [["hub", hub]] : [])];
  return parts.map(([name, value]) => `&${name}=${encodeURIComponent(value)}`).join("");
}

/**
 * The folder at an address, or of a repository as user/name; throws a Refusal for what is neither.
 * @param {string} place @param {string} hub  the address of another Hub, if not ""
 * @param {string} page  our own address
 * @returns {Folder}
 */
export function fetchedFolder(place, hub, page) {
  const told = shortened(place);
  const ofHub = REPOSITORY.test(place);
  const base = ofHub
    ? `${addressOf(hub || HUB, page, hub).replace(/\/$/, "")}/${place}/resolve/main/`
    : folderOf(place, page);
  const parts = decodeURIComponent(new URL(ofHub ? place : base, "https://a/").pathname).split("/").filter(Boolean);
  const get = (/** @type {string} */ name, /** @type {number} */ limit) =>
    fetched(new URL(name, base).href, `${told}/${name}`, limit, ofHub);
  return {
    name: parts[parts.length - 1] ?? "run",
    path: told,
    // A person's notes are theirs, and go to no host.
    read: (name, limit) => name === "notes.json" ? Promise.resolve(null) : get(name, limit),
    // Of what lies beside a run only its images are asked for; the Hub has none.
    beside: (name, limit) => ofHub || name !== "gallery.safetensors" ? Promise.resolve(null) : get(`../${name}`, limit),
  };
}

/** @param {string} place @param {string} page */
function folderOf(place, page) {
  if (!/^(https?:\/\/|\.{0,2}\/)/i.test(place)) {
    throw new Refusal(
      `${shortened(place) || "nothing"}: no address of a run; name one as https://example.org/mnist/elbo, ` +
        "or a Hub repository as user/name",
    );
  }
  const url = new URL(addressOf(place, page, place));
  url.hash = url.search = "";
  url.pathname = url.pathname.replace(/(\/config\.json)?\/*$/, "/");
  return url.href;
}

/** @param {string} text @param {string} page @param {string} told */
function addressOf(text, page, told) {
  try {
    const url = new URL(text, page);
    if (/^https?:$/.test(url.protocol) && !url.username && !url.password) return url.href;
  } catch {
    // Neither is what cannot be read at all.
  }
  throw new Refusal(`${shortened(told)}: a page can fetch a run by http or https alone, and with no name or password`);
}

/**
 * A file's bytes; null where there is none.
 * @param {string} url @param {string} told @param {number} limit @param {boolean} ofHub
 */
async function fetched(url, told, limit, ofHub) {
  let response;
  try {
    response = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-cache" });
  } catch {
    throw new Refusal(`${told}: cannot be fetched: no network, no such host, or it lets no other page read it (CORS)`);
  }
  if (response.status === 404 || response.status === 410) return null;
  if (response.status === 401 && ofHub) throw new Refusal(`${told}: not on the Hub, or private; look at its name`);
  if (!response.ok) throw new Refusal(`${told}: its host answers ${response.status}`);
  const larger = (/** @type {number} */ size) =>
    new Refusal(`${told}: ${counted(size)} bytes, expected at most ${counted(limit)}`);
  const said = Number(response.headers.get("Content-Length") ?? 0);
  if (said > limit) throw larger(said);
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  let size = 0;
  try {
    for (const reader = response.body?.getReader(); reader;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      size += value.length;
      if (size > limit) {
        reader.cancel().catch(() => {}); // we want no more of it, whatever it says
        throw larger(size);
      }
    }
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(`${told}: the connection was lost; reload the page`);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** @param {string} text */
function shortened(text) {
  const clean = text.replace(/\p{C}/gu, "?");
  return clean.length <= 100 ? clean : `${clean.slice(0, 100)}...`;
}
