import { NS } from '../xmpp/ns.js';
import { child, children, text } from '../xmpp/xml.js';
import { candidateToSdp } from './candidate.js';

/** @typedef {import('../xmpp/xml.js').El} El */

/**
 * One section of the other side's description, in the order of the session: its place never changes.
 * @typedef {{ mid: string, kind: 'audio' | 'video', content: El | null }} RemoteSection `content` null: refused
 */

/**
 * Writes the other side's whole description.
 * @param {RemoteSection[]} sections
 * @param {number} version rises with each description
 */
export function sdpFromSections(sections, version) {
  const live = sections.filter((s) => s.content);
  const lines = ['v=0', `o=- 1 ${version} IN IP4 127.0.0.1`, 's=-', 't=0 0'];
  if (live.length > 0) lines.push(`a=group:BUNDLE ${live.map((s) => clean(s.mid)).join(' ')}`);
  if (live.some((s) => child(description(s.content), 'extmap-allow-mixed', NS.hdrExt))) lines.push('a=extmap-allow-mixed');
  lines.push('a=msid-semantic: WMS *');
  return [...lines, ...sections.flatMap(sectionLines)].join('\r\n') + '\r\n';
}

/** @param {El | null} content */
function description(content) {
  return child(content, 'description', NS.rtp);
}

/**
 * Nothing that came from the network may break out of its line.
 * @param {string | undefined} s
 */
function clean(s) {
  return (s ?? '').replace(/[\r\n\0]/g, '');
}

/** @param {RemoteSection} s */
function sectionLines(s) {
  if (!s.content) return [`m=${s.kind} 0 UDP/TLS/RTP/SAVPF 0`, 'c=IN IP4 0.0.0.0', `a=mid:${clean(s.mid)}`, 'a=inactive'];
  const d = description(s.content);
  const payloads = children(d, 'payload-type', NS.rtp);
  return [
    `m=${s.kind} 9 UDP/TLS/RTP/SAVPF ${payloads.map((p) => clean(p.attrs.id)).join(' ') || '0'}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    ...transportLines(child(s.content, 'transport', NS.iceUdp)),
    `a=mid:${clean(s.mid)}`,
    `a=${direction(s.content.attrs.senders)}`,
    ...children(d, 'rtp-hdrext', NS.hdrExt).map(extensionLine),
    ...msidLines(d),
    ...(child(d, 'rtcp-mux', NS.rtp) ? ['a=rtcp-mux'] : []),
    ...(child(d, 'rtcp-rsize', NS.rtp) ? ['a=rtcp-rsize'] : []),
    ...payloads.flatMap(payloadLines),
    ...feedbackLines(d, '*'),
    ...sourceLines(d),
  ];
}

/**
 * The page is always the initiator, so this is the direction as the responder says it.
 * @param {string | undefined} senders
 */
function direction(senders) {
  switch (senders) {
    case 'initiator': return 'recvonly';
    case 'responder': return 'sendonly';
    case 'none': return 'inactive';
    default: return 'sendrecv';
  }
}

/** @param {El} x */
function extensionLine({ attrs: { id, uri, senders = 'both' } }) {
  const way = senders === 'both' ? '' : '/' + direction(senders);
  return `a=extmap:${clean(id)}${way} ${clean(uri)}`;
}

/** @param {El | undefined} transport */
function transportLines(transport) {
  const lines = [`a=ice-ufrag:${clean(transport?.attrs.ufrag)}`, `a=ice-pwd:${clean(transport?.attrs.pwd)}`, 'a=ice-options:trickle'];
  const fingerprints = children(transport, 'fingerprint', NS.dtls);
  for (const f of fingerprints) lines.push(`a=fingerprint:${clean(f.attrs.hash)} ${clean(text(f)).trim()}`);
  lines.push(`a=setup:${clean(fingerprints[0]?.attrs.setup ?? 'actpass')}`);
  for (const c of children(transport, 'candidate', NS.iceUdp)) lines.push('a=' + clean(candidateToSdp(c)));
  return lines;
}

/** @param {El} p */
function payloadLines(p) {
  const { id, name, clockrate, channels } = p.attrs;
  const lines = name ? [`a=rtpmap:${clean(id)} ${clean(name)}/${clean(clockrate)}${channels && channels !== '1' ? '/' + clean(channels) : ''}`] : [];
  const parameters = children(p, 'parameter', NS.rtp).map(({ attrs: a }) => (a.name ? `${a.name}=${a.value ?? ''}` : a.value ?? ''));
  if (parameters.length > 0) lines.push(`a=fmtp:${clean(id)} ${clean(parameters.join(';'))}`);
  return [...lines, ...feedbackLines(p, id ?? '')];
}

/**
 * @param {El | undefined} parent
 * @param {string} id
 */
function feedbackLines(parent, id) {
  return children(parent, 'rtcp-fb', NS.rtcpFb).map(({ attrs: a }) => clean(`a=rtcp-fb:${id} ${a.type}${a.subtype ? ' ' + a.subtype : ''}`));
}

/** @param {El | undefined} d */
function msidLines(d) {
  const msid = children(d, 'source', NS.ssma).flatMap((s) => children(s, 'parameter')).find((p) => p.attrs.name === 'msid')?.attrs.value;
  return msid ? [`a=msid:${clean(msid)}`] : [];
}

/** @param {El | undefined} d */
function sourceLines(d) {
  const groups = children(d, 'ssrc-group', NS.ssma).map((g) =>
    `a=ssrc-group:${clean(g.attrs.semantics)} ${children(g, 'source').map((s) => clean(s.attrs.ssrc)).join(' ')}`);
  const sources = children(d, 'source', NS.ssma).flatMap((s) =>
    children(s, 'parameter').map((p) => `a=ssrc:${clean(s.attrs.ssrc)} ${clean(p.attrs.name)}:${clean(p.attrs.value)}`));
  return [...groups, ...sources];
}
