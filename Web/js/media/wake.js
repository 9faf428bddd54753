/** Keeps a phone's screen on during a call. */
export class WakeLock {
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  #isWanted = false;

  constructor() {
    // The browser takes the lock away from a hidden page.
    document.addEventListener('visibilitychange', () => void this.#take());
  }

  /** @param {boolean} isWanted */
  want(isWanted) {
    this.#isWanted = isWanted;
    if (isWanted) return void this.#take();
    void this.#lock?.release();
    this.#lock = null;
  }

  async #take() {
    if (!this.#isWanted || document.visibilityState !== 'visible' || !navigator.wakeLock) return;
    if (this.#lock && !this.#lock.released) return;
    this.#lock = await navigator.wakeLock.request('screen').catch(() => null); // a battery that is low may refuse
  }
}
