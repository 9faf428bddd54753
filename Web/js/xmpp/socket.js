import { XmppError } from './errors.js';
import { NS } from './ns.js';
import { el, parse, write } from './xml.js';

/** @typedef {import('./xml.js').El} El */

const MAX_FRAME = 1 << 20;

/** One WebSocket with XMPP framing (RFC 7395): a message is an element. */
export class XmppSocket {
  /** @type {WebSocket} */
  #socket;
  /** @type {El[]} */
  #unread = [];
  /** @type {{ resolve: (e: El) => void, reject: (e: Error) => void } | null} */
  #reader = null;
  /** @type {((e: El) => void) | null} */
  #handler = null;
  #isOver = false;
  /** @type {(reason: string) => void} called once */
  onClose = () => {};

  /** @param {WebSocket} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = (m) => this.#take(m.data);
    socket.onclose = () => this.#end('connection closed');
    socket.onerror = () => this.#end('connection failed');
  }

  /**
   * @param {string} url
   * @param {number} timeout milliseconds
   * @returns {Promise<XmppSocket>}
   */
  static connect(url, timeout) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, 'xmpp');
      const fail = () => {
        clearTimeout(timer);
        socket.onopen = socket.onclose = socket.onerror = null;
        socket.close();
        reject(new XmppError('disconnected', 'the server cannot be reached'));
      };
      const timer = setTimeout(fail, timeout);
      socket.onclose = socket.onerror = fail;
      socket.onopen = () => {
        clearTimeout(timer);
        resolve(new XmppSocket(socket));
      };
    });
  }

  get isOpen() {
    return !this.#isOver && this.#socket.readyState === WebSocket.OPEN;
  }

  /** @param {El} e */
  send(e) {
    if (this.isOpen) this.#socket.send(write(e));
  }

  /**
   * The next element, while no handler is set.
   * @param {number} timeout milliseconds
   * @returns {Promise<El>}
   */
  read(timeout) {
    const ready = this.#unread.shift();
    if (ready) return Promise.resolve(ready);
    if (this.#isOver) return Promise.reject(new XmppError('disconnected'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#reader = null;
        reject(new XmppError('timeout', 'the server does not answer'));
      }, timeout);
      this.#reader = {
        resolve: (e) => (clearTimeout(timer), resolve(e)),
        reject: (e) => (clearTimeout(timer), reject(e)),
      };
    });
  }

  /**
   * Hands every further element to a handler.
   * @param {(e: El) => void} handler
   */
  handle(handler) {
    this.#handler = handler;
    for (const e of this.#unread.splice(0)) handler(e);
  }

  /** Ends the stream in order. */
  close() {
    this.send(el(NS.framing, 'close'));
    this.abort('closed');
  }

  /** @param {string} reason */
  abort(reason) {
    this.#socket.close();
    this.#end(reason);
  }

  /** @param {unknown} data */
  #take(data) {
    if (this.#isOver) return;
    const e = typeof data === 'string' && data.length <= MAX_FRAME ? parse(data) : null;
    if (!e) return this.abort('the server sent something that is no XML');
    if (e.name === 'close' && e.ns === NS.framing) return this.close();
    if (this.#handler) return this.#handler(e);
    if (this.#reader) {
      const reader = this.#reader;
      this.#reader = null;
      return reader.resolve(e);
    }
    this.#unread.push(e);
  }

  /** @param {string} reason */
  #end(reason) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reader?.reject(new XmppError('disconnected', reason));
    this.#reader = null;
    this.onClose(reason);
  }
}
