import { randomId } from '../xmpp/id.js';
import { NS } from '../xmpp/ns.js';
import { child, el, text } from '../xmpp/xml.js';

/** @typedef {import('../xmpp/xml.js').El} El */
/** @typedef {{ id: string, from: string, name: string, body: string, at: Date, isOwn: boolean }} ChatLine */

const MOST_LINES = 500;

/** The room's text chat: what was said, once each. */
export class Chat {
  /** @type {ChatLine[]} */
  lines = [];
  /** @type {Set<string>} */
  #seen = new Set();
  /** @type {Set<string>} ids of what this page said */
  #own = new Set();

  /** @type {(line: ChatLine, isHistory: boolean) => void} */
  onLine = () => {};

  /**
   * @param {string} room
   * @param {string} body
   */
  compose(room, body) {
    const id = randomId();
    this.#own.add(id);
    return el(NS.client, 'message', { type: 'groupchat', to: room, id }, el(NS.client, 'body', {}, body));
  }

  /**
   * @param {El} message from the room
   * @param {string} self own participant id
   */
  take(message, self) {
    const body = text(child(message, 'body'));
    if (!body || message.attrs.type !== 'groupchat') return;
    const from = message.attrs.from?.split('/')[1] ?? '';
    const id = message.attrs.id ?? '';
    const stamp = child(message, 'delay', NS.delay)?.attrs.stamp;
    const at = stamp ? new Date(stamp) : new Date();
    // The history comes again after a reconnect.
    const key = id ? `${from} ${id}` : `${from} ${stamp ?? randomId()} ${body}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const line = { id, from, name: text(child(message, 'nick', NS.nick)) || 'Someone', body, at, isOwn: this.#own.has(id) || from === self };
    this.lines.push(line);
    if (this.lines.length > MOST_LINES) this.lines.shift();
    this.onLine(line, stamp !== undefined);
  }
}
