// Writes the session-initiate that the call page would send for each recorded offer, by the page's own code:
//   node tests/Plugins/FocusAgent/Fixtures/make.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { contentsFromSdp, groupFromSdp } from '../../../../Web/js/jingle/from-sdp.js';
import { jingle } from '../../../../Web/js/jingle/messages.js';
import { NS } from '../../../../Web/js/xmpp/ns.js';
import { el, write } from '../../../../Web/js/xmpp/xml.js';

for (const browser of ['chromium', 'firefox']) {
  const offer = readFileSync(new URL(`../../../Web/unit/${browser}-offer.sdp`, import.meta.url), 'utf8');
  const message = jingle('session-initiate', 'SID', { initiator: 'PAGE' }, el(NS.leg, 'leg', { token: 'TOKEN' }), el(NS.nick, 'nick', {}, 'NICK'),
    groupFromSdp(offer), contentsFromSdp(offer, { creator: 'initiator', senders: 'initiator' }));
  writeFileSync(new URL(`./${browser}-initiate.xml`, import.meta.url), write(message).replaceAll('><', '>\n<') + '\n');
}
