import { XmppError } from './errors.js';

const MAX_ITERATIONS = 1_000_000;
const MIN_ITERATIONS = 4096;

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

/** @param {string} s */
export function fromBase64(s) {
  return Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
}

const utf8 = (/** @type {string} */ s) => new TextEncoder().encode(s);

/**
 * The client's side of SCRAM (RFC 5802) without channel binding, through WebCrypto.
 */
export class Scram {
  #hash;
  #user;
  #password;
  #nonce;
  #firstBare = '';
  /** @type {Uint8Array | null} */
  #serverSignature = null;

  /**
   * @param {'SHA-1' | 'SHA-256'} hash
   * @param {string} user
   * @param {string} password
   * @param {string} [nonce] for tests
   */
  constructor(hash, user, password, nonce = toBase64(crypto.getRandomValues(new Uint8Array(18)))) {
    this.#hash = hash;
    this.#user = user.normalize('NFKC').replace(/=/g, '=3D').replace(/,/g, '=2C');
    // SASLprep (RFC 4013) is NFKC for all that people type; what it prohibits the server refuses.
    this.#password = password.normalize('NFKC');
    this.#nonce = nonce;
  }

  /** The client-first message. */
  first() {
    this.#firstBare = `n=${this.#user},r=${this.#nonce}`;
    return 'n,,' + this.#firstBare;
  }

  /**
   * Answers the server-first message with the client-final one.
   * @param {string} challenge
   */
  async final(challenge) {
    const { r: nonce = '', s: salt = '', i = '', m } = fields(challenge);
    const iterations = Number(i);
    if (m !== undefined || !nonce.startsWith(this.#nonce) || nonce === this.#nonce || !salt) throw new XmppError('not-authorized', 'the server broke SCRAM');
    if (!(iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS)) throw new XmppError('not-authorized', 'the server asks for a strange number of rounds');
    const key = await crypto.subtle.importKey('raw', utf8(this.#password), 'PBKDF2', false, ['deriveBits']);
    const bits = this.#hash === 'SHA-1' ? 160 : 256;
    const salted = new Uint8Array(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: this.#hash, salt: fromBase64(salt), iterations }, key, bits));
    const clientKey = await this.#hmac(salted, utf8('Client Key'));
    const storedKey = new Uint8Array(await crypto.subtle.digest(this.#hash, clientKey));
    const withoutProof = `c=biws,r=${nonce}`;
    const signed = utf8(`${this.#firstBare},${challenge},${withoutProof}`);
    const signature = await this.#hmac(storedKey, signed);
    this.#serverSignature = await this.#hmac(await this.#hmac(salted, utf8('Server Key')), signed);
    return `${withoutProof},p=${toBase64(clientKey.map((b, n) => b ^ (signature[n] ?? 0)))}`;
  }

  /**
   * Whether the server proved that it knows the password too.
   * @param {string} message
   */
  verify(message) {
    return this.#serverSignature !== null && fields(message).v === toBase64(this.#serverSignature);
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} key
   * @param {Uint8Array<ArrayBuffer>} data
   */
  async #hmac(key, data) {
    const k = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: this.#hash }, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('HMAC', k, data));
  }
}

/**
 * @param {string} message
 * @returns {Record<string, string | undefined>}
 */
function fields(message) {
  return Object.fromEntries(message.split(',').map((f) => [f[0], f.slice(2)]));
}
