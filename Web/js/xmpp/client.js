import { XmppError, errorElement, stanzaError } from './errors.js';
import { login } from './login.js';
import { NS } from './ns.js';
import { XmppSocket } from './socket.js';
import { children, el } from './xml.js';

/** @typedef {import('./xml.js').El} El */
/** @typedef {import('./login.js').Account} Account */

const CONNECT_TIMEOUT = 10_000;
const IQ_TIMEOUT = 20_000;
const PING_EVERY = 20_000;
const PING_TIMEOUT = 10_000;

/** The part of an address before the slash. @param {string} jid */
export function bare(jid) {
  const slash = jid.indexOf('/');
  return slash < 0 ? jid : jid.slice(0, slash);
}

/** A bound XMPP session of the page. */
export class XmppClient {
  #socket;
  /** @type {Map<string, { to: string, resolve: (e: El) => void, reject: (e: Error) => void, timer: ReturnType<typeof setTimeout> }>} */
  #pending = new Map();
  #nextId = 1;
  /** @type {ReturnType<typeof setInterval>} */
  #pinger;

  /** Answers requests: gives the payload of the result, or null; throws an XmppError to refuse. @type {(iq: El, payload: El) => El | null} */
  onRequest = () => {
    throw new XmppError('service-unavailable');
  };
  /** @type {(message: El) => void} */
  onMessage = () => {};
  /** @type {(reason: string) => void} called once, when the stream is lost */
  onClose = () => {};

  /**
   * @param {XmppSocket} socket
   * @param {string} jid
   * @param {string} domain
   */
  constructor(socket, jid, domain) {
    this.#socket = socket;
    this.jid = jid;
    this.domain = domain;
    socket.onClose = (reason) => this.#lost(reason);
    socket.handle((e) => this.#take(e));
    this.#pinger = setInterval(() => this.#ping(), PING_EVERY);
  }

  /**
   * @param {string} url
   * @param {string} domain
   * @param {Account | null} account
   */
  static async connect(url, domain, account) {
    const { protocol, hostname } = new URL(url);
    const isPrivate = protocol === 'wss:' || hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
    const socket = await XmppSocket.connect(url, CONNECT_TIMEOUT);
    try {
      return new XmppClient(socket, await login(socket, domain, account, isPrivate), domain);
    } catch (e) {
      socket.abort('login failed');
      throw e;
    }
  }

  get isOpen() {
    return this.#socket.isOpen;
  }

  /**
   * Sends a request and waits for its answer.
   * @param {'get' | 'set'} type
   * @param {string} to
   * @param {El} payload
   * @param {number} [timeout] milliseconds
   * @returns {Promise<El>} the result
   */
  request(type, to, payload, timeout = IQ_TIMEOUT) {
    if (!this.isOpen) return Promise.reject(new XmppError('disconnected'));
    const id = `q${this.#nextId++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new XmppError('timeout', 'no answer'));
      }, timeout);
      this.#pending.set(id, { to, resolve, reject, timer });
      this.#socket.send(el(NS.client, 'iq', { type, id, to }, payload));
    });
  }

  /** @param {El} stanza */
  send(stanza) {
    this.#socket.send(stanza);
  }

  close() {
    this.onClose = () => {};
    this.#socket.close();
  }

  /** @param {El} e */
  #take(e) {
    if (e.ns === NS.streams && e.name === 'error') return this.#socket.abort('the server ended the stream');
    if (e.ns !== NS.client) return;
    if (e.name === 'message') return this.onMessage(e);
    if (e.name !== 'iq') return;
    if (e.attrs.type === 'get' || e.attrs.type === 'set') this.#answer(e);
    else this.#settle(e);
  }

  /** @param {El} iq */
  #settle(iq) {
    const id = iq.attrs.id ?? '';
    const request = this.#pending.get(id);
    // An answer counts only from whom was asked (RFC 6120 section 8.1.2.1).
    if (!request || (iq.attrs.from !== undefined && iq.attrs.from.toLowerCase() !== request.to.toLowerCase())) return;
    this.#pending.delete(id);
    clearTimeout(request.timer);
    if (iq.attrs.type === 'result') request.resolve(iq);
    else request.reject(stanzaError(iq));
  }

  /** @param {El} iq */
  #answer(iq) {
    const address = { id: iq.attrs.id, to: iq.attrs.from };
    const payload = children(iq)[0];
    try {
      if (!payload) throw new XmppError('bad-request');
      const result = payload.name === 'ping' && payload.ns === NS.ping ? null : this.onRequest(iq, payload);
      this.send(el(NS.client, 'iq', { type: 'result', ...address }, result));
    } catch (e) {
      if (!(e instanceof XmppError)) console.error('Parley:', e);
      const condition = e instanceof XmppError ? e.condition : 'internal-server-error';
      const application = e instanceof XmppError && e.application ? el(NS.jingleErrors, e.application) : undefined;
      this.send(el(NS.client, 'iq', { type: 'error', ...address }, errorElement('cancel', condition, application)));
    }
  }

  async #ping() {
    try {
      await this.request('get', this.domain, el(NS.ping, 'ping'), PING_TIMEOUT);
    } catch (e) {
      // An error stanza is an answer too: the server lives.
      if (e instanceof XmppError && e.condition === 'timeout') this.#socket.abort('the server is silent');
    }
  }

  /** @param {string} reason */
  #lost(reason) {
    clearInterval(this.#pinger);
    for (const p of this.#pending.values()) {
      clearTimeout(p.timer);
      p.reject(new XmppError('disconnected', reason));
    }
    this.#pending.clear();
    this.onClose(reason);
  }
}
