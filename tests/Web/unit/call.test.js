import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../../Web/js/call/backoff.js';
import { callOut, readRing, sentence } from '../../../Web/js/call/call-out.js';
import { Chat } from '../../../Web/js/call/chat.js';
import { readConference } from '../../../Web/js/call/coin.js';
import { SpeakingDetector } from '../../../Web/js/call/speaking.js';
import { QualityMeter, barsFor } from '../../../Web/js/call/stats.js';
import { grid, stage } from '../../../Web/js/ui/layout.js';
import { hueOf, initials, noticeFor } from '../../../Web/js/ui/texts.js';
import { NS } from '../../../Web/js/xmpp/ns.js';
import { el } from '../../../Web/js/xmpp/xml.js';

const C = NS.conferenceInfo;
const media = (type, attrs, status, label) => el(C, 'media', attrs, el(C, 'type', {}, type), label ? el(C, 'label', {}, label) : null, el(C, 'status', {}, status));

test('COIN tells who is there, by which slot they come, and what moderators did', () => {
  const M = NS.moderation;
  const info = el(C, 'conference-info', { version: '7' }, el(C, 'users', {},
    el(C, 'user', {}, el(C, 'display-text', {}, 'Ann'), el(C, 'roles', {}, el(C, 'entry', {}, 'moderator')), el(C, 'endpoint', { entity: 'p1' }, media('audio', { id: 'a0' }, 'sendrecv'), media('video', { id: 'v0' }, 'sendrecv', 'slides'))),
    el(C, 'user', {}, el(C, 'endpoint', { entity: 'p2' }, media('audio', {}, 'inactive')), el(M, 'moderation', { hand: '2', audio: 'held', video: 'gone' }))));
  const people = [
    { id: 'p1', name: 'Ann', audio: { slot: 'a0', isActive: true, isSlides: false }, video: { slot: 'v0', isActive: true, isSlides: true }, isModerator: true, hand: null, silence: { audio: null, video: null } },
    { id: 'p2', name: 'Someone', audio: { slot: null, isActive: false, isSlides: false }, video: { slot: null, isActive: false, isSlides: false }, isModerator: false, hand: 2, silence: { audio: 'held', video: null } }];
  assert.deepEqual(readConference(info), { version: 7, people, recordedBy: null, moderation: null });
  info.children.push(el(M, 'moderation', { locked: 'true', password: 'true', records: 'picture', recordings: 'true' }, el(M, 'caller', { id: 'c1', name: 'Cem', address: 'cem@example.org' }), el(M, 'banned', { id: 'b1' })));
  assert.deepEqual(readConference(info)?.moderation, { isLocked: true, hasLobby: false, isMembersOnly: false, hasPassword: true, records: 'picture', hasRecordings: true, callers: [{ id: 'c1', name: 'Cem', address: 'cem@example.org' }], banned: [{ id: 'b1', name: 'Someone', address: '' }] });
  const recorded = el(C, 'conference-info', { version: '8' }, el('urn:parley:recording:0', 'recording', { 'started-by': 'Ann' }));
  assert.equal(readConference(recorded)?.recordedBy, 'Ann');
  assert.equal(readConference(el(C, 'conference-info', { version: 'x' })), null);
});

test('a chat line is shown once, also when the history comes again', () => {
  const chat = new Chat();
  const seen = [];
  chat.onLine = (line, isHistory) => seen.push([line.body, isHistory, line.isOwn]);
  const message = (id, from, body, stamp) => el(NS.client, 'message', { type: 'groupchat', from: `r@c/${from}`, id }, el(NS.client, 'body', {}, body), el(NS.nick, 'nick', {}, 'Bob'), stamp ? el(NS.delay, 'delay', { stamp }) : null);
  chat.take(message('1', 'p2', 'hello'), 'p1');
  chat.take(message('1', 'p2', 'hello', '2026-01-01T00:00:00Z'), 'p1');
  chat.take(message('1', 'p3', 'other'), 'p1');
  const own = chat.compose('r@c', 'mine');
  chat.take(message(own.attrs.id, 'p1', 'mine'), 'p1');
  chat.take(el(NS.client, 'message', { type: 'groupchat', from: 'r@c/p2' }), 'p1');
  assert.deepEqual(seen, [['hello', false, false], ['other', false, false], ['mine', false, true]]);
});

test('waits grow, jitter, and stop growing', () => {
  const backoff = new Backoff(500, 15_000);
  const waits = Array.from({ length: 12 }, () => backoff.next());
  assert.ok(waits[0] >= 375 && waits[0] <= 625);
  assert.ok(waits[11] >= 11_250 && waits[11] <= 18_750);
  backoff.reset();
  assert.ok(backoff.next() <= 625);
});

test('a wait ends at once when told to stop', async () => {
  globalThis.addEventListener ??= () => {};
  globalThis.removeEventListener ??= () => {};
  const stop = new AbortController();
  const waiting = new Backoff(60_000, 60_000).wait(stop.signal);
  stop.abort();
  await waiting;
});

test('a ring stays a moment after the last word', () => {
  const d = new SpeakingDetector();
  d.hear('a', 0.2, 0);
  d.hear('b', 0.001, 0);
  assert.deepEqual([...d.speakers(100)], ['a']);
  assert.deepEqual([...d.speakers(5_000)], []);
});

test('quality is worse with delay and with loss', async () => {
  assert.equal(barsFor(null, 0), 0);
  assert.equal(barsFor(0.02, 0), 4);
  assert.ok(barsFor(0.4, 0) < barsFor(0.2, 0));
  assert.equal(barsFor(0.02, 0.2), 1);
  const meter = new QualityMeter();
  let received = 1000, lost = 0;
  const pc = { getStats: async () => new Map([
    ['r', { type: 'inbound-rtp', kind: 'audio', mid: 'a0', packetsReceived: received, packetsLost: lost, audioLevel: 0.3 }],
    ['p', { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.01, localCandidateId: 'l' }],
    ['l', { candidateType: 'relay' }]]) };
  await meter.read(pc);
  [received, lost] = [1090, 10];
  const { quality, levels } = await meter.read(pc);
  assert.deepEqual(quality, { bars: 1, rtt: 0.01, loss: 0.1, isRelayed: true });
  assert.equal(levels.get('a0'), 0.3);
});

for (const [name, layout] of Object.entries({ grid, stage })) {
  test(`the ${name} puts 1 to 12 tiles inside the area, apart and as large as it can`, () => {
    for (const [w, h] of [[1252, 680], [1920, 940], [374, 700], [700, 330], [340, 340]]) {
      for (let n = 1; n <= 12; n++) {
        const rects = layout(w, h, n, 8);
        assert.equal(rects.length, n);
        for (const r of rects) {
          assert.ok(r.width > 40 && r.height > 30, `${name} ${w}x${h} ${n}: ${JSON.stringify(r)}`);
          assert.ok(r.x >= -0.01 && r.y >= -0.01 && r.x + r.width <= w + 0.01 && r.y + r.height <= h + 0.01, `${name} ${w}x${h} ${n}: ${JSON.stringify(r)}`);
        }
        for (const [i, a] of rects.entries()) {
          for (const b of rects.slice(i + 1)) assert.ok(a.x + a.width <= b.x + 0.01 || b.x + b.width <= a.x + 0.01 || a.y + a.height <= b.y + 0.01 || b.y + b.height <= a.y + 0.01);
        }
        const used = rects.reduce((sum, r) => sum + r.width * r.height, 0) / (w * h);
        assert.ok(used > 0.4, `${name} ${w}x${h} ${n} uses only ${used}`);
      }
    }
  });
}

test('a telephone stacks two people, a desktop sets them side by side', () => {
  const tall = grid(374, 700, 2, 6), wide = grid(1252, 680, 2, 10);
  assert.equal(tall[0].x, tall[1].x);
  assert.equal(wide[0].y, wide[1].y);
});

test('names give initials and a colour, whatever they are', () => {
  assert.equal(initials('Ann Lee'), 'AL');
  assert.equal(initials('  '), '?');
  assert.equal(initials('\u{1f600} x'), '\u{1f600}X');
  assert.ok(hueOf('Ann') >= 0 && hueOf('Ann') < 360);
  assert.equal(hueOf('Ann'), hueOf('Ann'));
});

test('every end has words', () => {
  assert.equal(noticeFor('gone', '').title, 'The call was ended');
  assert.equal(noticeFor('strange', 'what it said').text, 'what it said');
});

test('somebody is called by one step of a command, and what comes of it is read and said', async () => {
  const asked = [];
  const client = { request: async (...args) => {
    asked.push(args);
    return el(NS.client, 'iq', {}, el(NS.commands, 'command', { status: 'completed' }, el(NS.commands, 'note', {}, '…'), el(NS.callOut, 'call', { jid: 'bob@d', state: 'calling' })));
  } };
  const ring = await callOut(client, 'r@c', 'bob@d', true);
  assert.deepEqual(ring, { jid: 'bob@d', state: 'calling' });
  const [type, to, command] = asked[0];
  assert.deepEqual([type, to, command.attrs.node], ['set', 'r@c', 'urn:parley:call-out:0#call']);
  assert.deepEqual(command.children[0].children.map((f) => [f.attrs.var, f.children[0].children[0]]), [['who', 'bob@d'], ['video', '1']]);
  assert.match(sentence(ring), /Calling bob@d/);
  assert.match(sentence({ jid: 'bob@d', state: 'what' }), /cannot be reached/);
  assert.equal(readRing(el(NS.client, 'message', {}, el(NS.client, 'body', {}, 'x'))), null);
  await assert.rejects(callOut({ request: async () => el(NS.client, 'iq', {}) }, 'r@c', 'bob@d', false));
});
