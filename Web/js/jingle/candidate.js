import { NS } from '../xmpp/ns.js';
import { el } from '../xmpp/xml.js';

/** @typedef {import('../xmpp/xml.js').El} El */

/**
 * A candidate line as Jingle writes it (XEP-0176); null for what ICE-UDP cannot carry, such as TCP.
 * @param {string} line as in RTCIceCandidate.candidate
 * @param {string} id
 * @returns {El | null}
 */
export function candidateToJingle(line, id) {
  const parts = line.replace(/^(a=)?candidate:/, '').trim().split(/\s+/);
  const [foundation, component, protocol, priority, ip, port, typ, type, ...rest] = parts;
  if (!foundation || !ip || typ !== 'typ' || !type || protocol?.toLowerCase() !== 'udp') return null;
  /** @type {Record<string, string | undefined>} */
  const extra = {};
  for (let i = 0; i + 1 < rest.length; i += 2) extra[rest[i] ?? ''] = rest[i + 1];
  return el(NS.iceUdp, 'candidate', {
    component, foundation, generation: extra.generation ?? '0', id, ip, network: '0', port, priority, protocol: 'udp', type,
    'rel-addr': extra.raddr, 'rel-port': extra.rport,
  });
}

/**
 * A Jingle candidate as a line of SDP without the `a=`.
 * @param {El} candidate
 */
export function candidateToSdp({ attrs: a }) {
  const related = a['rel-addr'] && a['rel-port'] ? ` raddr ${a['rel-addr']} rport ${a['rel-port']}` : '';
  return `candidate:${a.foundation} ${a.component} ${a.protocol} ${a.priority} ${a.ip} ${a.port} typ ${a.type ?? 'host'}${related} generation ${a.generation ?? '0'}`;
}
