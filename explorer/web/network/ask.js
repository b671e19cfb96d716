// What costs the server much it does for its own pages only: they send a token, which it gives them.

import { fetchSafetensors } from "./safetensors.js";

/** `present`: a server is there; in a file of its own, which needs none, it is not. */
export const server = { present: true };

/** as it was last given @type {Promise<string> | undefined} */
let given;

/** The server's token; anew after it was refused, as one is after the server was started again. */
export function token(anew = false) {
  if (!server.present) return Promise.reject(new Error("this page is a file, without the explorer's server"));
  if (anew) given = undefined;
  given ??= fetch("token", { cache: "no-store" }).then((response) => {
    if (!response.ok) throw new Error("the server gives this page no token; reload the page");
    return response.text();
  });
  given.catch(() => {
    given = undefined;
  });
  return given;
}

/**
 * Fetch with the token.
 * @param {string | URL} url @param {RequestInit} [options]
 */
export async function ask(url, options = {}) {
  const send = async (/** @type {boolean} */ anew) =>
    fetch(url, { ...options, headers: { "X-Explorer-Token": await token(anew) } });
  const response = await send(false);
  return response.status === 403 ? send(true) : response;
}

/**
 * What the server computes for the page, as a safetensors file.
 * @param {string} url @param {AbortSignal} signal after which it is not wanted any more
 */
export function fetchAnswer(url, signal) {
  return fetchSafetensors(url, (address) => ask(address, { signal }));
}

/**
 * Send bytes.
 * @param {string} url @param {BufferSource} body
 */
export function sendBytes(url, body) {
  return ask(url, { method: "POST", body: new Blob([body], { type: "application/octet-stream" }) });
}
