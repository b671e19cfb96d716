// Numbers in the memory of a WebAssembly module, and the one product over them: x W^T + b, four numbers an instruction.

/**
 * @typedef {{at: number, stride: number, width: number}} Rows  rows of `width` numbers from byte `at`, `stride` bytes
 *   apart
 */
/**
 * @typedef {(weights: number, bias: number, x: number, y: number, inputs: number, blocks: number, xStride: number,
 *   yStride: number) => void} Product
 */

const PAGE = 65536; // bytes
const BLOCK = 8; // outputs of one pass: two vectors of four
export const TOGETHER = 4; // rows that share each weight that is fetched

export class WasmProduct {
  constructor() {
    this.used = 0;
    const { memory, one, four } = CODE ? compiled(CODE) : plain();
    this.memory = memory;
    this.one = one;
    this.four = four;
  }

  /** The same memory for another network of the same layers: each finds its zeros where the one before had them. */
  again() {
    this.used = 0;
    return this;
  }

  /** Room for numbers, all 0; views of earlier ones end here. @param {number} count @returns {number} its first byte */
  take(count) {
    const at = this.used;
    this.used += Math.ceil(count / 4) * 16;
    const lacking = Math.ceil((this.used - this.memory.buffer.byteLength) / PAGE);
    if (lacking > 0) this.memory.grow(lacking);
    return at;
  }

  /** @param {number} count @param {number} width @returns {Rows} */
  rows(count, width) {
    const stride = Math.ceil(width / BLOCK) * BLOCK;
    return { at: this.take(count * stride), stride: 4 * stride, width };
  }

  /** All numbers; taking room for more ends the view. */
  numbers() {
    return new Float32Array(this.memory.buffer);
  }

  /** Where a row begins among all numbers. @param {Rows} rows @param {number} index */
  index({ at, stride }, index) {
    return (at + index * stride) / 4;
  }

  /** A row's numbers, in place. @param {Rows} rows @param {number} index */
  row({ at, stride, width }, index) {
    return new Float32Array(this.memory.buffer, at + index * stride, width);
  }

  /**
   * Weights as the product reads them: eight outputs side by side, input by input.
   * @param {number} outputs @param {number} inputs @param {(output: number, input: number) => number} weight
   * @param {(output: number) => number} bias
   * @returns {(x: Rows, y: Rows, count: number) => void} y = x W^T + b for `count` rows
   */
  affine(outputs, inputs, weight, bias) {
    const blocks = Math.ceil(outputs / BLOCK);
    const [weights, biases] = [this.take(blocks * BLOCK * inputs), this.take(blocks * BLOCK)];
    const packed = new Float32Array(this.memory.buffer, weights, blocks * BLOCK * inputs);
    const padded = new Float32Array(this.memory.buffer, biases, blocks * BLOCK);
    for (let o = 0; o < outputs; o++) {
      padded[o] = bias(o);
      const at = (o - (o % BLOCK)) * inputs + (o % BLOCK);
      for (let i = 0; i < inputs; i++) packed[at + i * BLOCK] = weight(o, i);
    }
    return (x, y, count) => {
      let row = 0;
      for (; row + TOGETHER <= count; row += TOGETHER) {
        this.four(weights, biases, x.at + row * x.stride, y.at + row * y.stride, inputs, blocks, x.stride, y.stride);
      }
      for (; row < count; row++) {
        this.one(weights, biases, x.at + row * x.stride, y.at + row * y.stride, inputs, blocks, x.stride, y.stride);
      }
    };
  }
}

// Codes of the WebAssembly and SIMD specifications.
const [I32, V128] = [0x7f, 0x7b];
const LOOP = [0x03, 0x40];
const AGAIN_IF = [0x0d, 0x00];
const END = 0x0b;
const [ADD, SUBTRACT, TIMES] = [0x6a, 0x6b, 0x6c];
const [PRODUCT, SUM] = [[0xfd, 0xe6, 0x01], [0xfd, 0xe4, 0x01]];
const constant = (/** @type {number} */ v) => [0x41, v];
const get = (/** @type {number} */ local) => [0x20, local];
const set = (/** @type {number} */ local) => [0x21, local];
const tee = (/** @type {number} */ local) => [0x22, local];
const load = (/** @type {number} */ offset) => [0xfd, 0x00, 0x02, offset];
const loadSplat = [0xfd, 0x09, 0x02, 0x00];
const store = (/** @type {number} */ offset) => [0xfd, 0x0b, 0x02, offset];

/** The body of the product for so many rows at once: all sums of a block stay in registers. @param {number} count */
function product(count) {
  const [weights, bias, x, y, inputs, blocks, xStride, yStride, left] = Array(9).keys();
  const rows = [...Array(count).keys()];
  const pointer = (/** @type {number} */ row) => left + 1 + row;
  const sum = (/** @type {number} */ row, /** @type {number} */ half) => left + 1 + count + 2 * row + half;
  const factor = left + 1 + 3 * count; // and the next
  const value = factor + 2;
  const step = (
    /** @type {number} */ local,
    /** @type {number} */ bytes,
  ) => [...get(local), ...constant(bytes), ADD, ...set(local)];
  const countdown = (
    /** @type {number} */ local,
  ) => [...get(local), ...constant(1), SUBTRACT, ...tee(local), ...AGAIN_IF];
  const code = [
    ...LOOP,
    ...rows.flatMap((r) => [...get(x), ...get(xStride), ...constant(r), TIMES, ADD, ...set(pointer(r))]),
    ...rows.flatMap((r) => [0, 1].flatMap((half) => [...get(bias), ...load(16 * half), ...set(sum(r, half))])),
    ...[...get(inputs), ...set(left)],
    ...LOOP,
    ...[0, 1].flatMap((half) => [...get(weights), ...load(16 * half), ...set(factor + half)]),
    ...rows.flatMap((r) => [
      ...[...get(pointer(r)), ...loadSplat, ...set(value)],
      ...[0, 1].flatMap((
        half,
      ) => [...get(sum(r, half)), ...get(value), ...get(factor + half), ...PRODUCT, ...SUM, ...set(sum(r, half))]),
      ...step(pointer(r), 4),
    ]),
    ...step(weights, 32),
    ...countdown(left),
    END,
    ...rows.flatMap((r) =>
      [0, 1].flatMap((
        half,
      ) => [...get(y), ...get(yStride), ...constant(r), TIMES, ADD, ...get(sum(r, half)), ...store(16 * half)])
    ),
    ...[...step(bias, 32), ...step(y, 32)],
    ...countdown(blocks),
    ...[END, END],
  ];
  const locals = list([[1 + count, I32], [2 * count + 3, V128]]);
  return sized([...locals, ...code]);
}

/** @param {WebAssembly.Module} code */
function compiled(code) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { one, four } = new WebAssembly.Instance(code, { wasm: { memory } }).exports;
  return { memory, one: /** @type {Product} */ (one), four: /** @type {Product} */ (four) };
}

/** The same without WebAssembly, which some browsers' strictest settings turn off: several times slower. */
function plain() {
  const memory = {
    buffer: new ArrayBuffer(PAGE),
    grow(/** @type {number} */ pages) {
      const before = new Uint8Array(memory.buffer);
      memory.buffer = new ArrayBuffer(before.length + pages * PAGE);
      new Uint8Array(memory.buffer).set(before);
    },
  };
  /** @type {Product} */
  const one = (weights, bias, x, y, inputs, blocks) => {
    const all = new Float32Array(memory.buffer);
    for (let o = 0; o < blocks * BLOCK; o++) {
      let sum = all[bias / 4 + o];
      const from = weights / 4 + (o - (o % BLOCK)) * inputs + (o % BLOCK);
      for (let i = 0; i < inputs; i++) sum += all[x / 4 + i] * all[from + i * BLOCK];
      all[y / 4 + o] = sum;
    }
  };
  /** @type {Product} */
  const four = (weights, bias, x, y, inputs, blocks, xStride, yStride) => {
    for (let r = 0; r < TOGETHER; r++) {
      one(weights, bias, x + r * xStride, y + r * yStride, inputs, blocks, xStride, yStride);
    }
  };
  return { memory, one, four };
}

/** @param {number} id @param {number[][]} entries */
function section(id, entries) {
  return [id, ...sized(list(entries))];
}

/** @param {number[][]} entries */
function list(entries) {
  return [...number(entries.length), ...entries.flat()];
}

/** @param {number[]} bytes */
function sized(bytes) {
  return [...number(bytes.length), ...bytes];
}

/** @param {string} ascii */
function text(ascii) {
  return sized([...ascii].map((letter) => letter.charCodeAt(0)));
}

/** Seven bits a byte, the lowest first. @param {number} value @returns {number[]} */
function number(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >> 7)];
}

const BYTES = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, [[0x60, ...list(Array(8).fill([I32])), 0]]), // the type of both functions
  ...section(2, [[...text("wasm"), ...text("memory"), 0x02, 0x00, 0x01]]),
  ...section(3, [[0], [0]]),
  ...section(7, [[...text("one"), 0x00, 0], [...text("four"), 0x00, 1]]),
  ...section(10, [product(1), product(TOGETHER)]),
]);
/** null where there is no WebAssembly, or none with vectors */
const CODE = globalThis.WebAssembly?.validate(BYTES) ? new WebAssembly.Module(BYTES) : null;
