// JSON files of a checkpoint, sealed ones among them, as training/sealed_json.py reads them.

import { sha256 } from "../maths/sha256.js";
import { isObject, shown } from "./fields.js";
import { oneLine, Refusal } from "./refusal.js";

const FORMAT_VERSION = 2;
const UNSEALED = 1; // still read: what has this version has no seal
const BEFORE = bytesOf(',\n  "seal": "');
const AFTER = '"\n}\n';

/** The SHA-256 of bytes, by the browser itself where it offers that: on https, on this machine, in a file. */
export async function sha256Of(/** @type {Uint8Array<ArrayBuffer>} */ bytes) {
  if (!globalThis.crypto?.subtle) return sha256(bytes);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} file @param {Uint8Array} bytes @returns {any} */
export function parseJson(file, bytes) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Refusal(`${file}: not valid JSON (${oneLine(error)})`);
  }
}

/**
 * The object in a sealed file, without its seal, or in an older one; throws a Refusal.
 * @param {string} file @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<Record<string, any>>}
 */
export async function unsealed(file, bytes) {
  const at = lastIndexOf(bytes, BEFORE);
  if (at >= 0) {
    const seal = new TextDecoder().decode(bytes.subarray(at + BEFORE.length));
    if (seal !== (await sha256Of(bytes.slice(0, at))) + AFTER) {
      throw new Refusal(`${file}: damaged or changed since it was written (its seal differs)`);
    }
  }
  const value = parseJson(file, bytes);
  if (!isObject(value)) throw new Refusal(`${file}: expected a JSON object`);
  const { format_version: version, seal: _, ...content } = value;
  if (version !== UNSEALED && version !== FORMAT_VERSION) {
    const found = version === undefined ? "None" : shown(version);
    throw new Refusal(
      `${file}: format_version is ${found}, expected ${FORMAT_VERSION}; ` +
        "make it anew or use the version of this project that wrote it",
    );
  }
  if (version === FORMAT_VERSION && at < 0) {
    throw new Refusal(`${file}: damaged or changed since it was written (it has no seal)`);
  }
  return { format_version: version, ...content };
}

/** @param {string} text */
function bytesOf(text) {
  return new TextEncoder().encode(text);
}

/** @param {Uint8Array} bytes @param {Uint8Array} part */
function lastIndexOf(bytes, part) {
  for (let at = bytes.lastIndexOf(part[0]); at >= 0; at = at ? bytes.lastIndexOf(part[0], at - 1) : -1) {
    if (part.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
