// The arrays that an exported file has inside, as answers to their addresses.

/** @type {Map<string, string>} by address, base 64 of gzip */
const packed = new Map();

/** Let go of the elements that the file has its arrays in. @param {ParentNode} page */
export function takeArrays(page) {
  for (const element of page.querySelectorAll("script[data-arrays]")) {
    packed.set(element.getAttribute("data-arrays") ?? "", element.textContent ?? "");
    element.remove();
  }
}

/** What the server would answer. @param {string} url @returns {Promise<Response>} */
export function arraysAt(url) {
  const text = packed.get(url);
  if (text === undefined) return Promise.resolve(new Response("this is not in the file", { status: 409 }));
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return Promise.resolve(new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))));
}
