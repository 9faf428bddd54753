/** @typedef {{ title: string, text: string }} Notice */

/** Why a call ended or waits, in words for people. @type {Record<string, Notice>} */
const NOTICES = {
  success: { title: 'You left the call', text: '' },
  gone: { title: 'The call was ended', text: 'The server is going down or has closed the room.' },
  expired: { title: 'You are in this call elsewhere', text: 'Another page took over your place.' },
  forbidden: { title: 'You are not let in', text: 'This room is not open to you now. Sign in with an account, or ask somebody inside.' },
  locked: { title: 'The room is locked', text: 'Nobody new is let in at the moment. Ask somebody inside to unlock it.' },
  'members-only': { title: 'This room is for its members', text: 'Sign in with the account of a member, or ask a moderator to make you one.' },
  removed: { title: 'You were removed from this call', text: 'You can come back once a moderator allows it.' },
  'chat-room': { title: 'This call belongs to a chat room', text: '' },
  'not-authorized': { title: 'Signing in failed', text: 'Check the name and the password.' },
  'resource-constraint': { title: 'The room is full', text: 'Try again when somebody has left.' },
  busy: { title: 'The room is full', text: 'Try again when somebody has left.' },
  'service-unavailable': { title: 'Calls are off', text: 'This server has no media relay running.' },
  'host-unknown': { title: 'No such server', text: 'The server does not know the domain of this page.' },
  'incompatible-parameters': { title: 'This browser cannot take part', text: 'It shares no audio or video format with the room.' },
  'unsupported-applications': { title: 'This browser cannot take part', text: 'It shares no audio or video format with the room.' },
  disconnected: { title: 'The server cannot be reached', text: 'Trying again…' },
  timeout: { title: 'The server does not answer', text: 'Trying again…' },
  'remote-server-not-found': { title: 'Calls are off', text: 'This server has no call rooms.' },
  'no-candidates': { title: 'No way out for audio and video', text: 'This browser found no network address to send from. Is it offline, or does an extension or a policy block WebRTC?' },
  'no-media': { title: 'Audio and video do not get through', text: 'Something between this browser and the server blocks them, such as a firewall. Trying again…' },
  'connectivity-error': { title: 'The connection was lost', text: 'Trying again…' },
};

/**
 * @param {string} condition
 * @param {string} detail what the other side said
 * @returns {Notice}
 */
export function noticeFor(condition, detail) {
  const known = NOTICES[condition];
  // What somebody did is said by the room, with a name.
  if (condition === 'decline') return { title: detail.replace(/\.$/, '') || 'You are not in the call', text: 'If you think that this was a mistake, ask somebody who is in the call.' };
  if (condition === 'gone' && detail) return { title: detail.replace(/\.$/, ''), text: '' };
  if (known) return known.text || !detail ? known : { title: known.title, text: detail };
  return { title: 'Something went wrong', text: detail || condition };
}

/** @type {Record<import('../media/local.js').Problem, (device: string) => string>} */
const PROBLEMS = {
  refused: (d) => `The browser may not use the ${d}. Allow it beside the address bar.`,
  missing: (d) => `No ${d} found.`,
  busy: (d) => `The ${d} is in use by another program.`,
  insecure: (d) => `This address is not secure, so the browser gives no ${d}.`,
  failed: (d) => `The ${d} did not start.`,
};

/**
 * What is wrong with the devices, and what happens all the same; null if nothing.
 * @param {import('../media/local.js').LocalMedia} media
 * @returns {string | null}
 */
export function deviceNotice(media) {
  const { audio, video } = media.problems;
  if (audio === 'insecure') return null; // said by a notice with a link
  const parts = [];
  if (audio) parts.push(PROBLEMS[audio]('microphone'));
  if (video && media.wants.video) parts.push(PROBLEMS[video]('camera'));
  if (parts.length === 0) return null;
  parts.push(audio && !media.cameraTrack ? 'You can join and listen.' : audio ? 'You can join without it.' : 'You can join with your microphone only.');
  return parts.join(' ');
}

/** @param {string} name */
export function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ''].map((w) => [...(w ?? '')][0] ?? '');
  return letters.join('').toUpperCase() || '?';
}

/** A colour of one's own. @param {string} name */
export function hueOf(name) {
  let h = 7;
  for (const c of name) h = (h * 31 + (c.codePointAt(0) ?? 0)) % 360;
  return h;
}
