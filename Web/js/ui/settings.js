import { HOURS } from '../call/reservation.js';
import { byId } from './dom.js';
import { toast } from './toasts.js';

/** @typedef {import('../call/call.js').Call} Call */

/** Devices and picture size during the call, and for accounts whether guests may come before anybody else does. */
export class Settings {
  #dialog = byId('settings', HTMLDialogElement);
  #hd = byId('settings-hd', HTMLInputElement);
  #guests = byId('settings-guests', HTMLInputElement);
  /** @type {Call | null} */
  #call = null;

  /** @param {import('../media/local.js').LocalMedia} media */
  constructor(media) {
    this.#hd.checked = media.isHd;
    this.#hd.addEventListener('change', () => void media.setHd(this.#hd.checked));
    this.#guests.addEventListener('change', () => void this.#reserve());
    byId('settings-close', HTMLButtonElement).addEventListener('click', () => this.close());
  }

  /** @param {Call | null} call */
  open(call) {
    this.#call = call;
    byId('settings-guests-row', HTMLElement).hidden = true;
    this.#showUntil(null);
    if (!this.#dialog.open) this.#dialog.showModal();
    if (call?.account) void this.#readReservation(call);
  }

  close() {
    this.#dialog.close();
  }

  /** @param {string} text */
  showQuality(text) {
    byId('settings-quality', HTMLElement).textContent = text;
  }

  /** @param {Call} call */
  async #readReservation(call) {
    try {
      this.#showUntil(await call.reservation());
      byId('settings-guests-row', HTMLElement).hidden = call !== this.#call;
    } catch {
      // A room that knows no reservations, or no stream at the moment: then there is nothing to offer.
    }
  }

  async #reserve() {
    const isOn = this.#guests.checked;
    try {
      this.#showUntil((await this.#call?.reserve(isOn)) ?? null);
    } catch (e) {
      this.#guests.checked = !isOn;
      toast(`That did not work: ${e instanceof Error ? e.message : e}`);
    }
  }

  /** @param {Date | null} until */
  #showUntil(until) {
    this.#guests.checked = until !== null;
    const time = until?.toLocaleString([], { dateStyle: until.getTime() - Date.now() > 20 * 3_600_000 ? 'medium' : undefined, timeStyle: 'short' });
    byId('settings-guests-until', HTMLElement).textContent = time ? `Guests may come until ${time}.` : '';
    this.#guests.title = `For ${HOURS} hours`;
  }
}
