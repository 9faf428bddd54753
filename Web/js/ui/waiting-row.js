import { make } from './dom.js';
import { icon } from './icons.js';
import { hueOf, initials } from './texts.js';

/**
 * Somebody who waits to come in.
 * @param {{ name: string, address: string }} caller
 * @param {(name: 'admit' | 'deny') => void} decide
 */
export function waitingRow(caller, decide) {
  const admit = make('button', { type: 'button', class: 'round tiny accent', 'aria-label': `Let ${caller.name} in`, title: 'Let in' }, icon('check'));
  const deny = make('button', { type: 'button', class: 'round tiny', 'aria-label': `Turn ${caller.name} away`, title: 'Turn away' }, icon('close'));
  admit.addEventListener('click', () => decide('admit'));
  deny.addEventListener('click', () => decide('deny'));
  // A name is whatever one types; an account's address is not.
  return make('li', { class: 'person' }, avatar(caller.name), make('span', { class: 'row-name' }, make('b', {}, caller.name), make('span', { class: 'row-role' }, caller.address || 'Guest')), deny, admit);
}

/**
 * Somebody who is kept out.
 * @param {{ name: string }} banned
 * @param {() => void} allow
 */
export function bannedRow(banned, allow) {
  const button = make('button', { type: 'button', class: 'quiet small', 'aria-label': `Allow ${banned.name} back in` }, 'Allow');
  button.addEventListener('click', allow);
  return make('li', { class: 'person' }, avatar(banned.name), make('span', { class: 'row-name' }, make('b', {}, banned.name)), button);
}

/** @param {string} name */
function avatar(name) {
  const e = make('span', { class: 'row-avatar', 'aria-hidden': 'true' }, initials(name));
  e.style.setProperty('--hue', String(hueOf(name)));
  return e;
}
