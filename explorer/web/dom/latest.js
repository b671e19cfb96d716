// The latest of several asynchronous tasks: what was asked for before it comes to nothing.

export class Latest {
  turn = 0;
  controller = new AbortController();

  /** What is fetched with it ends when `cancel` is called. */
  get signal() {
    return this.controller.signal;
  }

  /**
   * What a task gives. If another one is asked for meanwhile, or `cancel` is called, this promise never settles:
   * whoever awaits it simply does not go on.
   * @template T @param {Promise<T>} task @returns {Promise<T>}
   */
  of(task) {
    const turn = ++this.turn;
    return new Promise((resolve, reject) =>
      task.then(
        (value) => turn === this.turn && resolve(value),
        (error) => turn === this.turn && reject(error),
      )
    );
  }

  cancel() {
    this.turn++;
    this.controller.abort();
    this.controller = new AbortController();
  }
}
