// Many points of a plane in cells, so that those nearest to a place are found among a few of them.

const IN_A_CELL = 4; // points, on average

export class NearestGrid {
  /** @param {Float32Array} xy interleaved points */
  constructor(xy) {
    this.xy = xy;
    const count = xy.length / 2;
    const [left, right] = interval(xy, 0);
    const [bottom, top] = interval(xy, 1);
    this.left = left;
    this.bottom = bottom;
    /** the side of a cell; even if all points are on a line they are no more than the points */
    this.size = Math.max(
      Math.sqrt(((right - left) * (top - bottom) * IN_A_CELL) / count),
      ((right - left + top - bottom) * IN_A_CELL) / count,
      1e-9,
    );
    this.columns = Math.floor((right - left) / this.size) + 1;
    this.rows = Math.floor((top - bottom) / this.size) + 1;
    const cells = new Int32Array(count);
    /** where each cell's points begin in `order` */
    this.starts = new Int32Array(this.columns * this.rows + 1);
    for (let i = 0; i < count; i++) {
      cells[i] = this.row(xy[2 * i + 1]) * this.columns + this.column(xy[2 * i]);
      this.starts[cells[i] + 1]++;
    }
    for (let cell = 0; cell < this.starts.length - 1; cell++) this.starts[cell + 1] += this.starts[cell];
    const next = this.starts.slice();
    /** the points' numbers, cell by cell */
    this.order = new Int32Array(count);
    for (let i = 0; i < count; i++) this.order[next[cells[i]]++] = i;
  }

  /** Of the cell that is nearest. @param {number} x */
  column(x) {
    return Math.min(Math.max(Math.floor((x - this.left) / this.size), 0), this.columns - 1);
  }

  /** @param {number} y */
  row(y) {
    return Math.min(Math.max(Math.floor((y - this.bottom) / this.size), 0), this.rows - 1);
  }

  /**
   * The points nearest to a place, nearest first, with their squared distances.
   * @param {ArrayLike<number>} at @param {number} count @param {(index: number) => boolean} [allowed]
   */
  nearest(at, count, allowed = () => true) {
    const { xy, order, starts, columns, rows } = this;
    const [x, y] = [at[0], at[1]];
    const [column, row] = [this.column(x), this.row(y)];
    /** @type {number[]} */
    const found = [];
    /** @type {number[]} */
    const squared = [];
    let worst = Infinity;
    const look = (/** @type {number} */ cell) => {
      for (let place = starts[cell]; place < starts[cell + 1]; place++) {
        const index = order[place];
        const [dx, dy] = [xy[2 * index] - x, xy[2 * index + 1] - y];
        const sum = dx * dx + dy * dy;
        if (sum >= worst || !allowed(index)) continue;
        let rank = found.length < count ? found.length : count - 1;
        for (; rank > 0 && squared[rank - 1] > sum; rank--) {
          [found[rank], squared[rank]] = [found[rank - 1], squared[rank - 1]];
        }
        [found[rank], squared[rank]] = [index, sum];
        if (found.length === count) worst = squared[count - 1];
      }
    };
    // Ring by ring around the nearest cell, as long as the cells beyond may hold a nearer point.
    const nearer = (/** @type {number} */ least) => Number.isFinite(least) && least <= worst;
    for (let reach = 0; nearer(this.beyond(x, y, reach - 1)); reach++) {
      for (let r = Math.max(row - reach, 0); r <= Math.min(row + reach, rows - 1); r++) {
        const edge = Math.abs(r - row) === reach;
        for (let c = column - reach; c <= column + reach; c += edge ? 1 : Math.max(2 * reach, 1)) {
          if (c >= 0 && c < columns) look(r * columns + c);
        }
      }
    }
    return { rows: found, squared };
  }

  /**
   * The least squared distance to a cell outside the square of rings up to `reach`; infinite if there is none.
   * @param {number} x @param {number} y @param {number} reach -1: none
   */
  beyond(x, y, reach) {
    if (reach < 0) return 0;
    const { left, bottom, size, columns, rows } = this;
    const [column, row] = [this.column(x), this.row(y)];
    const [right, top] = [left + columns * size, bottom + rows * size];
    // How far the place is from all cells, across and up.
    const [dx, dy] = [Math.max(left - x, x - right, 0), Math.max(bottom - y, y - top, 0)];
    let least = Infinity;
    if (column - reach > 0) least = Math.min(least, (x - (left + (column - reach) * size)) ** 2 + dy * dy);
    if (column + reach < columns - 1) least = Math.min(least, (left + (column + reach + 1) * size - x) ** 2 + dy * dy);
    if (row - reach > 0) least = Math.min(least, (y - (bottom + (row - reach) * size)) ** 2 + dx * dx);
    if (row + reach < rows - 1) least = Math.min(least, (bottom + (row + reach + 1) * size - y) ** 2 + dx * dx);
    return least;
  }
}

/** From the least to the largest coordinate. @param {Float32Array} xy @param {number} axis */
function interval(xy, axis) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = axis; i < xy.length; i += 2) {
    if (xy[i] < low) low = xy[i];
    if (xy[i] > high) high = xy[i];
  }
  return [low, high];
}
