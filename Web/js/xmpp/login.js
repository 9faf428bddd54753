import { XmppError } from './errors.js';
import { NS } from './ns.js';
import { Scram, fromBase64, toBase64 } from './scram.js';
import { child, children, el, text } from './xml.js';

/** @typedef {import('./xml.js').El} El */
/** @typedef {import('./socket.js').XmppSocket} XmppSocket */
/** @typedef {{ user: string, password: string }} Account */

const STEP_TIMEOUT = 15_000;

/**
 * Opens the stream, authenticates and binds a resource.
 * @param {XmppSocket} socket
 * @param {string} domain
 * @param {Account | null} account null: as a guest
 * @param {boolean} isPrivate whether nobody between can read: only then a password goes as it is
 * @returns {Promise<string>} the full address
 */
export async function login(socket, domain, account, isPrivate) {
  const before = await open(socket, domain);
  const mechanisms = children(child(before, 'mechanisms', NS.sasl), 'mechanism').map(text);
  if (!account) await anonymous(socket, mechanisms);
  else await withPassword(socket, mechanisms, account, isPrivate);
  await open(socket, domain);
  return bind(socket);
}

/**
 * @param {XmppSocket} socket
 * @param {string} domain
 */
async function open(socket, domain) {
  socket.send(el(NS.framing, 'open', { to: domain, version: '1.0', 'xml:lang': navigator.language }));
  const opened = await read(socket);
  if (opened.name !== 'open' || opened.ns !== NS.framing) throw new XmppError('undefined-condition', 'this is no XMPP server');
  const features = await read(socket);
  if (features.name !== 'features') throw new XmppError('undefined-condition', 'the server sent no features');
  return features;
}

/** @param {XmppSocket} socket */
async function read(socket) {
  const e = await socket.read(STEP_TIMEOUT);
  if (e.name === 'error' && e.ns === NS.streams) {
    throw new XmppError(children(e).find((c) => c.ns === NS.streamErrors)?.name ?? 'undefined-condition', text(child(e, 'text', NS.streamErrors)));
  }
  return e;
}

/**
 * @param {XmppSocket} socket
 * @param {string} mechanism
 * @param {string} [initial]
 */
async function auth(socket, mechanism, initial) {
  socket.send(el(NS.sasl, 'auth', { mechanism }, initial));
  return answer(socket);
}

/** @param {XmppSocket} socket */
async function answer(socket) {
  const e = await read(socket);
  if (e.ns === NS.sasl && e.name === 'failure') {
    const condition = children(e).find((c) => c.name !== 'text')?.name ?? 'not-authorized';
    throw new XmppError('not-authorized', text(child(e, 'text')) || condition);
  }
  return e;
}

/**
 * @param {XmppSocket} socket
 * @param {string[]} mechanisms
 */
async function anonymous(socket, mechanisms) {
  if (!mechanisms.includes('ANONYMOUS')) throw new XmppError('not-authorized', 'guests are not let in');
  await auth(socket, 'ANONYMOUS');
}

/**
 * @param {XmppSocket} socket
 * @param {string[]} mechanisms
 * @param {Account} account
 * @param {boolean} isPrivate
 */
async function withPassword(socket, mechanisms, account, isPrivate) {
  const hash = mechanisms.includes('SCRAM-SHA-256') ? 'SHA-256' : mechanisms.includes('SCRAM-SHA-1') ? 'SHA-1' : null;
  if (hash && crypto.subtle) return scram(socket, hash, account);
  if (!mechanisms.includes('PLAIN') || !isPrivate) throw new XmppError('not-authorized', 'no safe way to log in here');
  await auth(socket, 'PLAIN', toBase64(new TextEncoder().encode(`\0${account.user}\0${account.password}`)));
}

/**
 * @param {XmppSocket} socket
 * @param {'SHA-1' | 'SHA-256'} hash
 * @param {Account} account
 */
async function scram(socket, hash, account) {
  const machine = new Scram(hash, account.user, account.password);
  const encode = (/** @type {string} */ s) => toBase64(new TextEncoder().encode(s));
  const decode = (/** @type {El} */ e) => new TextDecoder().decode(fromBase64(text(e).trim()));
  const challenge = await auth(socket, `SCRAM-${hash}`, encode(machine.first()));
  socket.send(el(NS.sasl, 'response', {}, encode(await machine.final(decode(challenge)))));
  let last = await answer(socket);
  let proof = decode(last);
  if (last.name === 'challenge') {
    socket.send(el(NS.sasl, 'response'));
    last = await answer(socket);
    proof = text(last) ? decode(last) : proof;
  }
  if (last.name !== 'success' || !machine.verify(proof)) throw new XmppError('not-authorized', 'the server could not prove who it is');
}

/** @param {XmppSocket} socket */
async function bind(socket) {
  socket.send(el(NS.client, 'iq', { type: 'set', id: 'bind' }, el(NS.bind, 'bind')));
  const result = await read(socket);
  const jid = text(child(child(result, 'bind', NS.bind), 'jid'));
  if (result.attrs.type !== 'result' || !jid) throw new XmppError('undefined-condition', 'the server gave no address');
  return jid;
}
