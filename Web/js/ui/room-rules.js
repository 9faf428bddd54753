import { byId } from './dom.js';
import { toast } from './toasts.js';

/** @typedef {import('../call/call.js').Call} Call */
/** @typedef {import('../call/coin.js').Moderation} Moderation */

/** Who may enter the room: what moderators may change. */
export class RoomRules {
  #lobby = byId('rule-lobby', HTMLInputElement);
  #locked = byId('rule-locked', HTMLInputElement);
  #password = byId('rule-password', HTMLInputElement);

  /** @param {(work: (call: Call) => Promise<void>) => void} attempt does something and says when it failed */
  constructor(attempt) {
    this.#lobby.addEventListener('change', () => attempt((call) => call.setPolicy({ hasLobby: this.#lobby.checked })));
    this.#locked.addEventListener('change', () => attempt((call) => call.setPolicy({ isLocked: this.#locked.checked })));
    byId('rule-password-form', HTMLFormElement).addEventListener('submit', (e) => {
      e.preventDefault();
      const password = this.#password.value.trim();
      attempt(async (call) => {
        await call.setPolicy({ password });
        toast(password ? 'The room has a password now' : 'The room has no password any more');
      });
    });
  }

  /** @param {Moderation} moderation */
  show(moderation) {
    this.#lobby.checked = moderation.hasLobby;
    this.#locked.checked = moderation.isLocked;
    if (!moderation.hasPassword && document.activeElement !== this.#password) this.#password.value = '';
  }

  /** @param {string} password */
  showPassword(password) {
    this.#password.value = password;
  }
}
