// How crowded the plane is around each point: what colours them where there are no classes.

const REACH = 0.01; // share of the points at each end that do not stretch the cells
const KERNEL = [1, 4, 6, 4, 1].map((weight) => weight / 16); // a standard deviation of one cell
const ROOM = 4; // cells around, for the kernel and for what lies beyond

/**
 * The density of points at each of them, as a share of all per unit of area: counted in cells that are the smaller the
 * more points there are, smoothed, and read between the cells' centres.
 * @param {ArrayLike<number>} xy (2 N,) @returns {Float32Array} (N,)
 */
export function pointDensity(xy) {
  const count = xy.length / 2;
  const cells = Math.round(8 * count ** (1 / 6)); // the width of a kernel falls as N^(-1/6), as Scott's rule has it
  const axes = [0, 1].map((axis) => ({ axis, ...span(xy, axis) }));
  const side = cells + 2 * ROOM;
  /**
   * In cells, from the first one's centre.
   * @param {number} i @param {{axis: number, low: number, high: number}} along
   */
  const place = (i, { axis, low, high }) =>
    ROOM - 0.5 + Math.min(Math.max(((xy[2 * i + axis] - low) / (high - low)) * cells, -1), cells + 1);
  let grid = new Float64Array(side * side);
  for (let i = 0; i < count; i++) {
    spread(place(i, axes[0]), place(i, axes[1]), side, (cell, share) => {
      grid[cell] += share;
    });
  }
  for (const step of [1, side]) grid = smoothed(grid, step);
  const area = axes.reduce((product, { low, high }) => (product * (high - low)) / cells, 1);
  return Float32Array.from({ length: count }, (_, i) => {
    let sum = 0;
    spread(place(i, axes[0]), place(i, axes[1]), side, (cell, share) => {
      sum += share * grid[cell];
    });
    return sum / (count * area);
  });
}

/** @param {ArrayLike<number>} xy @param {number} axis */
function span(xy, axis) {
  const sorted = Float64Array.from({ length: xy.length / 2 }, (_, i) => xy[2 * i + axis]).sort();
  const end = Math.floor(REACH * (sorted.length - 1));
  const [low, high] = [sorted[end], sorted[sorted.length - 1 - end]];
  return { low, high: Math.max(high, low + 1e-6) };
}

/**
 * The four cells around a place, and how near each is.
 * @param {number} x @param {number} y @param {number} side @param {(cell: number, share: number) => void} use
 */
function spread(x, y, side, use) {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - column, y - row];
  const cell = row * side + column;
  use(cell, (1 - right) * (1 - down));
  use(cell + 1, right * (1 - down));
  use(cell + side, (1 - right) * down);
  use(cell + side + 1, right * down);
}

/**
 * @param {Float64Array} grid @param {number} step to the next cell along the axis
 * @returns {Float64Array<ArrayBuffer>}
 */
function smoothed(grid, step) {
  return Float64Array.from(
    grid,
    (_, cell) => KERNEL.reduce((sum, weight, k) => sum + weight * (grid[cell + (k - 2) * step] ?? 0), 0),
  );
}
