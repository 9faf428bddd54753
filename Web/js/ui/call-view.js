import { QualityMeter } from '../call/stats.js';
import { SpeakingDetector, receivedLevel } from '../call/speaking.js';
import { sentence } from '../call/call-out.js';
import { LevelMeter } from '../media/level.js';
import { CallOut } from './call-out.js';
import { ChatPanel } from './chat-panel.js';
import { Controls } from './controls.js';
import { PeoplePanel } from './people-panel.js';
import { byId } from './dom.js';
import { Settings } from './settings.js';
import { Sound } from './sound.js';
import { noticeFor } from './texts.js';
import { Tiles } from './tiles.js';
import { clearToasts, toast } from './toasts.js';

/** @typedef {import('../call/call.js').Call} Call */
/** @typedef {import('../media/local.js').LocalMedia} LocalMedia */

const LISTEN_EVERY = 150;
const MEASURE_EVERY = 2_000;

/** The screen of the call. */
export class CallView {
  #root = byId('call', HTMLElement);
  #banner = byId('banner', HTMLElement);
  #bars = byId('quality', HTMLElement);
  #hear = byId('hear', HTMLButtonElement);
  /** @type {Call | null} */
  #call = null;
  #media;
  #tiles;
  #chat;
  #controls;
  #people;
  #settings;
  #callOut = new CallOut();
  #sound;
  #meter = new LevelMeter();
  #quality = new QualityMeter();
  #speaking = new SpeakingDetector();
  /** @type {Map<string, number>} levels by slot, where only the statistics tell them */
  #levels = new Map();
  #recorded = byId('recorded', HTMLElement);
  /** @type {Map<string, string> | null} who was there at the last look */
  #names = null;

  /** @param {LocalMedia} media */
  constructor(media) {
    this.#media = media;
    this.#tiles = new Tiles(byId('tiles', HTMLElement), {
      selfVideo: () => media.outgoingVideo,
      onPin: (id) => {
        this.#call?.pin(id);
        this.refresh();
      },
    });
    this.#sound = new Sound(byId('sound', HTMLElement), (isBlocked) => (this.#hear.hidden = !isBlocked));
    this.#hear.addEventListener('click', () => void this.#sound.unblock());
    byId('alone-link', HTMLButtonElement).addEventListener('click', () => void this.#copyLink());
    this.#chat = new ChatPanel((body) => this.#say(body));
    this.#controls = new Controls((action) => void this.#act(action));
    this.#people = new PeoplePanel();
    this.#people.onOpen = () => this.#chat.toggle(false);
    this.#settings = new Settings(media);
    this.#chat.onToggle = (isOpen) => {
      this.#controls.showChat(isOpen);
      if (isOpen) this.#people.toggle(false);
      if (isOpen) clearToasts();
      else this.#controls.focusChat();
    };
    this.#chat.onUnread = (n) => this.#controls.showUnread(n);
    setInterval(() => this.#listen(), LISTEN_EVERY);
    setInterval(() => void this.#measure(), MEASURE_EVERY);
  }

  /** @param {Call} call */
  open(call) {
    this.#call = call;
    call.onModerated = (done) => void this.#obey(done);
    this.#people.open(call);
    call.chat.onLine = (line, isHistory) => {
      this.#chat.add(line, isHistory);
      if (!isHistory && !line.isOwn && !this.#chat.isOpen) toast(`${line.name}: ${line.body.slice(0, 80)}`);
    };
    call.onRing = (ring) => toast(sentence(ring));
    byId('call-room', HTMLElement).textContent = call.config.room;
    this.#root.hidden = false;
    this.refresh();
  }

  close() {
    this.#call = null;
    this.#root.hidden = true;
    if (this.#chat.isOpen) this.#chat.toggle(false);
    this.#people.close();
    clearToasts();
    this.#chat.clear();
    this.#tiles.clear();
    this.#sound.clear();
    this.#meter.close();
    this.#settings.close();
    this.#callOut.close();
    this.#names = null;
    this.#recorded.hidden = true;
    this.#recorded.title = '';
  }

  /** Whether the call is what is on the screen. @param {boolean} isShown */
  show(isShown) {
    this.#root.hidden = !isShown || !this.#call;
  }

  /** Shows everything as it is now. */
  refresh() {
    const call = this.#call;
    if (!call) return;
    const { state, condition, detail } = call;
    this.#controls.show(this.#media);
    const wait = state === 'connected' ? null : condition ? noticeFor(condition, detail) : { title: state === 'joining' ? 'Joining…' : 'Reconnecting…', text: '' };
    this.#banner.hidden = wait === null;
    byId('banner-title', HTMLElement).textContent = wait?.title ?? '';
    byId('banner-text', HTMLElement).textContent = wait?.text ?? '';
    if (!call.pc) return; // nobody is there before one is there oneself
    this.#showRecording(call.recordedBy);
    const people = call.participants();
    this.#tiles.show(people);
    this.#people.show(people, call.moderation, call.recordedBy !== null);
    this.#controls.showOwn(people.find((p) => p.isSelf));
    this.#sound.show(call.audioSlots());
    this.#meter.watch(this.#media.audioTrack);
    byId('alone', HTMLElement).hidden = people.length > 1 || state !== 'connected';
    byId('count', HTMLElement).textContent = String(people.length);
    if (state === 'connected' && call.isInformed) this.#announce(people);
  }

  /** @param {string | null} by */
  #showRecording(by) {
    const words = by === null ? '' : `This call is recorded; ${by} began it`;
    if (words === this.#recorded.title) return;
    this.#recorded.hidden = by === null;
    this.#recorded.title = words;
    byId('recorded-by', HTMLElement).textContent = words;
    toast(words || 'The recording has ended');
  }

  /** @param {import('../call/call.js').Participant[]} people */
  #announce(people) {
    const now = new Map(people.filter((p) => !p.isSelf).map((p) => [p.id, p.name]));
    if (this.#names) {
      this.#people.announce(people);
      for (const [id, name] of now) if (!this.#names.has(id)) toast(`${name} joined`);
      for (const [id, name] of this.#names) if (!now.has(id)) toast(`${name} left`);
    }
    this.#names = now;
  }

  /**
   * What a moderator muted is really switched off here; to switch it on again is one's own to do.
   * @param {import('../call/moderation.js').Done} done
   */
  async #obey({ kind, isMuted, isHeld, by }) {
    const media = this.#media;
    const what = kind === 'audio' ? 'muted you' : 'switched your camera off';
    if (!isMuted) return toast(kind === 'audio' ? `${by} lets you speak again` : `${by} lets you show your camera again`);
    toast(isHeld ? `${by} ${what}: only a moderator can lift that` : `${by} ${what}`);
    if (kind === 'audio') return media.setMic(false);
    if (media.isSharing) media.stopSharing();
    await media.setCamera(false);
  }

  /** @param {'audio' | 'video'} kind */
  #isHeld(kind) {
    const isHeld = this.#call?.silence[kind] === 'held';
    if (isHeld) toast('A moderator holds that: raise your hand to ask');
    return isHeld;
  }

  /** @param {string} body */
  #say(body) {
    const isSent = this.#call?.say(body) ?? false;
    if (!isSent) toast('Not sent: the server is away. Try again in a moment.');
    return isSent;
  }

  #listen() {
    if (!this.#call) return;
    const now = performance.now();
    for (const p of this.#call.participants()) {
      const slot = p.audio;
      if (p.isMuted) continue;
      if (p.isSelf) this.#speaking.hear(p.id, this.#meter.read(), now);
      else if (slot) this.#speaking.hear(p.id, receivedLevel(slot.receiver) ?? this.#levels.get(slot.mid) ?? 0, now);
    }
    this.#tiles.speak(this.#speaking.speakers(now));
  }

  async #measure() {
    const pc = this.#call?.pc;
    if (!pc || pc.connectionState === 'closed') return;
    const { quality, levels } = await this.#quality.read(pc);
    this.#levels = levels;
    this.#bars.dataset.bars = String(quality.bars);
    const words = ['unknown', 'poor', 'fair', 'good', 'very good'][quality.bars] ?? '';
    const figures = quality.rtt === null ? '' : `, ${Math.round(quality.rtt * 1000)} ms, ${((quality.loss ?? 0) * 100).toFixed(1)} % lost${quality.isRelayed ? ', through TURN' : ''}`;
    this.#bars.title = `Connection: ${words}${figures}`;
    this.#bars.setAttribute('aria-label', this.#bars.title);
    this.#settings.showQuality(this.#bars.title);
  }

  /** @param {import('./controls.js').Action} action */
  async #act(action) {
    const media = this.#media;
    switch (action) {
      case 'mic':
        if (!media.isMicOn && this.#isHeld('audio')) return;
        await media.setMic(!media.isMicOn);
        return this.#afterSwitch(media.isMicOn, media.problems.audio, 'Microphone');
      case 'camera':
        if (!media.isCameraOn && this.#isHeld('video')) return;
        await media.setCamera(!media.isCameraOn);
        return this.#afterSwitch(media.isCameraOn, media.problems.video, 'Camera');
      case 'share':
        if (media.isSharing) return media.stopSharing();
        if (this.#isHeld('video')) return;
        return void (await media.startSharing().catch((e) => toast(`The screen cannot be shared: ${e.message}`)));
      case 'hand':
        return this.#people.raiseHand();
      case 'people':
        return this.#people.toggle();
      case 'chat':
        return this.#chat.toggle();
      case 'link':
        return this.#copyLink();
      case 'call':
        return this.#callOut.open(this.#call);
      case 'settings':
        return this.#settings.open(this.#call);
      case 'hangup':
        return this.#call?.hangUp();
    }
  }

  /**
   * @param {boolean} isOn
   * @param {import('../media/local.js').Problem | null} problem
   * @param {string} device
   */
  #afterSwitch(isOn, problem, device) {
    const why = { refused: 'the browser may not use it', missing: 'none was found', busy: 'another program uses it', insecure: 'this address is not secure', failed: 'it did not start' };
    if (isOn || !problem) toast(`${device} ${isOn ? 'on' : 'off'}`);
    else toast(`${device} unavailable: ${why[problem]}`);
  }

  async #copyLink() {
    const link = location.origin + location.pathname;
    try {
      await navigator.clipboard.writeText(link);
      toast('Link copied: send it to whom you want here');
    } catch {
      toast(link); // no clipboard on this origin: it can be read at least
    }
  }
}
