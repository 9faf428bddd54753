import { NS } from './ns.js';
import { child, children, el } from './xml.js';

/** @typedef {import('./client.js').XmppClient} XmppClient */

/**
 * Asks the server for its STUN and TURN services (XEP-0215).
 * @param {XmppClient} client
 * @returns {Promise<RTCIceServer[]>}
 */
export async function iceServers(client) {
  const result = await client.request('get', client.domain, el(NS.extDisco, 'services'), 5_000);
  return readServices(child(result, 'services', NS.extDisco));
}

/**
 * The first of each kind: a browser tries all that it is given, at the cost of an allocation and a candidate each, and warns of five. The server lists first what gets
 * through most easily.
 * @param {import('./xml.js').El | undefined} services
 * @returns {RTCIceServer[]}
 */
export function readServices(services) {
  /** @type {Map<string, RTCIceServer>} */
  const servers = new Map();
  for (const { attrs } of children(services, 'service')) {
    const { type = '', host = '', port, transport, username, password } = attrs;
    const needsLogin = type === 'turn' || type === 'turns';
    if (!host || !/^(stuns?|turns?)$/.test(type) || (needsLogin && (!username || !password))) continue;
    // A kind may be listed twice, in field order for other clients.
    const kind = needsLogin ? `${type}/${transport ?? ''}` : type;
    if (servers.has(kind)) continue;
    const address = (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host) + (port ? `:${port}` : '');
    const url = needsLogin && transport ? `${type}:${address}?transport=${transport}` : `${type}:${address}`;
    servers.set(kind, needsLogin ? { urls: url, username, credential: password } : { urls: url });
  }
  return [...servers.values()];
}
