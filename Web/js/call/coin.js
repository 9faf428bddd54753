import { NS } from '../xmpp/ns.js';
import { child, children, text } from '../xmpp/xml.js';

/** @typedef {import('../xmpp/xml.js').El} El */

/**
 * A stream of somebody as the room tells it.
 * @typedef {{ slot: string | null, isActive: boolean, isSlides: boolean }} MediaState
 * @typedef {'muted' | 'held' | null} Silence what a moderator did to a stream: its sender may take it back, or not
 * @typedef {{ id: string, name: string, audio: MediaState, video: MediaState, isModerator: boolean, hand: number | null, silence: { audio: Silence, video: Silence } }} Person
 *
 * What a moderator is told of the room: who may enter, who waits, and whether the call can be recorded and what was is to be had.
 * @typedef {{ isLocked: boolean, hasLobby: boolean, isMembersOnly: boolean, hasPassword: boolean, records: 'sound' | 'picture' | null, hasRecordings: boolean, callers: { id: string, name: string, address: string }[], banned: { id: string, name: string }[] }} Moderation
 */

const NONE = Object.freeze({ slot: null, isActive: false, isSlides: false });
const MOST_PEOPLE = 500;

/**
 * Reads the full state of a conference (RFC 4575, XEP-0298); null if it is none.
 * @param {El} info
 * @returns {{ version: number, people: Person[], recordedBy: string | null, moderation: Moderation | null } | null} the last is for moderators only
 */
export function readConference(info) {
  const version = Number(info.attrs.version);
  if (!Number.isSafeInteger(version) || version < 0) return null;
  const people = children(child(info, 'users'), 'user').slice(0, MOST_PEOPLE).map(person);
  const recording = child(info, 'recording', NS.recording);
  const recordedBy = recording ? recording.attrs['started-by'] || 'Someone' : null;
  return { version, people: people.filter((p) => p.id !== ''), recordedBy, moderation: readModeration(child(info, 'moderation', NS.moderation)) };
}

/**
 * @param {El} user
 * @returns {Person}
 */
function person(user) {
  const endpoint = child(user, 'endpoint');
  const media = children(endpoint, 'media');
  const done = child(user, 'moderation', NS.moderation);
  const find = (/** @type {string} */ type) => media.find((m) => text(child(m, 'type')) === type);
  return {
    id: endpoint?.attrs.entity ?? '',
    name: text(child(user, 'display-text')) || 'Someone',
    audio: state(find('audio')),
    video: state(find('video')),
    isModerator: children(child(user, 'roles'), 'entry').some((r) => text(r) === 'moderator'),
    hand: Number(done?.attrs.hand) || null,
    silence: { audio: silence(done?.attrs.audio), video: silence(done?.attrs.video) },
  };
}

/**
 * @param {string | undefined} word
 * @returns {Silence}
 */
function silence(word) {
  return word === 'muted' || word === 'held' ? word : null;
}

/**
 * @param {El | undefined} e
 * @returns {Moderation | null}
 */
function readModeration(e) {
  if (!e) return null;
  const is = (/** @type {string} */ name) => e.attrs[name] === 'true';
  const { records } = e.attrs;
  const list = (/** @type {string} */ name) => children(e, name).slice(0, MOST_PEOPLE).map((c) => ({ id: c.attrs.id ?? '', name: c.attrs.name || 'Someone', address: c.attrs.address ?? '' }));
  return { isLocked: is('locked'), hasLobby: is('lobby'), isMembersOnly: is('members-only'), hasPassword: is('password'), records: records === 'sound' || records === 'picture' ? records : null, hasRecordings: is('recordings'), callers: list('caller'), banned: list('banned') };
}

/**
 * @param {El | undefined} media
 * @returns {MediaState}
 */
function state(media) {
  if (!media) return NONE;
  return {
    slot: media.attrs.id ?? null,
    isActive: text(child(media, 'status')) !== 'inactive',
    isSlides: text(child(media, 'label')) === 'slides',
  };
}
