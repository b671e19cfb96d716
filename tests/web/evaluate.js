// Calls functions for tests/javascript.py: one line of JSON in, one line of JSON out. Its imports are the browser's.
/// <reference lib="deno.ns" />

console.log = console.error; // standard output is for the answers

const encoder = new TextEncoder();

/** @param {unknown} answer */
function write(answer) {
  // JSON has no numbers that are not finite, and nothing for undefined.
  const numbers = (/** @type {string} */ _, /** @type {unknown} */ value) =>
    typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value;
  const line = encoder.encode(`${JSON.stringify(answer ?? null, numbers)}\n`);
  for (let at = 0; at < line.length;) at += Deno.stdout.writeSync(line.subarray(at));
}

/** @param {string} line */
async function answer(line) {
  const { source, argument } = JSON.parse(line);
  try {
    const code = (0, eval)(`(${source})`);
    return { value: await (typeof code === "function" ? code(argument) : code) ?? null };
  } catch (error) {
    return { error: error instanceof Error ? error.stack : String(error) };
  }
}

let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) write(await answer(line));
}
