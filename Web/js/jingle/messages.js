import { NS } from '../xmpp/ns.js';
import { children, el, text } from '../xmpp/xml.js';

/** @typedef {import('../xmpp/xml.js').El} El */
/** @typedef {import('../xmpp/xml.js').Child} Child */

/**
 * @param {string} action
 * @param {string} sid
 * @param {Record<string, string>} attrs
 * @param {(Child | Child[])[]} content
 */
export function jingle(action, sid, attrs, ...content) {
  return el(NS.jingle, 'jingle', { action, sid, ...attrs }, ...content);
}

/**
 * @param {string} condition
 */
export function reason(condition) {
  return el(NS.jingle, 'reason', {}, el(NS.jingle, condition));
}

/**
 * Why a session was ended: the condition and the text beside it.
 * @param {El} message
 */
export function readReason(message) {
  const parts = children(children(message, 'reason')[0]);
  return {
    condition: parts.find((p) => p.name !== 'text')?.name ?? 'general-error',
    detail: text(parts.find((p) => p.name === 'text')),
  };
}

/**
 * Mute or unmute a content (XEP-0167 section 7).
 * @param {string} name
 * @param {boolean} isMuted
 */
export function muteInfo(name, isMuted) {
  return el(NS.rtpInfo, isMuted ? 'mute' : 'unmute', { creator: 'initiator', name });
}
