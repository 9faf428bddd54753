import { make } from './dom.js';

/** @typedef {import('../call/leg.js').Slot} Slot */

/** Plays what arrives: an element per audio slot. */
export class Sound {
  /** @type {Map<string, { element: HTMLAudioElement, track: MediaStreamTrack }>} */
  #playing = new Map();
  #container;
  #onBlocked;

  /**
   * @param {HTMLElement} container
   * @param {(isBlocked: boolean) => void} onBlocked the browser wants a click first
   */
  constructor(container, onBlocked) {
    this.#container = container;
    this.#onBlocked = onBlocked;
  }

  /** @param {[string, Slot][]} slots */
  show(slots) {
    const now = new Map(slots);
    for (const [name, { element, track }] of this.#playing) {
      if (now.get(name)?.track === track) continue;
      element.srcObject = null;
      element.remove();
      this.#playing.delete(name);
    }
    for (const [name, { track }] of now) {
      if (this.#playing.has(name)) continue;
      const element = make('audio', { autoplay: true, playsinline: true });
      element.srcObject = new MediaStream([track]);
      this.#container.append(element);
      this.#playing.set(name, { element, track });
      void this.#play(element);
    }
  }

  /** After a click everything may play. */
  async unblock() {
    this.#onBlocked(false);
    await Promise.all([...this.#playing.values()].map((p) => this.#play(p.element)));
  }

  clear() {
    this.show([]);
  }

  /** @param {HTMLAudioElement} element */
  async #play(element) {
    try {
      await element.play();
    } catch (e) {
      // Anything else means that the element went while it was about to start.
      if (e instanceof Error && e.name === 'NotAllowedError') this.#onBlocked(true);
    }
  }
}
