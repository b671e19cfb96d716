// checkpoint/zip_file.js: files out of a zip, and every zip that is none or means harm.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import { filesInZip } from "../../explorer/web/checkpoint/zip_file.js";

/**
 * A file to pack; `size`, `bytes`: what the zip says of it, where that is not so.
 * @typedef {object} Packed
 * @property {string} name @property {Uint8Array<ArrayBuffer>} data
 * @property {number} [method] @property {number} [flags] @property {number} [mode]
 * @property {number} [size] @property {number} [bytes]
 */

/** @param {Uint8Array<ArrayBuffer>} data */
async function deflated(data) {
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A zip, by the tables of APPNOTE 4.3. @param {Packed[]} files @param {string} [comment] @param {number} [count] */
async function zipOf(files, comment = "", count = files.length) {
  const parts = [];
  const list = [];
  let at = 0;
  for (const { name, data, method = 8, flags = 0, mode = 0o100644, size = data.length, bytes } of files) {
    const body = method === 8 ? await deflated(data) : data;
    const text = new TextEncoder().encode(name);
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    local.setUint16(26, text.length, true);
    local.setUint16(28, 4, true); // an extra field, as zip writes one
    const entry = new DataView(new ArrayBuffer(46));
    entry.setUint32(0, 0x02014b50, true);
    entry.setUint16(8, flags, true);
    entry.setUint16(10, method, true);
    entry.setUint32(20, bytes ?? body.length, true);
    entry.setUint32(24, size, true);
    entry.setUint16(28, text.length, true);
    entry.setUint16(40, mode, true);
    entry.setUint32(42, at, true);
    parts.push(local, text, new Uint8Array(4), body);
    list.push(entry, text);
    at += 34 + text.length + body.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, count, true);
  end.setUint16(10, count, true);
  end.setUint32(12, new Blob(/** @type {BlobPart[]} */ (list)).size, true);
  end.setUint32(16, at, true);
  end.setUint16(20, comment.length, true);
  return new Blob(/** @type {BlobPart[]} */ ([...parts, ...list, end, comment]));
}

const text = (/** @type {string} */ words) => new TextEncoder().encode(words);

Deno.test("files come out as they went in, packed or not, and folders and what systems add are left out", async () => {
  const long = Uint8Array.from({ length: 300_000 }, (_, i) => i * i);
  const zip = await zipOf([
    { name: "mnist/", data: text("") },
    { name: "mnist/elbo/config.json", data: text("{}") },
    { name: "mnist/elbo/model.safetensors", data: long },
    { name: "mnist/elbo/README.md", data: text("a card"), method: 0 },
    { name: "__MACOSX/mnist/elbo/._config.json", data: text("x") },
    { name: "mnist/.DS_Store", data: text("x") },
    { name: "mnist/ä.txt", data: text("") },
  ], "a comment");
  const files = await filesInZip("runs.zip", zip);
  const names = ["mnist/elbo/config.json", "mnist/elbo/model.safetensors", "mnist/elbo/README.md", "mnist/ä.txt"];
  assert.deepEqual([...files.keys()], names);
  assert.deepEqual(await files.get(names[1])?.(1e6), long);
  assert.equal(new TextDecoder().decode(await files.get(names[2])?.(10)), "a card");
});

/** @type {[string, () => Promise<Blob>, RegExp][]} */
const REFUSED = [
  ["an empty file", () => Promise.resolve(new Blob([])), /not a zip .*no list of files/],
  ["text", () => Promise.resolve(new Blob(["no zip ".repeat(9000)])), /not a zip .*no list of files/],
  ["half a zip", async () => (await zipOf([{ name: "a", data: text("a") }])).slice(0, -9), /no list of files/],
  [
    "its second half",
    async () => (await zipOf([{ name: "a", data: new Uint8Array(999), method: 0 }])).slice(500),
    /cut/,
  ],
  [
    "one file fewer than it says",
    () => zipOf([{ name: "a", data: text("a") }], "", 2),
    /list of files is cut/,
  ],
  ["a way out", () => zipOf([{ name: "../a", data: text("a") }]), /'..\/a', which would lie outside/],
  ["another way out", () => zipOf([{ name: "a/../../b", data: text("a") }]), /would lie outside/],
  ["a root", () => zipOf([{ name: "/etc/a", data: text("a") }]), /would lie outside/],
  ["a drive", () => zipOf([{ name: "C:a", data: text("a") }]), /would lie outside/],
  ["backslashes", () => zipOf([{ name: "a\\b", data: text("a") }]), /would lie outside/],
  ["a nul", () => zipOf([{ name: "a\0b", data: text("a") }]), /'a\?b', which would lie outside/],
  [
    "one name twice",
    () => zipOf([1, 2].map(() => ({ name: "a", data: text("a") }))),
    /two files of the name 'a'/,
  ],
  [
    "too many bytes",
    () => zipOf([1, 2].map((n) => ({ name: `${n}`, data: text("a"), size: 4e9 }))),
    /unpacks to more/,
  ],
  ["too many files", () => zipOf([], "", 10_001), /10,001 files, expected at most/],
];
for (const [what, make, line] of REFUSED) {
  Deno.test(`a zip that is ${what} is refused`, async () => {
    const zip = await make();
    await assert.rejects(filesInZip("runs.zip", zip), line);
  });
}

/** @type {[string, Partial<Packed>, RegExp][]} */
const UNREADABLE = [
  ["locked", { flags: 1 }, /locked by a password/],
  ["of another method", { method: 12 }, /packed by method 12/],
  ["a link", { mode: 0o120777 }, /not a regular file/],
  ["larger than is read", { size: 2000 }, /2,000 bytes, expected at most 1,000/],
  ["more than it says", { size: 3 }, /unpacks to more than the 3 bytes it says/],
  ["less than it says", { size: 12 }, /not a zip .*11 bytes, expected 12/],
  ["cut", { method: 0, bytes: 900 }, /it is cut/],
];
for (const [what, change, line] of UNREADABLE) {
  Deno.test(`a file of a zip that is ${what} is refused`, async () => {
    const files = await filesInZip("runs.zip", await zipOf([{ name: "a", data: text("hello hello"), ...change }]));
    await assert.rejects(Promise.resolve(files.get("a")?.(1000)), line);
  });
}

Deno.test("a bomb is refused before it is unpacked, and bytes that are no deflate stream are", async () => {
  const bomb = await filesInZip("runs.zip", await zipOf([{ name: "a", data: text("a"), size: 1.9e9 }]));
  await assert.rejects(Promise.resolve(bomb.get("a")?.(2e9)), /3 bytes that unpack to 1,900,000,000/);
  const zip = await zipOf([{ name: "a", data: Uint8Array.of(255, 255, 255), method: 0 }]);
  const bytes = new Uint8Array(await zip.arrayBuffer());
  bytes[34 + 1 + 3 + 10] = 8; // of the method in the list
  const files = await filesInZip("runs.zip", new Blob([bytes]));
  await assert.rejects(Promise.resolve(files.get("a")?.(10)), /runs.zip: a: not a zip that can be read/);
});
