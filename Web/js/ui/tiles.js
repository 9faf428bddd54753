import { grid, stage } from './layout.js';
import { Tile } from './tile.js';

/** @typedef {import('../call/call.js').Participant} Participant */

/** Everybody's tiles, laid out by themselves. */
export class Tiles {
  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  #container;
  #selfVideo;
  #onPin;
  /** @type {string[]} */
  #order = [];
  /** @type {string | null} */
  #large = null;
  /** @type {string | null} */
  pinned = null;

  /**
   * @param {HTMLElement} container
   * @param {{ selfVideo: () => MediaStreamTrack | null, onPin: (id: string | null) => void }} options
   */
  constructor(container, { selfVideo, onPin }) {
    this.#container = container;
    this.#selfVideo = selfVideo;
    this.#onPin = onPin;
    new ResizeObserver(() => this.#place()).observe(container);
  }

  /** @param {Participant[]} people */
  show(people) {
    const ids = new Set(people.map((p) => p.id));
    for (const [id, tile] of this.#tiles) {
      if (ids.has(id)) continue;
      tile.remove();
      this.#tiles.delete(id);
      if (this.pinned === id) this.#pin(id);
    }
    for (const p of people) {
      let tile = this.#tiles.get(p.id);
      if (!tile) {
        tile = new Tile(p.id, (id) => this.#pin(id));
        this.#tiles.set(p.id, tile);
        this.#container.append(tile.element);
      }
      const track = !p.isVideoOn ? null : p.isSelf ? this.#selfVideo() : p.video?.track ?? null;
      tile.show(p, track, this.pinned === p.id);
    }
    this.#arrange(people);
  }

  /** @param {Set<string>} ids */
  speak(ids) {
    for (const [id, tile] of this.#tiles) tile.setSpeaking(ids.has(id));
  }

  clear() {
    for (const tile of this.#tiles.values()) tile.remove();
    this.#tiles.clear();
    this.#order = [];
    this.pinned = this.#large = null;
  }

  /** @param {string} id */
  #pin(id) {
    this.pinned = this.pinned === id ? null : id;
    this.#onPin(this.pinned);
  }

  /** @param {Participant[]} people */
  #arrange(people) {
    // Somebody else's slides take the large place; one's own would show a hall of mirrors.
    const slides = people.find((p) => p.isSlides && p.isVideoOn && !p.isSelf);
    this.#large = this.pinned ?? slides?.id ?? null;
    // Oneself last: what others do is what one came for.
    const others = people.filter((p) => !p.isSelf).map((p) => p.id);
    const self = people.filter((p) => p.isSelf).map((p) => p.id);
    this.#order = [...others, ...self].sort((a, b) => Number(b === this.#large) - Number(a === this.#large));
    this.#place();
  }

  #place() {
    const { clientWidth: width, clientHeight: height } = this.#container;
    if (width === 0 || height === 0 || this.#order.length === 0) return;
    const gap = width < 600 ? 6 : 10;
    const rects = (this.#large && this.#order.length > 1 ? stage : grid)(width, height, this.#order.length, gap);
    for (const [i, id] of this.#order.entries()) {
      const rect = rects[i];
      const tile = this.#tiles.get(id);
      if (rect && tile) tile.place(rect);
      tile?.element.classList.toggle('is-large', id === this.#large);
    }
  }
}
