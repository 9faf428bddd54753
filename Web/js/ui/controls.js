import { byId, isTyping } from './dom.js';
import { setIcon } from './icons.js';

/** @typedef {'mic' | 'camera' | 'share' | 'hand' | 'people' | 'chat' | 'link' | 'call' | 'settings' | 'hangup'} Action */

/** @type {Record<string, Action>} */
const KEYS = { m: 'mic', v: 'camera', s: 'share', c: 'chat', p: 'people', h: 'hand' };

/** The bar of buttons below the call, and their keys. */
export class Controls {
  #bar = byId('controls', HTMLElement);
  #act;

  /** @param {(action: Action) => void} act */
  constructor(act) {
    this.#act = act;
    this.#bar.addEventListener('click', (e) => {
      const button = e.target instanceof Element ? e.target.closest('[data-action]') : null;
      if (button instanceof HTMLElement) act(/** @type {Action} */ (button.dataset.action));
    });
    document.addEventListener('keydown', (e) => this.#onKey(e));
  }

  /** @param {import('../media/local.js').LocalMedia} media */
  show(media) {
    this.#set('mic', media.isMicOn, media.isMicOn ? 'mic' : 'mic-off', media.isMicOn ? 'Mute' : 'Unmute');
    this.#set('camera', media.isCameraOn, media.isCameraOn ? 'camera' : 'camera-off', media.isCameraOn ? 'Stop camera' : 'Start camera');
    this.#set('share', media.isSharing, 'screen', media.isSharing ? 'Stop sharing' : 'Share screen');
    this.#button('mic').classList.toggle('is-off', !media.isMicOn);
    this.#button('camera').classList.toggle('is-off', !media.isCameraOn);
    this.#button('share').hidden = !media.canShare;
  }

  /**
   * What a moderator holds cannot be switched on.
   * @param {import('../call/call.js').Participant | undefined} self
   */
  showOwn(self) {
    for (const [action, kind] of /** @type {const} */ ([['mic', 'audio'], ['camera', 'video']])) {
      const isHeld = self?.silence[kind] === 'held';
      this.#button(action).classList.toggle('is-held', isHeld);
      if (isHeld) this.#button(action).setAttribute('aria-label', kind === 'audio' ? 'Microphone: a moderator muted it' : 'Camera: a moderator switched it off');
    }
    const isRaised = Boolean(self?.hand);
    this.#set('hand', isRaised, 'hand', isRaised ? 'Lower your hand' : 'Raise your hand');
  }

  /** @param {boolean} isOpen */
  showChat(isOpen) {
    this.#button('chat').setAttribute('aria-expanded', String(isOpen));
  }

  focusChat() {
    this.#button('chat').focus({ preventScroll: true });
  }

  /** @param {number} unread */
  showUnread(unread) {
    const badge = byId('unread', HTMLElement);
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? '99+' : String(unread);
    this.#button('chat').setAttribute('aria-label', unread === 0 ? 'Chat' : `Chat, ${unread} unread`);
  }

  /** @param {KeyboardEvent} e */
  #onKey(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || isTyping(e.target) || this.#bar.closest('[hidden]') || document.querySelector('dialog[open]')) return;
    const action = KEYS[e.key.toLowerCase()];
    if (!action || (action !== 'people' && this.#button(action).hidden)) return;
    e.preventDefault();
    this.#act(action);
  }

  /**
   * @param {Action} action
   * @param {boolean} isOn
   * @param {string} iconName
   * @param {string} label
   */
  #set(action, isOn, iconName, label) {
    const button = this.#button(action);
    setIcon(button, iconName);
    // The label says what a press does, so there is no aria-pressed beside it.
    button.classList.toggle('is-on', isOn);
    button.setAttribute('aria-label', label);
    const caption = button.querySelector('.caption');
    if (caption) caption.textContent = label;
  }

  /** @param {Action} action */
  #button(action) {
    const button = this.#bar.querySelector(`[data-action=${action}]`);
    if (!(button instanceof HTMLButtonElement)) throw new Error(`the page lacks the button ${action}`);
    return button;
  }
}
