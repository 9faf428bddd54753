// A person with a Jingle client that is not ours: stanza's, in a page. The tests drive it by window.jingle.
import { createClient } from 'stanza';
import { exportToSDP, importFromSDP } from 'stanza/jingle/sdp/Intermediate';
import { convertIntermediateToRequest, convertRequestToIntermediate } from 'stanza/jingle/sdp/Protocol';

// Small: several of these share two cores.
const WANTED = { audio: true, video: { width: 320, height: 180, frameRate: 10 } };
const PATIENCE = 15_000;

let client;
let session;
/** What happened, for a failing test to show. */
const log = [];

async function capture() {
  return navigator.mediaDevices.getUserMedia(WANTED);
}

async function answer(incoming) {
  session = incoming;
  log.push('incoming');
  const stream = await capture();
  for (const track of stream.getTracks()) await session.addTrack(track, stream);
  await session.accept();
}

function logIn(jid, password, websocket, unlisted = []) {
  client = createClient({ jid, password, resource: 'browser', transports: { websocket, bosh: false }, jingle: { iceServers: [] } });
  for (const feature of unlisted) client.disco.features.get('').delete(feature);
  client.jingle.on('incoming', (s) => answer(s).catch((e) => log.push(`cannot answer: ${e.message}`)));
  client.jingle.on('terminated', (_, reason) => log.push(`terminated ${JSON.stringify(reason)}`));
  client.on('disconnected', () => log.push('disconnected'));
  client.on('raw:*', (direction, xml) => /jingle|services/.test(xml) && log.push(`${direction} ${xml}`));
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`no log-in within ${PATIENCE} ms: ${log.join('; ')}`)), PATIENCE);
    client.on('auth:failed', () => reject(new Error('the password is refused')));
    client.on('session:started', async () => {
      client.sendPresence();
      await client.discoverICEServers();
      // stanza writes a service's transport into a stun: URI as well, which RFC 7064 has no place for and browsers refuse; Conversations needs the attribute.
      for (const server of client.jingle.iceServers) server.urls = server.urls.map((u) => u.replace(/^(stuns?:[^?]*)\?.*/, '$1'));
      resolve({ jid: client.jid, servers: client.jingle.iceServers.flatMap((s) => s.urls) });
    });
    client.connect();
  });
}

async function call(to) {
  session = client.jingle.createMediaSession(to, undefined, await capture());
  await session.start();
}

/** Calls by voice alone. What is not bundled has a transport for each content, as Dino has. */
async function callByVoice(to, bundles) {
  session = client.jingle.createMediaSession(to, undefined, await navigator.mediaDevices.getUserMedia({ audio: true }));
  if (!bundles) {
    const send = session.send.bind(session);
    session.send = (action, data) => send(action, data.groups ? { ...data, groups: [] } : data);
  }
  await session.start();
}

/** Turns the camera on: stanza has no content-add of its own, so it is said here in its words. Ends when the other side has answered. */
async function addVideo() {
  const { pc } = session;
  const known = pc.getTransceivers().map((t) => t.mid);
  const stream = await navigator.mediaDevices.getUserMedia({ video: WANTED.video });
  pc.addTrack(stream.getVideoTracks()[0], stream);
  const remote = importFromSDP(pc.remoteDescription.sdp);
  await pc.setLocalDescription(await pc.createOffer());
  const offer = convertIntermediateToRequest(importFromSDP(pc.localDescription.sdp), session.role, session.transportType);
  const answered = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer to content-add: ${log.slice(-5).join('; ')}`)), PATIENCE);
    session.onContentReject = (changes, done) => { done(); reject(new Error(`rejected: ${JSON.stringify(changes.reason)}`)); };
    session.onContentAccept = (changes, done) => { done(); resolve(changes); };
  });
  session.send('content-add', { contents: offer.contents.filter((c) => !known.includes(c.name)), groups: offer.groups });
  const accept = await answered;
  const more = convertRequestToIntermediate(accept, session.peerRole);
  await pc.setRemoteDescription({ type: 'answer', sdp: exportToSDP({ ...remote, groups: more.groups, media: [...remote.media, ...more.media] }) });
}

/** Turns it off again. */
function removeVideo() {
  const video = session.pc.getTransceivers().find((t) => t.sender.track?.kind === 'video');
  video.sender.track.stop();
  session.send('content-remove', { contents: [{ creator: 'initiator', name: video.mid }] });
}

/** What this side receives, and by which way. */
async function view() {
  const stats = session?.pc ? [...(await session.pc.getStats()).values()] : [];
  const byId = new Map(stats.map((s) => [s.id, s]));
  return {
    state: session?.pc?.connectionState ?? '',
    frames: stats.filter((s) => s.type === 'inbound-rtp' && s.kind === 'video').reduce((n, s) => n + (s.framesDecoded ?? 0), 0),
    audio: stats.filter((s) => s.type === 'inbound-rtp' && s.kind === 'audio').reduce((n, s) => n + (s.packetsReceived ?? 0), 0),
    ways: stats.filter((s) => s.type === 'candidate-pair' && s.nominated && s.bytesReceived > 0)
      .map((s) => `${byId.get(s.localCandidateId)?.candidateType}${byId.get(s.localCandidateId)?.relayProtocol ? `/${byId.get(s.localCandidateId).relayProtocol}` : ''}-${byId.get(s.remoteCandidateId)?.candidateType}`),
  };
}

let screen;

/** The picture that is received: pixels at some places, and all of it. */
async function look(places) {
  if (!screen) {
    screen = document.createElement('video');
    [screen.muted, screen.autoplay] = [true, true];
    screen.srcObject = new MediaStream(session.pc.getReceivers().map((r) => r.track).filter((t) => t.kind === 'video'));
    await screen.play();
  }
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [screen.videoWidth || 1, screen.videoHeight || 1];
  const g = canvas.getContext('2d');
  g.drawImage(screen, 0, 0);
  const at = (x, y) => [...g.getImageData(Math.floor(x * (canvas.width - 1)), Math.floor(y * (canvas.height - 1)), 1, 1).data];
  return { width: canvas.width, height: canvas.height, pixels: places.map(([x, y]) => at(x, y)), png: canvas.toDataURL('image/png') };
}

window.jingle = { logIn, call, callByVoice, addVideo, removeVideo, view, look, end: () => session?.end('success'), log };
