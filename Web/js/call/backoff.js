/** Waits longer from attempt to attempt, with jitter; the network's return ends a wait. */
export class Backoff {
  #attempt = 0;

  /**
   * @param {number} first milliseconds
   * @param {number} most milliseconds
   */
  constructor(first = 500, most = 15_000) {
    this.first = first;
    this.most = most;
  }

  reset() {
    this.#attempt = 0;
  }

  /** The next pause in milliseconds. */
  next() {
    const pause = Math.min(this.most, this.first * 2 ** this.#attempt++);
    return pause * (0.75 + Math.random() / 2);
  }

  /** @param {AbortSignal} signal */
  wait(signal) {
    const pause = this.next();
    return new Promise((/** @type {(value: void) => void} */ resolve) => {
      const done = () => {
        clearTimeout(timer);
        removeEventListener('online', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, pause);
      addEventListener('online', done);
      signal.addEventListener('abort', done);
    });
  }
}
