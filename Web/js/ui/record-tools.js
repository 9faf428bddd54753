import { confirm } from './confirm.js';
import { byId } from './dom.js';
import { icon } from './icons.js';

/** @typedef {import('../call/call.js').Call} Call */
/** @typedef {import('../call/coin.js').Moderation} Moderation */

/** The recording of the call, for moderators: begin it, end it, and find what was recorded. */
export class RecordTools {
  #root = byId('record', HTMLElement);
  #toggle = byId('record-toggle', HTMLButtonElement);
  #pictureRow = byId('record-picture-row', HTMLElement);
  #picture = byId('record-picture', HTMLInputElement);
  #link = byId('recordings-link', HTMLAnchorElement);
  #isOn = false;

  /** @param {(work: (call: Call) => Promise<void>) => void} attempt does something and says when it failed */
  constructor(attempt) {
    this.#toggle.addEventListener('click', async () => {
      if (this.#isOn) return attempt((call) => call.record('stop'));
      if (await confirm('Record the call?', 'Everybody in it is told, and whoever comes later too.', 'Record')) attempt((call) => call.record('start', this.#picture.checked ? 'picture' : undefined));
    });
  }

  /**
   * @param {Moderation | null} moderation
   * @param {boolean} isOn whether the call is recorded
   */
  show(moderation, isOn) {
    this.#isOn = isOn;
    // Whoever began it by other means may end it here all the same.
    this.#root.hidden = !moderation || (!moderation.records && !moderation.hasRecordings && !isOn);
    this.#toggle.hidden = !isOn && !moderation?.records;
    this.#pictureRow.hidden = isOn || moderation?.records !== 'picture';
    if (!moderation?.hasRecordings) this.#link.hidden = true;
    const words = isOn ? 'End the recording' : 'Record the call';
    if (this.#toggle.textContent === words) return;
    this.#toggle.replaceChildren(icon('record'), words);
    this.#toggle.classList.toggle('danger-text', isOn);
  }

  /** Fetches the way to the recordings, which is good for a while only. @param {Call} call */
  async load(call) {
    this.#link.hidden = true;
    const href = await call.recordingsLink();
    if (!href) return;
    this.#link.href = href;
    this.#link.hidden = false;
  }
}
