import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { candidateToJingle, candidateToSdp } from '../../../Web/js/jingle/candidate.js';
import { contentsFromSdp, groupFromSdp, ufragOf } from '../../../Web/js/jingle/from-sdp.js';
import { parseSdp } from '../../../Web/js/jingle/sdp.js';
import { sdpFromSections } from '../../../Web/js/jingle/to-sdp.js';
import { NS } from '../../../Web/js/xmpp/ns.js';
import { child, children, el, text, write } from '../../../Web/js/xmpp/xml.js';

const OFFER = readFileSync(new URL('./chromium-offer.sdp', import.meta.url), 'utf8');
const contents = () => contentsFromSdp(OFFER, { creator: 'initiator', senders: 'initiator' });
const sections = (list = contents()) => list.map((content) => ({ mid: content.attrs.name, kind: child(content, 'description', NS.rtp).attrs.media, content }));

/** What must survive the way through Jingle, whatever the order of lines. */
function essence(lines) {
  return lines.filter((l) => /^a=(rtpmap|fmtp|rtcp-fb|extmap|ssrc|ssrc-group|mid|msid|ice-ufrag|ice-pwd|fingerprint|setup|rtcp-mux|rtcp-rsize)\b/.test(l)).sort();
}

test('what Chromium offers comes back the same from Jingle', () => {
  const before = parseSdp(OFFER), after = parseSdp(sdpFromSections(sections(), 1));
  assert.equal(after.sections.length, 2);
  for (const [i, s] of before.sections.entries()) {
    assert.deepEqual(essence(after.sections[i].lines), essence(s.lines));
    assert.deepEqual(after.sections[i].formats, s.formats);
  }
});

test('contents are named by their mids and grouped', () => {
  assert.deepEqual(contents().map((c) => c.attrs), [{ creator: 'initiator', name: '0', senders: 'initiator' }, { creator: 'initiator', name: '1', senders: 'initiator' }]);
  assert.equal(write(groupFromSdp(OFFER)), `<group xmlns="${NS.grouping}" semantics="BUNDLE"><content name="0"/><content name="1"/></group>`);
});

test('a description says what the XEPs say', () => {
  const [audio, video] = contents().map((c) => child(c, 'description', NS.rtp));
  const opus = children(audio, 'payload-type').find((p) => p.attrs.name === 'opus');
  assert.deepEqual(opus.attrs, { id: '111', name: 'opus', clockrate: '48000', channels: '2' });
  assert.deepEqual(children(opus, 'parameter').map((p) => p.attrs), [{ name: 'minptime', value: '10' }, { name: 'useinbandfec', value: '1' }]);
  const vp8 = children(video, 'payload-type').find((p) => p.attrs.name === 'VP8');
  assert.deepEqual(children(vp8, 'rtcp-fb', NS.rtcpFb).map((f) => f.attrs), [{ type: 'goog-remb' }, { type: 'transport-cc' }, { type: 'ccm', subtype: 'fir' }, { type: 'nack' }, { type: 'nack', subtype: 'pli' }]);
  const fid = child(video, 'ssrc-group', NS.ssma);
  assert.equal(fid.attrs.semantics, 'FID');
  assert.deepEqual(children(fid, 'source').map((s) => s.attrs.ssrc), children(video, 'source', NS.ssma).map((s) => s.attrs.ssrc));
  assert.ok(child(video, 'rtcp-mux', NS.rtp));
  assert.ok(child(video, 'extmap-allow-mixed', NS.hdrExt));
  const transport = child(contents()[0], 'transport', NS.iceUdp);
  assert.equal(transport.attrs.ufrag, ufragOf(OFFER));
  assert.equal(child(transport, 'fingerprint', NS.dtls).attrs.setup, 'actpass');
  assert.match(text(child(transport, 'fingerprint', NS.dtls)), /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
});

test('the direction follows from who sends', () => {
  const direction = (senders) => parseSdp(sdpFromSections([{ mid: '0', kind: 'audio', content: { ...contents()[0], attrs: { senders } } }], 1)).sections[0].lines.find((l) => /^a=(send|recv|inactive)/.test(l));
  assert.equal(direction('initiator'), 'a=recvonly');
  assert.equal(direction('responder'), 'a=sendonly');
  assert.equal(direction('both'), 'a=sendrecv');
  assert.equal(direction('none'), 'a=inactive');
});

test('slots are added behind the others and keep their place', () => {
  const slot = { ...contents()[1], attrs: { creator: 'responder', name: 'v0', senders: 'responder' } };
  const sdp = parseSdp(sdpFromSections([...sections(), ...sections([slot])], 2));
  assert.deepEqual(sdp.sections.map((s) => s.mid), ['0', '1', 'v0']);
  assert.ok(sdp.lines.includes('a=group:BUNDLE 0 1 v0'));
});

test('a refused content keeps its place and is in no bundle', () => {
  const sdp = parseSdp(sdpFromSections([{ mid: '0', kind: 'audio', content: null }, sections()[1]], 1));
  assert.equal(sdp.sections[0].port, 0);
  assert.equal(sdp.sections[0].mid, '0');
  assert.ok(sdp.lines.includes('a=group:BUNDLE 1'));
  assert.equal(contentsFromSdp('v=0\r\nm=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n', { creator: 'initiator', senders: 'initiator' }).length, 0);
});

test('an answer can be cut down to some mids', () => {
  assert.deepEqual(contentsFromSdp(OFFER, { creator: 'responder', senders: 'responder', mids: ['1'] }).map((c) => c.attrs.name), ['1']);
});

test('what Firefox offers comes back the same from Jingle, bundle-only sections too', () => {
  const sdp = readFileSync(new URL('./firefox-offer.sdp', import.meta.url), 'utf8');
  const list = contentsFromSdp(sdp, { creator: 'initiator', senders: 'initiator' });
  assert.deepEqual(list.map((c) => c.attrs.name), ['0', '1']);
  const after = parseSdp(sdpFromSections(sections(list), 1));
  for (const [i, s] of parseSdp(sdp).sections.entries()) {
    // msid is repeated for each source, the fingerprint stands once above, and a direction is seen from the other side.
    const mine = (lines) => essence(lines).filter((l) => !/^a=(fingerprint|extmap-allow-mixed|ssrc:\d+ msid)/.test(l)).map((l) => l.replace(/^(a=rtpmap:.*)\/1$/, '$1').replace('/sendonly', '/X').replace('/recvonly', '/sendonly').replace('/X', '/recvonly'));
    const theirs = (lines) => essence(lines).filter((l) => !/^a=(fingerprint|extmap-allow-mixed|ssrc:\d+ msid)/.test(l));
    assert.deepEqual(theirs(after.sections[i].lines).sort(), mine(s.lines).sort());
  }
});

test('Firefox: msid stands in the section only, and a directed extension says who sends it', () => {
  const sdp = ['v=0', 'a=fingerprint:sha-256 AA:BB', 'm=audio 9 UDP/TLS/RTP/SAVPF 109 101', 'a=mid:0', 'a=sendonly', 'a=extmap:2/sendonly urn:ietf:params:rtp-hdrext:csrc-audio-level',
    'a=fmtp:109 maxplaybackrate=48000;stereo=1', 'a=fmtp:101 0-15', 'a=rtpmap:109 opus/48000/2', 'a=rtpmap:101 telephone-event/8000', 'a=ice-ufrag:u', 'a=ice-pwd:p', 'a=setup:actpass',
    'a=msid:{s} {t}', 'a=rtcp-mux', 'a=ssrc:5 cname:{c}', ''].join('\r\n');
  const content = contentsFromSdp(sdp, { creator: 'initiator', senders: 'initiator' })[0];
  const description = child(content, 'description', NS.rtp);
  assert.deepEqual(children(child(description, 'source', NS.ssma), 'parameter').map((p) => p.attrs), [{ name: 'msid', value: '{s} {t}' }, { name: 'cname', value: '{c}' }]);
  assert.deepEqual(child(description, 'rtp-hdrext', NS.hdrExt).attrs, { id: '2', uri: 'urn:ietf:params:rtp-hdrext:csrc-audio-level', senders: 'initiator' });
  assert.equal(text(child(child(content, 'transport', NS.iceUdp), 'fingerprint', NS.dtls)), 'AA:BB');
  assert.match(sdpFromSections([{ mid: '0', kind: 'audio', content }], 1), /a=fmtp:101 0-15\r\n/);
});

test('candidates go both ways, and TCP stays at home', () => {
  const line = 'candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.5 rport 46154 generation 0 ufrag abcd network-id 1';
  const jingle = candidateToJingle(line, 'c1');
  assert.deepEqual(jingle.attrs, { component: '1', foundation: '842163049', generation: '0', id: 'c1', ip: '203.0.113.7', network: '0', port: '46154', priority: '1677729535', protocol: 'udp', type: 'srflx', 'rel-addr': '10.0.0.5', 'rel-port': '46154' });
  assert.equal(candidateToSdp(jingle), 'candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.5 rport 46154 generation 0');
  assert.equal(candidateToJingle('candidate:1 1 tcp 1518280447 10.0.0.5 9 typ host tcptype active', 'c2'), null);
  assert.equal(candidateToJingle('', 'c3'), null);
});

test('nothing from the network breaks out of its line', () => {
  const content = el(NS.jingle, 'content', { name: 'x', senders: 'responder' },
    el(NS.rtp, 'description', { media: 'audio' }, el(NS.rtp, 'payload-type', { id: '1\r\na=evil:1', name: 'x\na=evil:2', clockrate: '8000' }, el(NS.rtp, 'parameter', { name: 'a', value: 'b\r\na=evil:3' })),
      el(NS.hdrExt, 'rtp-hdrext', { id: '1', uri: 'u\r\na=evil:4' }), el(NS.ssma, 'source', { ssrc: '1' }, el(NS.ssma, 'parameter', { name: 'cname', value: 'c\r\na=evil:5' }))),
    el(NS.iceUdp, 'transport', { ufrag: 'u\r\na=evil:6' }, el(NS.dtls, 'fingerprint', { hash: 'h', setup: 's\r\na=evil:7' }, 'f\r\na=evil:8'), el(NS.iceUdp, 'candidate', { ip: '1\r\na=evil:9' })));
  const lines = sdpFromSections([{ mid: 'x\r\na=evil:0', kind: 'audio', content }], 1).split(/\r\n|\n|\r/);
  assert.deepEqual(lines.filter((l) => l.startsWith('a=evil')), []);
});
