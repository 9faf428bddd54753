import { NS } from '../xmpp/ns.js';
import { el } from '../xmpp/xml.js';
import { candidateToJingle } from './candidate.js';
import { attribute, attributes, cut, flag, parseSdp } from './sdp.js';

/** @typedef {import('../xmpp/xml.js').El} El */
/** @typedef {import('./sdp.js').Sdp} Sdp */
/** @typedef {import('./sdp.js').Section} Section */

/**
 * The contents of a description, by mid; a rejected section has none.
 * @param {string} sdp
 * @param {{ creator: 'initiator' | 'responder', senders: 'initiator' | 'responder' | 'both', mids?: string[] }} role `mids`: only these
 * @returns {El[]}
 */
export function contentsFromSdp(sdp, { creator, senders, mids }) {
  const parsed = parseSdp(sdp);
  return parsed.sections
    // Port 0 refuses a section, but beside bundle-only it only says whose transport is used (RFC 9143 section 6; Firefox).
    .filter((s) => (s.port !== 0 || flag(s.lines, 'bundle-only')) && (!mids || mids.includes(s.mid)))
    .map((s) => el(NS.jingle, 'content', { creator, name: s.mid, senders }, description(s, parsed), transport(s, parsed)));
}

/**
 * The BUNDLE group (XEP-0338), with only the given contents where told.
 * @param {string} sdp
 * @returns {El | null}
 */
export function groupFromSdp(sdp) {
  const group = attributes(parseSdp(sdp).lines, 'group').map((g) => g.split(' ')).find((g) => g[0] === 'BUNDLE');
  return group ? el(NS.grouping, 'group', { semantics: 'BUNDLE' }, group.slice(1).map((name) => el(NS.grouping, 'content', { name }))) : null;
}

/**
 * The user fragment of the first section.
 * @param {string} sdp
 */
export function ufragOf(sdp) {
  const parsed = parseSdp(sdp);
  return attribute(parsed.sections[0]?.lines ?? [], 'ice-ufrag') ?? attribute(parsed.lines, 'ice-ufrag') ?? '';
}

/**
 * @param {Section} s
 * @param {Sdp} sdp
 */
function description(s, sdp) {
  return el(NS.rtp, 'description', { media: s.kind },
    s.formats.map((id) => payloadType(s, id)),
    feedback(s, '*'),
    attributes(s.lines, 'extmap').map(extension),
    flag(s.lines, 'extmap-allow-mixed') || flag(sdp.lines, 'extmap-allow-mixed') ? el(NS.hdrExt, 'extmap-allow-mixed') : null,
    attributes(s.lines, 'ssrc-group').map(sourceGroup),
    sources(s),
    flag(s.lines, 'rtcp-mux') ? el(NS.rtp, 'rtcp-mux') : null,
    flag(s.lines, 'rtcp-rsize') ? el(NS.rtp, 'rtcp-rsize') : null);
}

/**
 * @param {Section} s
 * @param {string} id
 */
function payloadType(s, id) {
  const [name, clockrate, channels] = valueFor(s, 'rtpmap', id).split('/');
  return el(NS.rtp, 'payload-type', { id, name: name || undefined, clockrate, channels },
    formatParameters(valueFor(s, 'fmtp', id)), feedback(s, id));
}

/**
 * @param {Section} s
 * @param {string} name
 * @param {string} id
 */
function valueFor(s, name, id) {
  return attributes(s.lines, name).map((v) => cut(v, ' ')).find(([key]) => key === id)?.[1] ?? '';
}

/** @param {string} fmtp */
function formatParameters(fmtp) {
  return fmtp.split(';').map((p) => p.trim()).filter(Boolean).map((p) => {
    // Formats such as red and telephone-event have a bare value; it travels without a name.
    const [name, value] = p.includes('=') ? cut(p, '=') : ['', p];
    return el(NS.rtp, 'parameter', { name, value });
  });
}

/**
 * @param {Section} s
 * @param {string} id
 */
function feedback(s, id) {
  return attributes(s.lines, 'rtcp-fb').map((v) => v.split(' ')).filter((v) => v[0] === id)
    .map(([, type, subtype]) => el(NS.rtcpFb, 'rtcp-fb', { type, subtype }));
}

/**
 * The page is always the initiator, so what it only sends is sent by the initiator (XEP-0294 section 3).
 * @param {string} value
 */
function extension(value) {
  const [key, rest] = cut(value, ' ');
  const [id, direction] = cut(key, '/');
  const senders = { sendonly: 'initiator', recvonly: 'responder', inactive: 'none' }[direction];
  return el(NS.hdrExt, 'rtp-hdrext', { id, uri: cut(rest, ' ')[0], senders });
}

/** @param {string} value */
function sourceGroup(value) {
  const [semantics, ...ssrcs] = value.split(' ');
  return el(NS.ssma, 'ssrc-group', { semantics }, ssrcs.map((ssrc) => el(NS.ssma, 'source', { ssrc })));
}

/** @param {Section} s */
function sources(s) {
  /** @type {Map<string, Map<string, string>>} */
  const bySsrc = new Map();
  const msid = attribute(s.lines, 'msid');
  for (const line of attributes(s.lines, 'ssrc')) {
    const [ssrc, parameter] = cut(line, ' ');
    const [name, value] = cut(parameter, ':');
    // Firefox says msid for the section only, Chromium for each source too.
    const known = bySsrc.get(ssrc) ?? new Map(msid ? [['msid', msid]] : []);
    if (name === 'cname' || name === 'msid') known.set(name, value);
    bySsrc.set(ssrc, known);
  }
  return [...bySsrc].map(([ssrc, parameters]) =>
    el(NS.ssma, 'source', { ssrc }, [...parameters].map(([name, value]) => el(NS.ssma, 'parameter', { name, value }))));
}

/**
 * @param {Section} s
 * @param {Sdp} sdp
 */
function transport(s, sdp) {
  const get = (/** @type {string} */ name) => attribute(s.lines, name) ?? attribute(sdp.lines, name);
  const [hash, value] = cut(get('fingerprint') ?? '', ' ');
  return el(NS.iceUdp, 'transport', { ufrag: get('ice-ufrag'), pwd: get('ice-pwd') },
    value ? el(NS.dtls, 'fingerprint', { hash, setup: get('setup') }, value) : null,
    attributes(s.lines, 'candidate').map((c, i) => candidateToJingle(c, `${s.mid}-${i}`)));
}
