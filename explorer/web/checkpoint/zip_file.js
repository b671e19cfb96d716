// The files in a zip (PKWARE's APPNOTE 6.3): each is unpacked only when it is read, and never to more than it says.

import { counted, oneLine, Refusal } from "./refusal.js";
import { refuseLarge } from "./run_files.js";

/** @typedef {(limit: number) => Promise<Uint8Array<ArrayBuffer>>} Read */
/**
 * What the list says of a file; `bytes` it was packed to, `at` its place in the zip.
 * @typedef {{flags: number, method: number, bytes: number, size: number, mode: number, at: number}} Packed
 */

const END = 0x06054b50;
const END_BYTES = 22;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const MOST_FILES = 10_000;
const MOST_LISTED = 4_000_000; // bytes of the list of files
const MOST_UNPACKED = 4_000_000_000; // bytes of all files together
const FREE = 100_000_000; // bytes that a file may have, however small it was packed
const MOST_TIMES = 100; // beyond these, so many times what it was packed to
const ENCRYPTED = 1;
const LINK = 0o120000; // of a Unix file's mode, in its upper half
const KIND = 0o170000;

/**
 * What the files of a zip are read with, by their paths; folders and what macOS and Windows add are left out.
 * @param {string} name  of the zip, for messages @param {Blob} zip @returns {Promise<Map<string, Read>>}
 */
export async function filesInZip(name, zip) {
  const { at, size, count } = await listIn(name, zip);
  const list = new DataView(await bytesOf(zip, at, size));
  /** @type {Map<string, Read>} */
  const found = new Map();
  let unpacked = 0;
  for (let i = 0, from = 0; i < count; i++) {
    if (from + ENTRY_BYTES > size || list.getUint32(from, true) !== ENTRY) {
      throw broken(name, "its list of files is cut");
    }
    const [names, extra, comment] = [28, 30, 32].map((place) => list.getUint16(from + place, true));
    if (from + ENTRY_BYTES + names > size) throw broken(name, "its list of files is cut");
    const path = textOf(new Uint8Array(list.buffer, from + ENTRY_BYTES, names));
    const packed = {
      flags: list.getUint16(from + 8, true),
      method: list.getUint16(from + 10, true),
      bytes: list.getUint32(from + 20, true),
      size: list.getUint32(from + 24, true),
      mode: list.getUint16(from + 40, true),
      at: list.getUint32(from + 42, true),
    };
    from += ENTRY_BYTES + names + extra + comment;
    unpacked += packed.size;
    if (unpacked > MOST_UNPACKED) throw new Refusal(`${name}: unpacks to more than ${counted(MOST_UNPACKED)} bytes`);
    if (!isWithin(path)) throw new Refusal(`${name}: names a file '${shortened(path)}', which would lie outside of it`);
    if (path.endsWith("/") || isAdded(path)) continue;
    if (found.has(path)) throw new Refusal(`${name}: has two files of the name '${shortened(path)}'`);
    found.set(path, (limit) => unpack(`${name}: ${shortened(path)}`, zip, packed, limit));
  }
  return found;
}

/** Where the list of files is. @param {string} name @param {Blob} zip */
async function listIn(name, zip) {
  const start = Math.max(0, zip.size - END_BYTES - 0xffff);
  const tail = new DataView(await bytesOf(zip, start, zip.size - start));
  for (let from = tail.byteLength - END_BYTES; from >= 0; from--) {
    const isEnd = tail.getUint32(from, true) === END &&
      from + END_BYTES + tail.getUint16(from + 20, true) === tail.byteLength;
    if (!isEnd) continue;
    const count = tail.getUint16(from + 10, true);
    const [size, at] = [12, 16].map((place) => tail.getUint32(from + place, true));
    if (count === 0xffff || at === 0xffffffff) throw broken(name, "it is one of many large files, ZIP64");
    if (tail.getUint16(from + 4, true) || tail.getUint16(from + 8, true) !== count) {
      throw broken(name, "a part is missing");
    }
    if (count > MOST_FILES || size > MOST_LISTED) {
      throw new Refusal(`${name}: ${counted(count)} files, expected at most ${counted(MOST_FILES)}`);
    }
    if (at + size > start + from) throw broken(name, "its list of files is cut");
    return { at, size, count };
  }
  throw broken(name, "it has no list of files");
}

/**
 * A file's bytes.
 * @param {string} file @param {Blob} zip @param {Packed} packed @param {number} limit
 */
async function unpack(file, zip, { flags, method, bytes, size, mode, at }, limit) {
  if ((mode & KIND) === LINK) throw new Refusal(`${file}: not a regular file`);
  if (flags & ENCRYPTED) throw new Refusal(`${file}: locked by a password; unpack the zip and drop its folder`);
  if (method !== 0 && method !== 8) {
    throw new Refusal(`${file}: packed by method ${method}; unpack it, drop the folder`);
  }
  refuseLarge(file, size, limit);
  if (size > FREE && size > MOST_TIMES * bytes) {
    throw new Refusal(`${file}: ${counted(bytes)} bytes that unpack to ${counted(size)}; no run's file does`);
  }
  const local = new DataView(await bytesOf(zip, at, LOCAL_BYTES));
  if (local.byteLength < LOCAL_BYTES || local.getUint32(0, true) !== LOCAL) {
    throw broken(file, "it is not where it should be");
  }
  const start = at + LOCAL_BYTES + local.getUint16(26, true) + local.getUint16(28, true);
  const part = zip.slice(start, start + bytes);
  if (part.size !== bytes) throw broken(file, "it is cut");
  const stream = part.stream();
  return filled(file, method ? stream.pipeThrough(new DecompressionStream("deflate-raw")) : stream, size);
}

/**
 * All that comes, which must be `size` bytes.
 * @param {string} file @param {ReadableStream<Uint8Array>} stream @param {number} size
 */
async function filled(file, stream, size) {
  const whole = new Uint8Array(size);
  const reader = stream.getReader();
  let end = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (end + value.length > size) {
        throw new Refusal(`${file}: unpacks to more than the ${counted(size)} bytes it says`);
      }
      whole.set(value, end);
      end += value.length;
    }
  } catch (error) {
    reader.cancel().catch(() => {}); // it has failed already
    throw error instanceof Refusal ? error : broken(file, oneLine(error, 80));
  }
  if (end !== size) throw broken(file, `${counted(end)} bytes, expected ${counted(size)}`);
  return whole;
}

/** @param {string} name @param {string} why */
function broken(name, why) {
  return new Refusal(`${name}: not a zip that can be read (${why})`);
}

/** @param {Blob} zip @param {number} at @param {number} size */
function bytesOf(zip, at, size) {
  return zip.slice(at, at + size).arrayBuffer();
}

/** @param {Uint8Array} bytes */
function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}

/** Whether a path leads nowhere else. @param {string} path */
export function isWithin(path) {
  return !/[\\\p{Cc}]|^\/|^[a-z]:/iu.test(path) && path.split("/").every((part) => part !== ".." && part !== ".");
}

/** Whether a system adds such a file by itself. @param {string} path */
export function isAdded(path) {
  return path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX" || part === "Thumbs.db");
}

/** @param {string} path */
function shortened(path) {
  const clean = path.replace(/[^\p{L}\p{N} ._/\\:-]/gu, "?");
  return clean.length <= 80 ? clean : `${clean.slice(0, 80)}...`;
}
