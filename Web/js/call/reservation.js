import { XmppError } from '../xmpp/errors.js';
import { NS } from '../xmpp/ns.js';
import { child, el } from '../xmpp/xml.js';

/** @typedef {import('../xmpp/client.js').XmppClient} XmppClient */

/** For how long the page reserves a room, in hours. */
export const HOURS = 2;

/**
 * Until when this account keeps a room open to guests (docs/rooms.md).
 * @param {XmppClient} client
 * @param {string} room
 * @returns {Promise<Date | null>} null: it has not reserved the room
 */
export async function readReservation(client, room) {
  try {
    return untilOf(await client.request('get', room, el(NS.reservations, 'reservation')));
  } catch (e) {
    if (e instanceof XmppError && e.condition === 'item-not-found') return null;
    throw e;
  }
}

/**
 * Reserves a room, or ends the reservation.
 * @param {XmppClient} client
 * @param {string} room
 * @param {boolean} isOn
 * @returns {Promise<Date | null>} until when; null: not any more
 */
export async function reserve(client, room, isOn) {
  if (isOn) return untilOf(await client.request('set', room, el(NS.reservations, 'reservation', { duration: String(HOURS * 3600) })));
  await client.request('set', room, el(NS.reservations, 'release'));
  return null;
}

/**
 * @param {import('../xmpp/xml.js').El} iq
 */
function untilOf(iq) {
  const until = new Date(child(iq, 'reservation', NS.reservations)?.attrs.until ?? '');
  if (Number.isNaN(until.getTime())) throw new XmppError('undefined-condition', 'the room gave no time');
  return until;
}
