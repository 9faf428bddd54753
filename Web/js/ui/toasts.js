import { byId, make } from './dom.js';

const SHOWN = 4_000;
const MOST = 3;

/**
 * Says something for a moment, aloud too where a screen reader runs.
 * @param {string} text
 */
export function toast(text) {
  const list = byId('toasts', HTMLElement);
  const line = make('p', { class: 'toast' }, text);
  list.append(line);
  while (list.children.length > MOST) list.firstElementChild?.remove();
  setTimeout(() => line.remove(), SHOWN);
}

export function clearToasts() {
  byId('toasts', HTMLElement).replaceChildren();
}
