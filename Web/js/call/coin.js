import { child, children, text } from '../xmpp/xml.js';

/** @typedef {import('../xmpp/xml.js').El} El */

/**
 * A stream of somebody as the room tells it.
 * @typedef {{ slot: string | null, isActive: boolean, isSlides: boolean }} MediaState
 * @typedef {{ id: string, name: string, audio: MediaState, video: MediaState }} Person
 */

const NONE = Object.freeze({ slot: null, isActive: false, isSlides: false });
const MOST_PEOPLE = 500;

/**
 * Reads the full state of a conference (RFC 4575, XEP-0298); null if it is none.
 * @param {El} info
 * @returns {{ version: number, people: Person[] } | null}
 */
export function readConference(info) {
  const version = Number(info.attrs.version);
  if (!Number.isSafeInteger(version) || version < 0) return null;
  const people = children(child(info, 'users'), 'user').slice(0, MOST_PEOPLE).map(person);
  return { version, people: people.filter((p) => p.id !== '') };
}

/**
 * @param {El} user
 * @returns {Person}
 */
function person(user) {
  const endpoint = child(user, 'endpoint');
  const media = children(endpoint, 'media');
  const find = (/** @type {string} */ type) => media.find((m) => text(child(m, 'type')) === type);
  return {
    id: endpoint?.attrs.entity ?? '',
    name: text(child(user, 'display-text')) || 'Someone',
    audio: state(find('audio')),
    video: state(find('video')),
  };
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
