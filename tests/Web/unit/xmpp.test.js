import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readServices } from '../../../Web/js/xmpp/extdisco.js';
import { NS } from '../../../Web/js/xmpp/ns.js';
import { Scram } from '../../../Web/js/xmpp/scram.js';
import { el, write } from '../../../Web/js/xmpp/xml.js';

test('SCRAM-SHA-1 gives the proof of RFC 5802', async () => {
  const scram = new Scram('SHA-1', 'user', 'pencil', 'fyko+d2lbbFgONRv9qkxdawL');
  assert.equal(scram.first(), 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL');
  const final = await scram.final('r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096');
  assert.equal(final, 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=');
  assert.ok(scram.verify('v=rmF9pqV8S7suAoZWja4dJRkFsKQ='));
  assert.ok(!scram.verify('v=AAAApqV8S7suAoZWja4dJRkFsKQ='));
});

test('SCRAM-SHA-256 gives the proof of RFC 7677', async () => {
  const scram = new Scram('SHA-256', 'user', 'pencil', 'rOprNGfwEbeRWgbNEkqO');
  scram.first();
  const final = await scram.final('r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096');
  assert.equal(final, 'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=');
  assert.ok(scram.verify('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='));
});

test('SCRAM refuses a server that changes the nonce, asks for too few rounds or was never heard', async () => {
  const scram = new Scram('SHA-1', 'user', 'pencil', 'abc');
  scram.first();
  assert.ok(!scram.verify('v='));
  await assert.rejects(scram.final('r=other,s=QSXCR+Q6sek8bf92,i=4096'));
  await assert.rejects(scram.final('r=abc,s=QSXCR+Q6sek8bf92,i=4096'));
  await assert.rejects(scram.final('r=abcdef,s=QSXCR+Q6sek8bf92,i=1'));
  await assert.rejects(scram.final('r=abcdef,s=QSXCR+Q6sek8bf92,i=999999999'));
});

test('a user name with a comma is escaped', () => assert.match(new Scram('SHA-1', 'a,b=c', '', 'n').first(), /^n,,n=a=2Cb=3Dc,r=n$/));

test('markup in text and attributes stays text', () => {
  assert.equal(write(el('n', 'a', { x: '"<&>\n', none: undefined }, 'a<b&c]]>', el('n', 'b'), el('m', 'c'))), '<a xmlns="n" x="&quot;&lt;&amp;&gt;&#10;">a&lt;b&amp;c]]&gt;<b/><c xmlns="m"/></a>');
});

test('what XML cannot carry is replaced', () => assert.equal(write(el('n', 'a', {}, 'x\u0000\ud800y\u{1f600}')), '<a xmlns="n">x\ufffd\ufffdy\u{1f600}</a>'));

test('services become ICE servers, each once, and none without its credentials', () => {
  const service = (attrs) => el(NS.extDisco, 'service', attrs);
  const turn = { type: 'turn', host: '192.0.2.1', port: '3478', transport: 'udp', username: 'u', password: 'p' };
  assert.deepEqual(readServices(el(NS.extDisco, 'services', {},
    service(turn), service({ type: 'stun', host: '2001:db8::1', port: '3478', transport: 'udp' }), service({ type: 'turns', host: 'example.org', port: '5349', transport: 'tcp' }), service({ type: 'ftp', host: 'x' }), service(turn))),
  [{ urls: 'turn:192.0.2.1:3478?transport=udp', username: 'u', credential: 'p' }, { urls: 'stun:[2001:db8::1]:3478' }]);
  const login = { host: 'example.org', username: 'u', password: 'p' };
  assert.deepEqual(readServices(el(NS.extDisco, 'services', {},
    service(turn), service({ type: 'turn', transport: 'tcp', port: '3478', ...login }), service({ type: 'turns', transport: 'tcp', port: '443', ...login }),
    service({ type: 'turns', transport: 'tcp', port: '5349', ...login }), service(turn))).map((s) => s.urls),
  ['turn:192.0.2.1:3478?transport=udp', 'turn:example.org:3478?transport=tcp', 'turns:example.org:443?transport=tcp'], 'one of each kind');
  assert.deepEqual(readServices(undefined), []);
});
