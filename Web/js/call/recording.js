import { NS } from '../xmpp/ns.js';
import { child, el } from '../xmpp/xml.js';

/** @typedef {import('../xmpp/client.js').XmppClient} XmppClient */

/**
 * Begins or ends the recording of the call (docs/recording.md).
 * @param {XmppClient} client
 * @param {string} room
 * @param {'start' | 'stop'} action
 * @param {'picture'} [mix] also everybody in one picture; what the server's settings say unless told
 */
export async function record(client, room, action, mix) {
  await client.request('set', room, el(NS.recording, 'record', { action, mix }));
}

/**
 * The address of the room's recordings, for a while.
 * @param {XmppClient} client
 * @param {string} room
 * @returns {Promise<string>} empty where the server has none
 */
export async function recordingsLink(client, room) {
  const { href } = child(await client.request('get', room, el(NS.recording, 'recordings')), 'recordings', NS.recording)?.attrs ?? {};
  return href && /^https?:/i.test(href) ? href : '';
}
