import { sentence } from '../call/call-out.js';
import { byId } from './dom.js';
import { toast } from './toasts.js';

/** @typedef {import('../call/call.js').Call} Call */

/** Asks whom the room is to call. */
export class CallOut {
  #dialog = byId('call-out', HTMLDialogElement);
  #who = byId('call-out-who', HTMLInputElement);
  #video = byId('call-out-video', HTMLInputElement);
  #problem = byId('call-out-problem', HTMLElement);
  #button = byId('call-out-go', HTMLButtonElement);
  /** @type {Call | null} */
  #call = null;

  constructor() {
    byId('call-out-form', HTMLFormElement).addEventListener('submit', (e) => {
      e.preventDefault();
      void this.#go();
    });
    byId('call-out-close', HTMLButtonElement).addEventListener('click', () => this.close());
  }

  /** @param {Call | null} call */
  open(call) {
    this.#call = call;
    this.#problem.hidden = true;
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#who.focus();
  }

  close() {
    this.#dialog.close();
  }

  async #go() {
    const who = this.#who.value.trim();
    if (!who || !this.#call) return;
    this.#button.disabled = true;
    try {
      const ring = await this.#call.callOut(who, this.#video.checked);
      this.#who.value = '';
      this.close();
      toast(sentence(ring));
    } catch (e) {
      this.#problem.textContent = problemOf(e);
      this.#problem.hidden = false;
    } finally {
      this.#button.disabled = false;
    }
  }
}

/**
 * @param {unknown} e
 * @returns {string}
 */
function problemOf(e) {
  const condition = e && typeof e === 'object' && 'condition' in e ? String(e.condition) : '';
  const said = { 'bad-request': 'That is no address of a person: it looks like name@example.org.', forbidden: 'Only those who may call rooms here may call others into them.', 'not-allowed': 'Rooms call nobody on this server.', 'resource-constraint': 'Too many calls: try again in a minute.', disconnected: 'The server is away. Try again in a moment.' };
  return said[/** @type {keyof typeof said} */ (condition)] ?? `That did not work: ${e instanceof Error ? e.message : e}`;
}
