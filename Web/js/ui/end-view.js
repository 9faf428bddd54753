import { byId } from './dom.js';
import { noticeFor } from './texts.js';

/** The screen after the call. */
export class EndView {
  #root = byId('end', HTMLElement);

  /** @param {() => void} rejoin */
  constructor(rejoin) {
    byId('rejoin', HTMLButtonElement).addEventListener('click', rejoin);
  }

  /**
   * @param {string} condition
   * @param {string} detail
   */
  open(condition, detail) {
    const { title, text } = noticeFor(condition, detail);
    byId('end-title', HTMLElement).textContent = title;
    byId('end-text', HTMLElement).textContent = text.replace(/ ?Trying again…$/, '');
    this.#root.hidden = false;
    byId('rejoin', HTMLButtonElement).focus();
  }

  close() {
    this.#root.hidden = true;
  }
}
