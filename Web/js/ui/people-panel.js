import { confirm } from './confirm.js';
import { byId } from './dom.js';
import { PersonRow } from './person-row.js';
import { RecordTools } from './record-tools.js';
import { RoomRules } from './room-rules.js';
import { toast } from './toasts.js';
import { bannedRow, waitingRow } from './waiting-row.js';

/** @typedef {import('../call/call.js').Call} Call */
/** @typedef {import('../call/call.js').Participant} Participant */
/** @typedef {import('../call/coin.js').Moderation} Moderation */

/** Who is there and who waits, and for moderators what to do about it. */
export class PeoplePanel {
  #root = byId('people', HTMLElement);
  #toggle = byId('people-toggle', HTMLButtonElement);
  #list = byId('people-list', HTMLElement);
  #knock = byId('knock', HTMLElement);
  #badge = byId('knocking', HTMLElement);
  /** @type {Map<string, PersonRow>} */
  #rows = new Map();
  /** @type {Call | null} */
  #call = null;
  /** @type {Moderation | null} */
  #moderation = null;
  /** Whose hands are up. @type {Set<string>} */
  #hands = new Set();
  #rules = new RoomRules((work) => void this.#attempt(work));
  #record = new RecordTools((work) => void this.#attempt(work));
  #lists = '';
  #isOpen = false;

  /** It opens, and takes the place beside the tiles. */
  onOpen = () => {};

  constructor() {
    this.#toggle.addEventListener('click', () => this.toggle());
    byId('people-close', HTMLButtonElement).addEventListener('click', () => this.toggle(false));
    byId('mute-all', HTMLButtonElement).addEventListener('click', () => void this.#act('mute', { everybody: 'true' }, 'Everybody else is muted'));
    byId('admit-all', HTMLButtonElement).addEventListener('click', () => void this.#act('admit', { everybody: 'true' }));
    byId('knock-admit', HTMLButtonElement).addEventListener('click', () => void this.#decide('admit'));
    byId('knock-deny', HTMLButtonElement).addEventListener('click', () => void this.#decide('deny'));
    byId('end-all', HTMLButtonElement).addEventListener('click', () => void this.#end());
    this.#root.addEventListener('keydown', (e) => {
      if (e.key === 'Escape') this.toggle(false);
    });
  }

  /** @param {Call} call */
  open(call) {
    this.#call = call;
  }

  close() {
    this.toggle(false);
    this.#call = null;
    this.#moderation = null;
    this.#knock.hidden = true;
    this.#hands.clear();
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#lists = '';
  }

  /** @param {boolean} [isOpen] */
  toggle(isOpen = !this.#isOpen) {
    if (this.#isOpen === isOpen) return;
    this.#isOpen = isOpen;
    this.#root.hidden = !isOpen;
    this.#toggle.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) {
      this.onOpen();
      byId('people-close', HTMLButtonElement).focus({ preventScroll: true });
      if (this.#moderation) void this.#attempt(async (call) => this.#rules.showPassword(await call.readPassword()));
      if (this.#moderation?.hasRecordings) void this.#attempt((call) => this.#record.load(call));
    } else {
      this.#toggle.focus({ preventScroll: true });
    }
  }

  /**
   * @param {Participant[]} people
   * @param {Moderation | null} moderation
   * @param {boolean} isRecorded
   */
  show(people, moderation, isRecorded) {
    this.#moderation = moderation;
    const isModerator = moderation !== null;
    byId('locked', HTMLElement).hidden = !moderation?.isLocked;
    byId('mute-all', HTMLElement).hidden = !isModerator || people.length < 2;
    byId('room-rules', HTMLElement).hidden = !isModerator;
    if (moderation) this.#rules.show(moderation);
    this.#record.show(moderation, isRecorded);
    this.#showPeople(people, isModerator);
    this.#showLists(moderation);
    this.#showKnock(moderation);
  }

  /** Tells whose hand went up. @param {Participant[]} people */
  announce(people) {
    const now = new Set(people.filter((p) => p.hand !== null).map((p) => p.id));
    for (const p of people) if (p.hand !== null && !p.isSelf && !this.#hands.has(p.id)) toast(`${p.name} raised a hand`);
    this.#hands = now;
  }

  raiseHand() {
    const self = this.#call?.participants().find((p) => p.isSelf);
    void this.#act('hand', { raised: String(!self?.hand) });
  }

  /**
   * @param {Participant[]} people
   * @param {boolean} isModerator
   */
  #showPeople(people, isModerator) {
    // Hands first, in order: they wait for somebody to look.
    const sorted = [...people].sort((a, b) => (a.hand ?? Infinity) - (b.hand ?? Infinity) || Number(b.isSelf) - Number(a.isSelf) || 0);
    const ids = new Set(sorted.map((p) => p.id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    for (const [i, p] of sorted.entries()) {
      let row = this.#rows.get(p.id);
      if (!row) {
        row = new PersonRow(p.id, (name, attrs) => void this.#onRow(name, attrs));
        this.#rows.set(p.id, row);
      }
      row.show(p, isModerator);
      // Only what moves is moved: whoever has the keyboard on a button keeps it.
      if (this.#list.children[i] !== row.element) this.#list.insertBefore(row.element, this.#list.children[i] ?? null);
    }
  }

  /** @param {Moderation | null} moderation */
  #showLists(moderation) {
    const [callers, banned] = [moderation?.callers ?? [], moderation?.banned ?? []];
    const state = JSON.stringify([callers, banned]);
    if (state === this.#lists) return;
    this.#lists = state;
    byId('waiting', HTMLElement).hidden = callers.length === 0;
    byId('admit-all', HTMLElement).hidden = callers.length < 2;
    byId('waiting-list', HTMLElement).replaceChildren(...callers.map((c) => waitingRow(c, (name) => void this.#act(name, { caller: c.id }))));
    byId('banned', HTMLElement).hidden = banned.length === 0;
    byId('banned-list', HTMLElement).replaceChildren(...banned.map((b) => bannedRow(b, () => void this.#act('allow', { ban: b.id }, `${b.name} may come back`))));
    this.#badge.hidden = callers.length === 0;
    this.#badge.textContent = String(callers.length);
    this.#badge.title = `${callers.length} waiting to come in`;
  }

  /** @param {Moderation | null} moderation */
  #showKnock(moderation) {
    const first = moderation?.callers[0];
    this.#knock.hidden = !first;
    if (!first || this.#knock.dataset.caller === first.id + (moderation?.callers.length ?? 0)) return;
    this.#knock.dataset.caller = first.id + (moderation?.callers.length ?? 0);
    const more = (moderation?.callers.length ?? 1) - 1;
    byId('knock-name', HTMLElement).textContent = first.name;
    byId('knock-text', HTMLElement).textContent = `${first.address ? `(${first.address}) ` : ''}would like to come in${more > 0 ? `, and ${more} more` : ''}`;
  }

  /** @param {'admit' | 'deny'} name */
  async #decide(name) {
    const caller = this.#moderation?.callers[0];
    if (caller) await this.#act(name, { caller: caller.id });
  }

  /**
   * @param {import('../call/moderation.js').Act} name
   * @param {Record<string, string>} attrs
   */
  async #onRow(name, attrs) {
    const who = this.#call?.participants().find((p) => p.id === attrs.participant)?.name ?? 'this person';
    if (name === 'kick' && !(await confirm(`Remove ${who}?`, 'They leave the call at once, and cannot come back to it unless a moderator allows it.', 'Remove'))) return;
    await this.#act(name, attrs);
  }

  async #end() {
    if (await confirm('End the call for all?', 'Everybody leaves, and so does whoever waits to come in.', 'End the call')) await this.#act('end');
  }

  /**
   * @param {import('../call/moderation.js').Act} name
   * @param {Record<string, string>} [attrs]
   * @param {string} [done] what to say when it worked
   */
  #act(name, attrs = {}, done = '') {
    return this.#attempt(async (call) => {
      await call.act(name, attrs);
      if (done) toast(done);
    });
  }

  /** @param {(call: Call) => Promise<void>} work */
  async #attempt(work) {
    if (!this.#call) return;
    try {
      await work(this.#call);
    } catch (e) {
      const detail = e instanceof Error && 'detail' in e && e.detail ? e.detail : e instanceof Error ? e.message : e;
      toast(`That did not work: ${detail}`);
      if (this.#moderation) this.#rules.show(this.#moderation);
    }
  }
}
