// "Add this view to my talk": the page's address with a title and a sentence, as docs/tours.md has it.

import { download } from "../dom/download.js";
import { sendBytes } from "../network/ask.js";

const [MOST_TITLE, MOST_TEXT] = [60, 320]; // as explorer/views/tour.py
const EMBEDDING = /^embed(_options)?$/i;
const A_FILE = "a file";
const NEW = "a new talk";

const HTML = `
<form method="dialog">
  <h2 id="lx-scene-title">Add this view to my talk</h2>
  <label>Title<input name="title" maxlength="${MOST_TITLE}" required data-testid="scene-name"></label>
  <label>A sentence or two<textarea name="text" maxlength="${MOST_TEXT}" rows="3" required
    data-testid="scene-words"></textarea></label>
  <label>Where<select name="where" data-testid="scene-where"></select></label>
  <label data-part="name" hidden>Name of the new talk<input name="name" maxlength="40" value="mine"
    pattern="[A-Za-z0-9][A-Za-z0-9_\\-]*" title="Letters, digits, - and _"></label>
  <p class="lx-note" role="status" data-testid="scene-said"></p>
  <div class="lx-controls"><button type="button" class="lx-button" value="close">Close</button>
    <button type="submit" class="lx-button" data-testid="scene-add">Add</button></div>
</form>`;

/** What the address shows, from the slash on. */
export function viewShown({ pathname, search } = location) {
  const kept = search.slice(1).split("&").filter((part) => part && !EMBEDDING.test(part.split("=")[0]));
  return `/${pathname.split("/").at(-1)}${kept.length ? `?${kept.join("&")}` : ""}`;
}

/**
 * A talk of one scene, as TOML.
 * @param {{talk: string, title: string, text: string, show: string}} scene
 */
export function talkOf({ talk, title, text, show }) {
  return `# A talk for the latent-space explorer: docs/tours.md says how to go on.
title = ${quoted(talk)}

[[scene]]
title = ${quoted(title)}
text = ${quoted(text)}
show = ${quoted(show)}
`;
}

/** A basic string of TOML, on one line, without what it cannot hold. @param {string} text */
function quoted(text) {
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim().replace(/\p{Cs}/gu, "\uFFFD");
  return JSON.stringify(line);
}

/**
 * Ask for a title and words, and write the scene; resolves when the dialog is closed.
 * @param {string} words that are proposed for both
 * @returns {Promise<string>} what was done, "" for nothing
 */
export async function addScene(words) {
  const show = viewShown();
  const dialog = document.createElement("dialog");
  dialog.className = "lx-dialog";
  dialog.setAttribute("aria-labelledby", "lx-scene-title");
  dialog.innerHTML = HTML;
  /** @type {HTMLElement} */ (document.querySelector(".lx")).append(dialog);
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const named = /** @type {HTMLElement} */ (form.querySelector("[data-part=name]"));
  const said = /** @type {HTMLElement} */ (form.querySelector("[role=status]"));
  field("title").value = words.slice(0, MOST_TITLE);
  field("text").value = words;
  const where = field("where");
  where.append(new Option("A file, which Learn opens", A_FILE));
  where.onchange = () => (named.hidden = where.value !== NEW);
  const done = new Promise((resolve) => dialog.addEventListener("close", resolve));
  /** @type {HTMLButtonElement} */ (form.querySelector("[value=close]")).onclick = () => dialog.close();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const scene = { title: field("title").value, text: field("text").value, show };
    try {
      said.textContent = where.value === A_FILE
        ? await savedAs(scene)
        : await addedTo(where.value === NEW ? field("name").value : where.value, scene);
    } catch (error) {
      said.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  dialog.addEventListener("keydown", (event) => event.stopPropagation()); // letters are no shortcuts here
  dialog.showModal();
  field("title").select();
  for (const [name, title] of Object.entries(await ownTalks().catch(() => null) ?? {})) {
    where.append(new Option(title, name));
  }
  await done;
  dialog.remove();
  return said.textContent ?? "";
}

/** The talks of the server's own that may be added to, and a new one; null: none may. */
async function ownTalks() {
  const { talks } = await (await sendBytes("talks", new Uint8Array())).json();
  return talks && { ...talks, [NEW]: "A new talk in this machine's folder" };
}

/** @param {{title: string, text: string, show: string}} scene */
async function savedAs(scene) {
  const name = `${scene.title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "scene"}.toml`;
  await download(new Blob([talkOf({ talk: scene.title, ...scene })], { type: "application/toml" }), name);
  return `${name} is saved. Learn opens it, or append its [[scene]] to your talk.`;
}

/** @param {string} name of the talk @param {{title: string, text: string, show: string}} scene */
async function addedTo(name, scene) {
  const talk = talkOf({ talk: name, ...scene });
  const response = await sendBytes(`talks/${encodeURIComponent(name)}`, new TextEncoder().encode(talk));
  if (!response.ok) throw new Error(await response.text());
  return `It is scene ${(await response.json()).scene} of ${name}: Learn shows it.`;
}
