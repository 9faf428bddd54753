import { byId, make } from './dom.js';

/** @typedef {import('../call/chat.js').ChatLine} ChatLine */

// An address in a message becomes a link; nothing else in it is ever markup.
const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** The text chat beside the call, over it on a phone. */
export class ChatPanel {
  #panel = byId('chat', HTMLElement);
  #list = byId('chat-lines', HTMLOListElement);
  #input = byId('chat-input', HTMLTextAreaElement);
  #empty = byId('chat-empty', HTMLElement);
  #unread = 0;
  /** @type {ChatLine | null} */
  #last = null;

  /** @type {(unread: number) => void} */
  onUnread = () => {};
  /** @type {(isOpen: boolean) => void} */
  onToggle = () => {};

  /** @param {(body: string) => boolean} say */
  constructor(say) {
    const form = byId('chat-form', HTMLFormElement);
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      const body = this.#input.value.trim();
      if (body && say(body)) this.#input.value = '';
    });
    this.#input.addEventListener('keydown', (e) => {
      if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
        e.preventDefault();
        form.requestSubmit();
      }
    });
    this.#panel.addEventListener('keydown', (e) => e.key === 'Escape' && this.toggle(false));
    byId('chat-close', HTMLButtonElement).addEventListener('click', () => this.toggle(false));
  }

  get isOpen() {
    return !this.#panel.hidden;
  }

  /** @param {boolean} [open] */
  toggle(open = !this.isOpen) {
    this.#panel.hidden = !open;
    if (open) {
      this.#setUnread(0);
      this.#list.scrollTop = this.#list.scrollHeight;
      this.#input.focus();
    }
    this.onToggle(open);
  }

  /**
   * @param {ChatLine} line
   * @param {boolean} isHistory
   */
  add(line, isHistory) {
    const follows = this.#last?.from === line.from && line.at.getTime() - this.#last.at.getTime() < 120_000;
    this.#last = line;
    const time = line.at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    const atEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 60;
    this.#list.append(make('li', { class: `line${line.isOwn ? ' is-own' : ''}${follows ? ' follows' : ''}` },
      follows ? null : make('p', { class: 'line-head' }, make('b', {}, line.isOwn ? 'You' : line.name), ' ', make('time', { datetime: line.at.toISOString() }, time)),
      make('p', { class: 'line-body' }, ...linked(line.body))));
    this.#empty.hidden = true;
    if (atEnd || line.isOwn) this.#list.scrollTop = this.#list.scrollHeight;
    if (!this.isOpen && !isHistory && !line.isOwn) this.#setUnread(this.#unread + 1);
  }

  clear() {
    this.#list.replaceChildren();
    this.#empty.hidden = false;
    this.#last = null;
    this.#setUnread(0);
  }

  /** @param {number} n */
  #setUnread(n) {
    this.#unread = n;
    this.onUnread(n);
  }
}

/**
 * @param {string} body
 * @returns {(Node | string)[]}
 */
function linked(body) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const m of body.matchAll(LINK)) {
    parts.push(body.slice(end, m.index), make('a', { href: m[0], target: '_blank', rel: 'noopener noreferrer' }, m[0]));
    end = m.index + m[0].length;
  }
  return [...parts, body.slice(end)];
}
