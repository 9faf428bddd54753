import { make } from './dom.js';
import { icon, setIcon } from './icons.js';
import { hueOf, initials } from './texts.js';

/** @typedef {import('../call/call.js').Participant} Participant */
/** @typedef {import('../call/moderation.js').Act} Act */

/** One person in the list of people. */
export class PersonRow {
  #avatar = make('span', { class: 'row-avatar', 'aria-hidden': 'true' });
  #name = make('b');
  #role = make('span', { class: 'row-role' });
  #hand = make('span', { class: 'row-hand', hidden: true }, icon('hand'), make('b'));
  #mute = make('button', { class: 'round tiny', type: 'button' });
  #menu = make('details', { class: 'menu' });
  #items = make('div', { class: 'menu-items', role: 'group' });
  #id;
  #act;
  #shown = '';
  element = make('li', { class: 'person' });

  /**
   * @param {string} id
   * @param {(name: Act, attrs: Record<string, string>) => void} act
   */
  constructor(id, act) {
    this.#id = id;
    this.#act = act;
    this.#menu.append(make('summary', { class: 'round tiny', role: 'button' }, icon('more')), this.#items);
    this.element.append(this.#avatar, make('span', { class: 'row-name' }, this.#name, this.#role), this.#hand, this.#mute, this.#menu);
    this.element.dataset.person = id;
    // The menu closes when one goes elsewhere.
    this.#menu.addEventListener('focusout', (e) => {
      if (!(e.relatedTarget instanceof Node) || !this.#menu.contains(e.relatedTarget)) this.#menu.open = false;
    });
    this.#menu.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || !this.#menu.open) return;
      e.stopPropagation();
      this.#menu.open = false;
      this.#menu.querySelector('summary')?.focus();
    });
  }

  /**
   * @param {Participant} p
   * @param {boolean} isModerator whether one may do something to this person
   */
  show(p, isModerator) {
    const state = JSON.stringify([p.name, p.isMuted, p.isModerator, p.hand, p.silence, isModerator]);
    if (state === this.#shown) return;
    this.#shown = state;
    this.#avatar.textContent = initials(p.name);
    this.#avatar.style.setProperty('--hue', String(hueOf(p.name)));
    this.#name.textContent = p.isSelf ? `${p.name} (you)` : p.name;
    const words = [p.isModerator ? 'Moderator' : '', p.silence.audio === 'held' ? 'May not speak' : '', p.silence.video === 'held' ? 'Camera held off' : ''].filter(Boolean);
    this.#role.textContent = words.join(' · ');
    this.#hand.hidden = p.hand === null;
    const place = this.#hand.querySelector('b');
    if (place) place.textContent = p.hand === null ? '' : String(p.hand);
    this.#hand.title = p.hand === null ? '' : `Hand raised, number ${p.hand}`;
    const mayAct = isModerator && !p.isSelf;
    this.#showMute(p, mayAct);
    this.#menu.hidden = !mayAct;
    this.#menu.querySelector('summary')?.setAttribute('aria-label', `More for ${p.name}`);
    if (mayAct) this.#showMenu(p);
  }

  /**
   * @param {Participant} p
   * @param {boolean} mayAct
   */
  #showMute(p, mayAct) {
    const button = this.#mute;
    setIcon(button, p.isMuted ? 'mic-off' : 'mic');
    button.classList.toggle('is-muted', p.isMuted);
    button.disabled = !mayAct || (p.isMuted && !p.silence.audio);
    const label = !mayAct || button.disabled ? (p.isMuted ? 'Microphone off' : 'Microphone on') : p.silence.audio ? `Let ${p.name} speak again` : `Mute ${p.name}`;
    button.setAttribute('aria-label', label);
    button.title = label;
    button.onclick = () => this.#do(p.silence.audio ? 'unmute' : 'mute', { media: 'audio' });
  }

  /** @param {Participant} p */
  #showMenu(p) {
    const isHeld = p.silence.audio === 'held';
    /** @type {[string, Act, Record<string, string>, boolean?][]} */
    const items = [
      isHeld ? ['Let speak again', 'unmute', { media: 'audio' }] : ['Mute until I lift it', 'mute', { media: 'audio', held: 'true' }],
      p.silence.video ? ['Let show the camera again', 'unmute', { media: 'video' }] : ['Switch the camera off', 'mute', { media: 'video' }],
    ];
    if (p.hand !== null) items.push(['Lower the hand', 'hand', { raised: 'false' }]);
    items.push(p.isModerator ? ['No moderator any more', 'revoke', {}] : ['Make a moderator', 'grant', {}], ['Remove from the call', 'kick', {}, true]);
    this.#items.replaceChildren(...items.map(([label, name, attrs, isGrave]) => {
      const button = make('button', { type: 'button', class: isGrave ? 'danger-text' : null }, label);
      button.addEventListener('click', () => {
        this.#menu.open = false;
        this.#do(name, attrs);
      });
      return button;
    }));
  }

  /**
   * @param {Act} name
   * @param {Record<string, string>} attrs
   */
  #do(name, attrs) {
    this.#act(name, { participant: this.#id, ...attrs });
  }
}
