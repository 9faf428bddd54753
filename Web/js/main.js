import { Call } from './call/call.js';
import { holdToken } from './call/token.js';
import { readConfig } from './config.js';
import { LocalMedia } from './media/local.js';
import { WakeLock } from './media/wake.js';
import { CallView } from './ui/call-view.js';
import { DevicePickers, recallDevices } from './ui/device-pickers.js';
import { Door } from './ui/door.js';
import { EndView } from './ui/end-view.js';
import { drawIcons } from './ui/icons.js';
import { Preview } from './ui/preview.js';

/** @typedef {import('./xmpp/login.js').Account} Account */

/** How long a join waits for camera and microphone, in milliseconds. */
const DEVICE_PATIENCE = 3_000;

const config = readConfig();
const query = new URLSearchParams(location.search);
if (query.get('ice') === 'relay') config.iceTransportPolicy = 'relay';

drawIcons();
document.title = `${config.room} · Parley`;

const media = new LocalMedia();
recallDevices(media);
media.wants = { audio: query.get('audio') !== '0', video: query.get('video') !== '0' };

const preview = new Preview(config, media, query.get('name') ?? '');
const pickers = new DevicePickers(media);
const view = new CallView(media);
const door = new Door(config.room, media);
const wake = new WakeLock();
/** @type {Call | null} */
let current = null;
/** Who rejoins after hanging up. @type {{ name: string, account: Account | null } | null} */
let who = null;

const end = new EndView(() => who && void join(who.name, who.account));

/** @param {string} state */
function show(state) {
  document.body.dataset.state = state;
}

media.onChange = () => {
  preview.refresh();
  void pickers.refresh();
  view.refresh();
  door.refresh();
  current?.mediaChanged().catch((e) => console.error('Parley:', e));
};

/**
 * @param {string} name
 * @param {Account | null} account
 */
async function join(name, account) {
  who = { name, account };
  preview.close();
  end.close();
  show('joining');
  const token = await holdToken(config.room);
  const call = new Call({ config, token, name, account, media });
  current = call;
  call.onChange = () => view.refresh();
  call.onState = () => {
    show(call.state);
    const isOutside = call.state === 'waiting' || call.state === 'password';
    if (isOutside) door.open(call);
    else door.close();
    view.show(!isOutside);
    view.refresh();
    if (call.state === 'ended') leave(call);
  };
  view.open(call);
  wake.want(true);
  // Whoever thinks long about the browser's question is in the call meanwhile, and heard from then on.
  await Promise.race([media.open(), new Promise((resolve) => setTimeout(resolve, DEVICE_PATIENCE))]);
  await call.run();
}

/** @param {Call} call */
function leave(call) {
  current = null;
  view.close();
  media.close();
  wake.want(false);
  if (call.condition === 'not-authorized') {
    show('preview');
    preview.open('Signing in failed: check the name and the password.');
    return void media.open();
  }
  end.open(call.condition, call.detail);
}

preview.onJoin = (name, account) => void join(name, account);
// Whoever closes the page has left; a reload comes back by itself.
addEventListener('pagehide', () => current?.hangUp());

// For tests, and for whoever wants to look: a copy of what is, and no way to change it.
Object.defineProperty(window, 'parley', {
  value: Object.freeze({
    snapshot: () => ({
      state: document.body.dataset.state,
      condition: current?.condition ?? '',
      self: current?.self ?? '',
      recordedBy: current?.recordedBy ?? null,
      participants: current?.participants().map((p) => ({ id: p.id, name: p.name, isSelf: p.isSelf, isMuted: p.isMuted, isVideoOn: p.isVideoOn, isSlides: p.isSlides, isModerator: p.isModerator, hand: p.hand, slots: { audio: p.audio?.mid ?? null, video: p.video?.mid ?? null } })) ?? [],
    }),
    getStats: async () => (current?.pc ? [...(await current.pc.getStats()).values()] : []),
  }),
});

if (config.autoJoin && query.get('join') === 'now' && config.guestDomain) {
  void join((query.get('name') ?? localStorage.getItem('parley-name') ?? '').slice(0, 64) || 'Guest', null);
} else {
  show('preview');
  preview.open();
  void media.open();
}
