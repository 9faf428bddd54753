import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch } from '../harness/browser.js';

const JOIN = '/meet/room?join=now&name=';
const tiles = (page, n) => page.waitForFunction((count) => document.querySelectorAll('[data-participant]').length === count, n, { timeout: 15_000 });
const state = (page, s) => page.waitForFunction((want) => document.body.dataset.state === want, s, { timeout: 20_000 });
const snapshot = (page) => page.evaluate(() => window.parley.snapshot());
const inbound = (page) => page.evaluate(async () => (await window.parley.getStats()).filter((s) => s.type === 'inbound-rtp' && (s.framesDecoded > 0 || (s.kind === 'audio' && s.packetsReceived > 0))).map((s) => [s.kind, s.framesDecoded ?? s.packetsReceived]));
async function receives(page, video, audio) {
  for (let i = 0; i < 75; i++) {
    const now = await inbound(page);
    if (now.filter(([k]) => k === 'video').length === video && now.filter(([k]) => k === 'audio').length === audio) return;
    await page.waitForTimeout(200);
  }
  assert.fail(`wanted ${video} video and ${audio} audio, has ${JSON.stringify(await inbound(page))}`);
}
/** Makes getUserMedia fail for some kinds. */
const failing = (page, errors) => page.addInitScript((names) => {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (c) => {
    for (const kind of ['audio', 'video']) if (c[kind] && names[kind]) throw new DOMException('for a test', names[kind]);
    return real(c);
  };
}, errors);

describe('the call page against a stand-in room', { concurrency: false }, () => {
  let lab;
  before(async () => (lab = await launch()));
  after(() => lab.close());
  const each = (name, body) => test(name, { timeout: 90_000 }, async () => {
    const pages = [];
    const open = async (path, options) => {
      const page = await lab.open(path, options);
      pages.push(page);
      return page;
    };
    try {
      await body(open);
      for (const p of pages) assert.deepEqual(p.log.filter((l) => /ERROR|Content Security Policy|Parley: (?!camera and microphone)/.test(l) && !p.excused?.test(l)), []);
    } finally {
      for (const p of pages) if (!p.isClosed()) await p.close({ runBeforeUnload: false });
      await lab.focus.evaluate(() => { for (const p of window.focus_.people()) window.focus_.drop(p.id); });
    }
  });

  each('an account keeps the room open to guests, and a guest is not asked', async (open) => {
    const ann = await open('/meet/room?name=Ann');
    await ann.click('#sign-in summary');
    await ann.fill('#account', 'ann@localhost');
    await ann.fill('#password', 'pw');
    await ann.click('#preview button[type=submit]');
    await tiles(ann, 1);
    await ann.click('[data-action=settings]');
    await ann.waitForSelector('#settings-guests:visible');
    assert.equal(await ann.isChecked('#settings-guests'), false);
    await ann.check('#settings-guests');
    await ann.waitForFunction(() => /Guests may come until \d/.test(document.getElementById('settings-guests-until').textContent));
    await ann.click('#settings-close');
    await ann.click('[data-action=settings]');
    await ann.waitForSelector('#settings-guests:visible');
    assert.equal(await ann.isChecked('#settings-guests'), true); // the room remembers
    await ann.uncheck('#settings-guests');
    await ann.waitForFunction(() => document.getElementById('settings-guests-until').textContent === '');
    const said = await lab.focus.evaluate(() => window.focus_.events.map(([what]) => what).filter((what) => /reservation|release/.test(what)));
    assert.deepEqual(said, ['get reservation', 'set reservation 7200', 'get reservation', 'set release']);

    const bob = await open(JOIN + 'Bob');
    await tiles(bob, 2);
    await bob.click('[data-action=settings]');
    await bob.waitForSelector('#settings-hd:visible');
    assert.equal(await bob.isVisible('#settings-guests'), false);
  });

  each('changed STUN and TURN servers are asked for again and used from then on', async (open) => {
    const ann = await open(JOIN + 'Ann');
    await tiles(ann, 1);
    const before = await lab.focus.evaluate(() => window.focus_.events.filter(([what]) => what === 'services').length);
    await ann.evaluate(() => {
      window.configured = [];
      const real = RTCPeerConnection.prototype.setConfiguration;
      RTCPeerConnection.prototype.setConfiguration = function (c) {
        window.configured.push(c.iceServers.flatMap((s) => s.urls));
        return real.call(this, c);
      };
    });
    await lab.focus.evaluate(() => window.focus_.pushServices('127.0.0.9'));
    await ann.waitForFunction(() => window.configured.length > 0);
    assert.deepEqual(await ann.evaluate(() => window.configured), [['stun:127.0.0.9:3478']]);
    assert.equal(await lab.focus.evaluate(() => window.focus_.events.filter(([what]) => what === 'services').length), before + 1);
    assert.equal(await lab.focus.evaluate(() => window.focus_.events.some(([kind, id]) => kind === 'result' && /^x\d/.test(id))), true); // and answered
    await lab.focus.evaluate(() => window.focus_.pushServices(''));
  });

  each('three people see and hear each other, and one who hangs up is gone', async (open) => {
    const ann = await open(JOIN + 'Ann'), bob = await open(JOIN + 'Bob'), eve = await open(JOIN + 'Eve');
    for (const p of [ann, bob, eve]) {
      await tiles(p, 3);
      await receives(p, 2, 2);
    }
    assert.deepEqual((await snapshot(ann)).participants.map((p) => p.name), ['Ann', 'Bob', 'Eve']);
    await eve.click('[data-action=hangup]');
    await tiles(ann, 2);
    await eve.waitForSelector('#rejoin:visible');
    await eve.click('#rejoin');
    await tiles(ann, 3);
    await receives(eve, 2, 2);
  });

  each('a page that does not arrive whole is asked for again, and says so in the end', async (open) => {
    const ann = await open('/meet/');
    let failures = 0;
    await ann.route('**/js/call/call.js', (route) => (failures++ < 1 ? route.abort('connectionreset') : route.continue()));
    await ann.goto(lab.origin + JOIN + 'Ann');
    await tiles(ann, 1);
    assert.equal(failures, 2);

    const bob = await open('/meet/');
    await bob.route('**/css/call.css', (route) => route.abort('connectionreset'));
    await bob.goto(lab.origin + JOIN + 'Bob');
    await bob.waitForSelector('#broken:visible', { timeout: 20_000 });
  });

  each('mute, camera and screen show on the other side', async (open) => {
    const ann = await open(JOIN + 'Ann'), bob = await open(JOIN + 'Bob');
    await tiles(ann, 2);
    await receives(ann, 1, 1);
    const other = async () => (await snapshot(ann)).participants[1];
    const becomes = (key, value) => ann.waitForFunction(([k, v]) => window.parley.snapshot().participants[1]?.[k] === v, [key, value]);
    await bob.keyboard.press('m');
    await becomes('isMuted', true);
    await bob.keyboard.press('m');
    await becomes('isMuted', false);
    await bob.keyboard.press('v');
    await becomes('isVideoOn', false);
    await bob.keyboard.press('v');
    await becomes('isVideoOn', true);
    assert.equal((await other()).isSlides, false);
  });

  each('a letter typed into the chat is no command, and arrives', async (open) => {
    const ann = await open(JOIN + 'Ann'), bob = await open(JOIN + 'Bob');
    await tiles(ann, 2);
    await bob.keyboard.press('c');
    await bob.keyboard.type('mvsc <b>hi</b> https://example.org/x.');
    await bob.keyboard.press('Enter');
    await ann.waitForSelector('#unread:visible');
    assert.equal(await ann.textContent('#unread'), '1');
    await ann.click('[data-action=chat]');
    assert.equal(await ann.textContent('.line-body'), 'mvsc <b>hi</b> https://example.org/x.');
    assert.equal(await ann.getAttribute('.line-body a', 'href'), 'https://example.org/x');
    assert.equal((await snapshot(ann)).participants[1].isMuted, false);
  });

  each('a lost stream is reopened and the same person is back, whom the others never lost', async (open) => {
    const ann = await open(JOIN + 'Ann'), bob = await open(JOIN + 'Bob');
    await tiles(ann, 2);
    await receives(bob, 1, 1);
    const { self } = await snapshot(bob);
    bob.away(true);
    await state(bob, 'reconnecting');
    assert.match(await bob.textContent('#banner'), /cannot be reached/);
    assert.equal((await snapshot(bob)).participants.length, 2);
    await bob.waitForTimeout(1500);
    bob.away(false);
    await state(bob, 'connected');
    assert.equal((await snapshot(bob)).self, self);
    await receives(bob, 1, 1);
    await tiles(bob, 2);
    await tiles(ann, 2);
    assert.equal(await bob.locator('.toast', { hasText: 'left' }).count(), 0);
  });

  each('a reload comes back, and tabs of one browser are separate people', async (open) => {
    const ann = await open(JOIN + 'Ann');
    await tiles(ann, 1);
    const token = () => ann.evaluate(() => sessionStorage.getItem('parley-token:room'));
    const before = await token();
    await ann.reload();
    await tiles(ann, 1);
    assert.equal(await token(), before);
    // A duplicated tab has a copy of the storage.
    const copy = await open('/meet/', { context: ann.context() });
    await copy.evaluate((t) => sessionStorage.setItem('parley-token:room', t), before);
    await copy.goto(lab.origin + JOIN + 'Copy');
    await tiles(ann, 2);
    await tiles(copy, 2);
    assert.notEqual(await copy.evaluate(() => sessionStorage.getItem('parley-token:room')), before);
  });

  for (const [error, words] of [['NotReadableError', 'in use'], ['NotAllowedError', 'may not use'], ['NotFoundError', 'No camera found']]) {
    each(`a camera that gives ${error} means microphone only, and the page says so`, async (open) => {
      const bob = await open(JOIN + 'Bob');
      const page = await open('/meet/', {});
      await failing(page, { video: error });
      await page.goto(lab.origin + '/meet/room?name=Ann');
      await page.waitForSelector('#preview-notice:visible');
      assert.match(await page.textContent('#preview-notice'), new RegExp(words));
      assert.match(await page.textContent('#preview-notice'), /microphone only/);
      await page.click('button[type=submit]');
      await tiles(page, 2);
      await receives(bob, 0, 1);
      await receives(page, 1, 1);
      assert.equal((await snapshot(bob)).participants[1].isVideoOn, false);
    });
  }

  each('without any device one listens', async (open) => {
    await open(JOIN + 'Bob');
    const page = await open('/meet/', {});
    await failing(page, { audio: 'NotFoundError', video: 'NotFoundError' });
    await page.goto(lab.origin + JOIN + 'Ann');
    await tiles(page, 2);
    await receives(page, 1, 1);
    assert.equal((await snapshot(page)).participants[0].isMuted, true);
  });

  each('a server that is away is said, and tried again', async (open) => {
    const page = await open('/meet/room?name=Ann', {});
    page.away(true);
    await page.click('button[type=submit]');
    await page.waitForFunction(() => document.getElementById('banner-title').textContent.includes('cannot be reached'));
    page.away(false);
    await state(page, 'connected');
  });

  each('the page can be used by keyboard alone', async (open) => {
    const page = await open('/meet/room?name=Ann', {});
    await page.waitForSelector('#preview:visible');
    await page.focus('#name');
    await page.keyboard.press('Enter');
    await state(page, 'connected');
    await page.focus('[data-action=mic]');
    const visited = [];
    for (let i = 0; i < 8; i++) {
      visited.push(await page.evaluate(() => document.activeElement.dataset.action));
      await page.keyboard.press('Tab');
    }
    assert.deepEqual(visited, ['mic', 'camera', 'share', 'hand', 'chat', 'link', 'call', 'settings']);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#rejoin:focus');
  });

  each('all controls are within reach on a phone', async (open) => {
    const page = await open('/meet/room?name=Ann&join=now', {});
    await state(page, 'connected');
    for (const [width, height] of [[390, 780], [320, 568], [568, 320], [700, 420]]) {
      await page.setViewportSize({ width, height });
      const outside = await page.evaluate(() => [...document.querySelectorAll('#top button, #controls button')]
        .map((b) => ({ name: b.dataset.action ?? b.id, box: b.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.left < 0 || box.right > innerWidth || box.bottom > innerHeight || box.width < 32 || box.height < 32))
        .map(({ name, box }) => `${name} ${box.left}-${box.right} of ${innerWidth}, ${box.width}x${box.height}`));
      assert.deepEqual(outside, [], `${width}x${height}`);
    }
  });

  each('a name that is not given is asked for', async (open) => {
    const page = await open('/meet/room', {});
    await page.click('button[type=submit]');
    await page.waitForSelector('#preview-notice:visible');
    assert.equal((await snapshot(page)).state, 'preview');
  });
});

describe('other browsers', { concurrency: false }, () => {
  const within = (options, body) => async () => {
    const lab = await launch(options);
    try {
      await body(lab);
    } finally {
      await lab.close();
    }
  };

  test('where sound is blocked one button brings it', { timeout: 60_000 }, within({}, async (lab) => {
    await lab.focus.evaluate(() => window.focus_.guest('Bob', { loud: true }));
    const page = await lab.open('/meet/', {});
    // Whatever drives the browser counts as the person's hand there, so the browser's policy is played.
    await page.addInitScript(() => {
      const play = HTMLAudioElement.prototype.play;
      let isAllowed = false;
      addEventListener('click', () => (isAllowed = true), true);
      HTMLMediaElement.prototype.play = function () {
        if (this instanceof HTMLAudioElement && !isAllowed) {
          this.autoplay = false;
          return Promise.reject(new DOMException('for a test', 'NotAllowedError'));
        }
        return play.call(this);
      };
    });
    await page.goto(lab.origin + JOIN + 'Ann');
    await tiles(page, 2);
    await page.click('#hear');
    await page.waitForFunction(() => [...document.querySelectorAll('audio')].every((a) => !a.paused));
    assert.equal(await page.isVisible('#hear'), false);
  }));

  test('an origin that is not secure points to the https link', { timeout: 60_000 }, within({ args: ['--host-resolver-rules=MAP plain.test 127.0.0.1'] }, async (lab) => {
    const page = await lab.open('/meet/', {});
    await page.goto(lab.origin.replace('localhost', 'plain.test') + '/meet/room?name=Ann');
    await page.waitForSelector('#insecure:visible');
    assert.equal(await page.getAttribute('#insecure-link', 'href'), 'https://plain.test:5281/meet/room?name=Ann');
  }));

  test('no ICE candidate at all is said', { timeout: 60_000 }, within({}, async (lab) => {
    const page = await lab.open(JOIN + 'Ann&ice=relay', {}); // and no TURN server
    await page.waitForFunction(() => document.getElementById('banner-title').textContent.includes('No way out'), null, { timeout: 30_000 });
  }));

  test('a link joins by itself only where the server says so', { timeout: 60_000 }, within({ config: { autoJoin: false } }, async (lab) => {
    const page = await lab.open(JOIN + 'Ann', {});
    await page.waitForSelector('#preview:visible');
    assert.equal(await page.inputValue('#name'), 'Ann');
    assert.equal((await snapshot(page)).state, 'preview');
  }));
});
