// A button that copies what stands in a line, and says so; where the browser does not let it, the line is selected.

const SAID_MS = 1500;

/** @param {HTMLElement} button @param {HTMLElement} line */
export async function copyLine(button, line) {
  await navigator.clipboard.writeText(line.textContent ?? "").then(
    () => (button.textContent = "Copied"),
    () => globalThis.getSelection()?.selectAllChildren(line),
  );
  setTimeout(() => (button.textContent = "Copy"), SAID_MS);
}
