import { XmppError } from '../xmpp/errors.js';
import { NS } from '../xmpp/ns.js';
import { child, el, text } from '../xmpp/xml.js';

/** @typedef {import('../xmpp/client.js').XmppClient} XmppClient */
/** @typedef {'kick' | 'mute' | 'unmute' | 'admit' | 'deny' | 'allow' | 'grant' | 'revoke' | 'hand' | 'end'} Act */
/** @typedef {{ kind: 'audio' | 'video', isMuted: boolean, isHeld: boolean, by: string }} Done what a moderator did */
/** @typedef {{ isLocked?: boolean, hasLobby?: boolean, password?: string }} Policy what is left out stays; an empty password is none */

/** The room's own words for why it lets somebody not in (docs/moderation.md). */
export const DOOR = new Set(['password', 'wrong-password', 'too-many-tries', 'locked', 'members-only', 'removed', 'chat-room']);

/**
 * Does something to somebody, or raises a hand.
 * @param {XmppClient} client
 * @param {string} room
 * @param {Act} name
 * @param {Record<string, string>} attrs
 */
export async function act(client, room, name, attrs) {
  await client.request('set', room, el(NS.moderation, 'moderate', {}, el(NS.moderation, name, attrs)));
}

/**
 * Says who may enter.
 * @param {XmppClient} client
 * @param {string} room
 * @param {Policy} policy
 */
export async function setPolicy(client, room, { isLocked, hasLobby, password }) {
  /** @type {Record<string, string>} */
  const attrs = {};
  if (isLocked !== undefined) attrs.locked = String(isLocked);
  if (hasLobby !== undefined) attrs.lobby = String(hasLobby);
  await client.request('set', room, el(NS.moderation, 'policy', attrs, password === undefined ? null : el(NS.moderation, 'password', {}, password)));
}

/**
 * The room's password; empty for none.
 * @param {XmppClient} client
 * @param {string} room
 */
export async function readPassword(client, room) {
  const policy = child(await client.request('get', room, el(NS.moderation, 'policy')), 'policy', NS.moderation);
  if (!policy) throw new XmppError('undefined-condition', 'the room gave no policy');
  return text(child(policy, 'password'));
}
