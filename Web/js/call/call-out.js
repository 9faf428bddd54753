import { XmppError } from '../xmpp/errors.js';
import { NS } from '../xmpp/ns.js';
import { child, children, el } from '../xmpp/xml.js';

/** @typedef {import('../xmpp/client.js').XmppClient} XmppClient */
/** @typedef {import('../xmpp/xml.js').El} El */
/** @typedef {{ jid: string, state: string }} Ring how a call to somebody stands: docs/legs/mixed.md has the words */

const COMMAND = `${NS.callOut}#call`;

/**
 * Lets the room call somebody (docs/legs/mixed.md): one step of an ad-hoc command (XEP-0050).
 * @param {XmppClient} client
 * @param {string} room
 * @param {string} who an XMPP address
 * @param {boolean} withVideo
 * @returns {Promise<Ring>} how it stands; what comes of it arrives by message
 */
export async function callOut(client, room, who, withVideo) {
  const form = el(NS.forms, 'x', { type: 'submit' }, field('who', who), field('video', withVideo ? '1' : '0'));
  const iq = await client.request('set', room, el(NS.commands, 'command', { node: COMMAND, action: 'execute' }, form));
  const ring = readRing(child(iq, 'command', NS.commands));
  if (!ring) throw new XmppError('undefined-condition', 'the room did not say how the call stands');
  return ring;
}

/**
 * What a message of the room says of a call; null if nothing.
 * @param {El | undefined} parent
 * @returns {Ring | null}
 */
export function readRing(parent) {
  const call = children(parent, 'call', NS.callOut)[0];
  return call?.attrs.jid ? { jid: call.attrs.jid, state: call.attrs.state ?? '' } : null;
}

/**
 * @param {string} name
 * @param {string} value
 */
function field(name, value) {
  return el(NS.forms, 'field', { var: name }, el(NS.forms, 'value', {}, value));
}

/**
 * In words for people.
 * @param {Ring} ring
 * @returns {string}
 */
export function sentence({ jid, state }) {
  const said = { calling: `Calling ${jid}…`, ringing: `It rings at ${jid}`, answered: `${jid} has answered`, declined: `${jid} has declined`, unanswered: `${jid} does not answer`, came: `${jid} is in the call or on the way`, cancelled: `${jid} is no longer called`, barred: `${jid} may not enter this room: ask a moderator` };
  return said[/** @type {keyof typeof said} */ (state)] ?? `${jid} cannot be reached`;
}

