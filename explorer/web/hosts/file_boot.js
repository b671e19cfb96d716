// Starts an exported file: its modules come as one compressed text; each becomes a script that the next ones import.

/** The bytes of an element, as explorer/export/document.py packs them: two in each unit. @param {Element} element */
function bytesIn(element) {
  const text = element.textContent ?? "";
  const length = Number(element.getAttribute("data-bytes"));
  const units = new Uint16Array(Math.ceil(length / 2));
  for (let i = 0, next = 0; i < units.length; i++) {
    const unit = text.charCodeAt(next++);
    units[i] = unit === 0xe000 ? text.charCodeAt(next++) ^ 0x8000 : unit;
  }
  return new Uint8Array(units.buffer, 0, length);
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function unzipped(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
}

(async () => {
  const element = /** @type {Element} */ (document.getElementById("lx-page"));
  /** `modules`: names and texts, each after those that it imports */
  const { style, data, modules } = await unzipped(bytesIn(element)).json();
  element.remove();
  document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
  /** @type {Map<string, string>} */
  const urls = new Map();
  for (const [name, text] of modules) {
    const linked = text.replace(
      /"module:([\w/.]+)"/g,
      (/** @type {string} */ _, /** @type {string} */ other) => `"${urls.get(other)}"`,
    );
    urls.set(name, URL.createObjectURL(new Blob([linked], { type: "text/javascript" })));
  }
  const [host] = modules[modules.length - 1];
  const unpack = (/** @type {Element} */ packed) => unzipped(bytesIn(packed)).arrayBuffer();
  (await import(/** @type {string} */ (urls.get(host)))).start(data, unpack);
})().catch((error) => {
  document.body.textContent = `This file needs a newer browser: ${error.message ?? error}`;
});
