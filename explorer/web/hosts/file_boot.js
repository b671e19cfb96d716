// Starts an exported file: its modules come as one compressed text; each becomes a script that the next ones import.

/** The bytes of an element, as explorer/export/document.py packs them. @param {Element} element */
function bytesIn(element) {
  const text = element.textContent ?? "";
  if (!element.hasAttribute("data-bytes")) return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
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

/**
 * Make a script of each module. A worker imports none but those that it has made itself, so this runs in each, too.
 * @param {[string, string][]} modules names and texts, each after those that it imports
 * @param {(name: string) => string} [worker] the script of a worker
 */
function linked(modules, worker = () => "") {
  /** @type {Map<string, string>} */
  const urls = new Map();
  for (const [name, text] of modules) {
    const whole = text.replace(
      /"(module|worker):([\w/.]+)"/g,
      (_, kind, other) => JSON.stringify(kind === "worker" ? worker(other) : urls.get(other)),
    );
    urls.set(name, URL.createObjectURL(new Blob([whole], { type: "text/javascript" })));
  }
  return import(/** @type {string} */ (urls.get(modules[modules.length - 1][0])));
}

/**
 * A module and all that it imports, each after what it imports.
 * @param {string} name @param {Map<string, string>} texts of all @param {Map<string, string>} [found]
 */
function reached(name, texts, found = new Map()) {
  const text = texts.get(name) ?? "";
  for (const [, other] of text.matchAll(/\bfrom "module:([\w/.]+)"/g)) {
    if (!found.has(other)) reached(other, texts, found);
  }
  return found.set(name, text);
}

/** A worker's script, which keeps what it is told until its module is there. @param {[string, string][]} modules */
function workerScript(modules) {
  return `const early = [];
onmessage = (event) => early.push(event);
${linked}
linked(${JSON.stringify(modules)}).then(
  () => early.forEach((event) => onmessage(event)),
  (error) => setTimeout(() => { throw error; }),
);`;
}

(async () => {
  const element = /** @type {Element} */ (document.getElementById("lx-page"));
  const { style, data, modules } = await unzipped(bytesIn(element)).json();
  element.remove();
  document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
  const texts = new Map(modules);
  const worker = (/** @type {string} */ name) =>
    URL.createObjectURL(new Blob([workerScript([...reached(name, texts)])], { type: "text/javascript" }));
  const unpack = (/** @type {Element} */ packed) => unzipped(bytesIn(packed)).arrayBuffer();
  (await linked(modules, worker)).start(data, unpack);
})().catch((error) => {
  document.body.textContent = `This file needs a newer browser: ${error.message ?? error}`;
});
