// The shortest path in a graph, by Dijkstra's algorithm with a binary heap.

/**
 * @param {number} count of nodes @param {number} from @param {number} to
 * @param {(node: number, each: (other: number, length: number) => void) => void} neighbours
 * @returns {{nodes: number[], length: number} | null} null where no path leads
 */
export function shortestPath(count, from, to, neighbours) {
  const far = new Float64Array(count).fill(Infinity);
  const before = new Int32Array(count).fill(-1);
  const queue = new Queue();
  far[from] = 0;
  queue.push(from, 0);
  for (let top = queue.pop(); top && top.node !== to; top = queue.pop()) {
    const { node, key } = top;
    if (key > far[node]) continue; // a shorter path there was found since
    neighbours(node, (other, length) => {
      if (far[node] + length >= far[other]) return;
      far[other] = far[node] + length;
      before[other] = node;
      queue.push(other, far[other]);
    });
  }
  if (far[to] === Infinity) return null;
  const nodes = [];
  for (let node = to; node >= 0; node = before[node]) nodes.push(node);
  return { nodes: nodes.reverse(), length: far[to] };
}

class Queue {
  constructor() {
    /** @type {{node: number, key: number}[]} */
    this.items = [];
  }

  /** @param {number} node @param {number} key */
  push(node, key) {
    const { items } = this;
    let at = items.length;
    for (let parent = (at - 1) >> 1; at > 0 && items[parent].key > key; at = parent, parent = (at - 1) >> 1) {
      items[at] = items[parent];
    }
    items[at] = { node, key };
  }

  pop() {
    const { items } = this;
    const top = items[0];
    const last = items.pop();
    if (!last || items.length === 0) return top;
    let at = 0;
    for (let child = 1; child < items.length; at = child, child = 2 * at + 1) {
      if (child + 1 < items.length && items[child + 1].key < items[child].key) child += 1;
      if (items[child].key >= last.key) break;
      items[at] = items[child];
    }
    items[at] = last;
    return top;
  }
}
