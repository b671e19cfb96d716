// A slider from 0 to 1 with play and pause, speed and ping-pong.

import { part } from "./parts.js";
import { setAttribute, write } from "./sparing.js";

const CROSSING_S = 4; // from end to end at speed 1
const KEYS = new Map([["ArrowLeft", -1], ["ArrowDown", -1], ["ArrowRight", 1], ["ArrowUp", 1]]);
const SPEEDS = [["0.25", "¼×"], ["0.5", "½×"], ["1", "1×"], ["2", "2×"]];
const speeds = SPEEDS.map(([value, text]) =>
  `<option value="${value}"${value === "1" ? " selected" : ""}>${text}</option>`
).join("");
const SPEED = `Speed: at 1× from end to end in ${CROSSING_S} seconds`;

/**
 * Its elements.
 * @param {{play: string, slider: string, label: string, ends: [string, string], returns: boolean}} names  data-testid
 *   of the button and of the slider; what the slider is called, and its two ends; whether it goes back by itself
 */
export function playerHtml({ play, slider, label, ends: [first, last], returns }) {
  return `
  <button type="button" class="lx-button lx-play" data-part="play" data-testid="${play}" aria-label="Play"
    title="Play or pause (space bar on the slider)">▶</button>
  <input type="range" min="0" max="1" step="0.001" data-part="t" data-testid="${slider}" aria-label="${label}">
  <output class="lx-t" data-part="t-value"></output>
  <select class="lx-speed" data-part="speed" aria-label="Speed" title="${SPEED}">${speeds}</select>
  <button type="button" class="lx-button lx-ping-pong" data-part="ping-pong" aria-pressed="${returns}"
    aria-label="Ping-pong" title="Ping-pong: back from ${last} to ${first}, and again">⇄</button>
`;
}

export class Player {
  /**
   * @param {HTMLElement} element with the HTML above
   * @param {{move: (t: number) => void, rest: (t: number) => void}} events
   * @param {(t: number) => string} words  where it stands
   */
  constructor(element, events, words) {
    this.words = words;
    this.slider = part(element, "t", HTMLInputElement);
    this.button = part(element, "play");
    this.output = part(element, "t-value");
    this.speed = part(element, "speed", HTMLSelectElement);
    this.pingPong = part(element, "ping-pong");
    this.events = events;
    this.t = 0;
    this.direction = 1; // towards 1
    this.last = 0;
    this.frame = 0;
    this.wanted = 0;
    this.slider.oninput = () => this.scrub(Number(this.slider.value));
    this.slider.onchange = () => this.jump(Number(this.slider.value));
    this.slider.onkeydown = (event) => this.press(event);
    this.button.onclick = () => this.toggle();
    this.pingPong.onclick = () => this.pingPong.setAttribute("aria-pressed", String(!this.returns));
  }

  get playing() {
    return this.frame !== 0;
  }

  get returns() {
    return this.pingPong.getAttribute("aria-pressed") === "true";
  }

  /** @param {number} t */
  set(t) {
    this.t = Math.min(Math.max(t, 0), 1);
    this.slider.value = String(this.t);
    const words = this.words(this.t);
    setAttribute(this.slider, "aria-valuetext", words);
    write(this.output, words);
    this.events.move(this.t);
  }

  /** Input events may come oftener than frames: the last of a frame is shown in that frame. @param {number} t */
  scrub(t) {
    this.pause();
    this.t = t;
    this.wanted ||= requestAnimationFrame(() => {
      this.wanted = 0;
      this.set(this.t);
    });
  }

  /** @param {number} t chosen at once */
  jump(t) {
    this.pause();
    this.set(t);
    this.events.rest(this.t);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const direction = KEYS.get(event.key);
    if (event.key === " ") this.toggle();
    else if (direction) this.jump(Math.round(1000 * (this.t + direction * (event.shiftKey ? 0.1 : 0.01))) / 1000);
    else return;
    event.preventDefault();
  }

  toggle() {
    if (this.playing) {
      this.pause();
      this.events.rest(this.t);
    } else this.play();
  }

  play() {
    if (this.t >= 1) this.direction = this.returns ? -1 : 1;
    if (this.t <= 0 || !this.returns) this.direction = 1;
    if (this.t >= 1 && !this.returns) this.t = 0;
    this.last = performance.now();
    this.frame = requestAnimationFrame((now) => this.step(now));
    this.show();
  }

  /** @param {number} now */
  step(now) {
    const passed = Math.max(now - this.last, 0) / 1000;
    this.last = now;
    let t = this.t + (this.direction * passed * Number(this.speed.value)) / CROSSING_S;
    if (this.returns && (t > 1 || t < 0)) {
      t = t > 1 ? 2 - t : -t;
      this.direction = -this.direction;
    }
    this.frame = t > 1 ? 0 : requestAnimationFrame((later) => this.step(later));
    this.set(t);
    if (!this.playing) {
      this.show();
      this.events.rest(this.t);
    }
  }

  pause() {
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.wanted);
    this.frame = this.wanted = 0;
    this.show();
  }

  show() {
    write(this.button, this.playing ? "❚❚" : "▶");
    setAttribute(this.button, "aria-label", this.playing ? "Pause" : "Play");
  }

  destroy() {
    this.pause();
  }
}
