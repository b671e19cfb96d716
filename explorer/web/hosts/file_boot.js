// Starts an exported file: its modules come as one compressed text; each becomes a script that the next ones import.

(async () => {
  const packed = Uint8Array.from(
    atob(document.getElementById("lx-modules")?.textContent ?? ""),
    (c) => c.charCodeAt(0),
  );
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  /** names and texts, each after those that it imports @type {[string, string][]} */
  const modules = await new Response(stream).json();
  /** @type {Map<string, string>} */
  const urls = new Map();
  for (const [name, text] of modules) {
    const linked = text.replace(/"module:([\w/.]+)"/g, (_, other) => `"${urls.get(other)}"`);
    urls.set(name, URL.createObjectURL(new Blob([linked], { type: "text/javascript" })));
  }
  const [host] = modules[modules.length - 1];
  (await import(/** @type {string} */ (urls.get(host)))).start();
})().catch((error) => {
  document.body.textContent = `This file needs a newer browser: ${error.message ?? error}`;
});
