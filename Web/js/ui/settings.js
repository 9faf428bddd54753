import { byId } from './dom.js';

/** Devices and picture size during the call. */
export class Settings {
  #dialog = byId('settings', HTMLDialogElement);
  #hd = byId('settings-hd', HTMLInputElement);

  /** @param {import('../media/local.js').LocalMedia} media */
  constructor(media) {
    this.#hd.checked = media.isHd;
    this.#hd.addEventListener('change', () => void media.setHd(this.#hd.checked));
    byId('settings-close', HTMLButtonElement).addEventListener('click', () => this.close());
  }

  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  /** @param {string} text */
  showQuality(text) {
    byId('settings-quality', HTMLElement).textContent = text;
  }
}
