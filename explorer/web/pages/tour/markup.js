// The Tour page's elements: a bar over the scene.

const button = (/** @type {string} */ name, /** @type {string} */ title, /** @type {string} */ text, more = "") =>
  `<button type="button" class="lx-button" data-part="${name}" data-testid="scene-${name}" title="${title}"
    ${more}>${text}</button>`;
const previous = button("previous", "Previous scene (left arrow, Page Up)", "←", 'aria-label="Previous scene"');
const next = button("next", "Next scene (right arrow, Page Down, space)", "→", 'aria-label="Next scene"');
const reset = button("reset", "Put this scene back as it was (R)", "Reset");
const alone = "Show the scene alone, larger (P; Escape leaves)";
const present = button("present", alone, "Present", 'aria-pressed="false"');

const qr = button("code", "QR code of this scene (Q)", "QR", 'data-needs="server"');
const theme = button("theme", "Another theme for the screen (T)", "");

export const HTML = `
<header class="lx-tour-bar">
  <p class="lx-tour-count" data-part="count"></p>
  <div class="lx-tour-words"><h1 data-part="title" data-testid="scene-title"></h1>
    <p class="lx-tour-text" data-part="text"></p>
    <div class="lx-tour-ask" data-part="ask" hidden><p data-part="question" data-testid="scene-question"></p>
      <button type="button" class="lx-button" data-part="reveal" data-testid="scene-reveal"
        title="Show what lies there (Enter)">Show</button></div>
    <p class="lx-tour-symbols" data-part="notation"><span data-part="equation"></span
      ><span data-part="symbols"></span></p>
    <p class="lx-tour-answer" data-part="answer" data-testid="scene-answer" hidden></p>
    <p class="lx-note" data-part="left-out" data-testid="left-out" hidden></p></div>
  <div class="lx-controls" role="toolbar" aria-label="Scenes">
    ${previous}
    ${next}
    ${reset}
    ${qr}
    ${theme}
    ${present}
  </div>
</header>
<div class="lx-stage">
  <div class="lx-scene" data-part="scene"></div>
  <div class="lx-frames" data-part="frames" hidden></div>
</div>
<dialog class="lx-dialog lx-qr" data-part="qr" data-testid="qr" aria-label="QR code of this scene">
  <div data-part="qr-image" role="img" aria-label="QR code of the address below"></div>
  <p data-part="qr-address"></p>
  <p class="lx-note" data-part="qr-note" role="status"></p>
  <button type="button" class="lx-button" data-part="qr-close">Close</button>
</dialog>
`;

/** The elements that tour.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function tourParts(pageFrame) {
  return {
    count: pageFrame.part("count"),
    title: pageFrame.part("title"),
    text: pageFrame.part("text"),
    equation: pageFrame.part("equation"),
    notation: pageFrame.part("notation"),
    symbols: pageFrame.part("symbols"),
    ask: pageFrame.part("ask"),
    question: pageFrame.part("question"),
    reveal: pageFrame.part("reveal", HTMLButtonElement),
    answer: pageFrame.part("answer"),
    leftOut: pageFrame.part("left-out"),
    previous: pageFrame.part("previous", HTMLButtonElement),
    next: pageFrame.part("next", HTMLButtonElement),
    reset: pageFrame.part("reset", HTMLButtonElement),
    present: pageFrame.part("present", HTMLButtonElement),
    code: pageFrame.part("code", HTMLButtonElement),
    theme: pageFrame.part("theme", HTMLButtonElement),
    qr: pageFrame.part("qr", HTMLDialogElement),
    qrImage: pageFrame.part("qr-image"),
    qrAddress: pageFrame.part("qr-address"),
    qrNote: pageFrame.part("qr-note"),
    qrClose: pageFrame.part("qr-close", HTMLButtonElement),
    scene: pageFrame.part("scene"),
    frames: pageFrame.part("frames"),
  };
}
