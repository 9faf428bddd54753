import { XmppClient, bare } from '../xmpp/client.js';
import { XmppError } from '../xmpp/errors.js';
import { iceServers } from '../xmpp/extdisco.js';
import { NS } from '../xmpp/ns.js';
import { el } from '../xmpp/xml.js';
import { Backoff } from './backoff.js';
import { callOut, readRing } from './call-out.js';
import { Chat } from './chat.js';
import { Leg } from './leg.js';
import { DOOR, act, readPassword, setPolicy } from './moderation.js';
import { record, recordingsLink } from './recording.js';
import { readReservation, reserve } from './reservation.js';

/** @typedef {import('../config.js').Config} Config */
/** @typedef {import('../media/local.js').LocalMedia} LocalMedia */
/** @typedef {import('../xmpp/login.js').Account} Account */
/** @typedef {import('../xmpp/xml.js').El} El */
/** @typedef {'joining' | 'waiting' | 'password' | 'connected' | 'reconnecting' | 'ended'} CallState */
/** @typedef {import('./coin.js').Silence} Silence */
/** @typedef {{ id: string, name: string, isSelf: boolean, isMuted: boolean, isVideoOn: boolean, isSlides: boolean, isModerator: boolean, hand: number | null, silence: { audio: Silence, video: Silence }, audio: import('./leg.js').Slot | null, video: import('./leg.js').Slot | null }} Participant */

// What trying again cannot mend.
const FINAL = new Set(['not-authorized', 'forbidden', 'resource-constraint', 'busy', 'decline', 'gone', 'expired', 'host-unknown', 'unsupported-applications', 'incompatible-parameters', 'bad-request', 'policy-violation', 'locked', 'members-only', 'removed', 'chat-room']);
const ASKS_PASSWORD = new Set(['password', 'wrong-password', 'too-many-tries']);
const NO_SILENCE = Object.freeze({ audio: null, video: null });

// How long a rejoin waits for everybody's media before it takes the screen.
const COMPLETION_PATIENCE = 4_000;

// Credentials for TURN last for hours; a new leg after so long is made with new ones.
const ICE_FRESH = 30 * 60_000;

/** A person's call: keeps a stream and a leg alive, whatever happens to either, until told to stop. */
export class Call {
  chat = new Chat();
  /** @type {CallState} */
  state = 'joining';
  /** Why it is not connected, or ended: a condition. */
  condition = '';
  detail = '';

  /** How many are there who can let one in, while one waits. */
  moderators = 0;

  /** A moderator muted something of one's own, or took that back. @type {(done: import('./moderation.js').Done) => void} */
  onModerated = () => {};
  /** @type {() => void} */
  onState = () => {};
  /** @type {() => void} */
  onChange = () => {};
  /** What becomes of somebody whom this page had called. @type {(ring: import('./call-out.js').Ring) => void} */
  onRing = () => {};

  /** @type {XmppClient | null} */
  #client = null;
  /** The leg that is shown. @type {Leg | null} */
  #leg = null;
  /** The leg that is being made. @type {Leg | null} */
  #coming = null;
  /** @type {RTCIceServer[]} */
  #ice = [];
  /** When they were told, in the page's own milliseconds. */
  #iceAt = 0;
  #backoff = new Backoff();
  #stop = new AbortController();
  /** @type {() => void} */
  #disturb = () => {};
  /** @type {{ pin: string | null }} */
  #view = { pin: null };
  #password = '';
  /** @type {(password: string) => void} */
  #givePassword = () => {};

  /**
   * @param {{ config: Config, token: string, name: string, account: Account | null, media: LocalMedia }} options
   */
  constructor({ config, token, name, account, media }) {
    this.config = config;
    this.room = `${config.room}@${config.callsDomain}`;
    this.token = token;
    this.name = name;
    this.account = account;
    this.media = media;
  }

  get pc() {
    return this.#leg?.pc ?? null;
  }

  /** Whether the room has told who is there. */
  get isInformed() {
    return this.#leg?.isInformed ?? false;
  }

  /** Who began to record the call; null while nobody does. */
  get recordedBy() {
    return this.#leg?.recordedBy ?? null;
  }

  get self() {
    return this.#leg?.participant ?? this.#coming?.participant ?? '';
  }

  /** Runs until the call ends. */
  async run() {
    while (!this.#stop.signal.aborted) {
      try {
        const disturbed = new Promise((/** @type {(value: void) => void} */ resolve) => (this.#disturb = resolve));
        await this.#connect();
        await this.#join();
        this.#backoff.reset();
        this.#become('connected');
        await disturbed;
        if (this.#stop.signal.aborted) return;
        this.#become('reconnecting', this.condition, this.detail);
      } catch (e) {
        if (this.#stop.signal.aborted) return;
        const error = e instanceof XmppError ? doorOf(e) : new XmppError('failed', e instanceof Error ? e.message : String(e));
        if (!(e instanceof XmppError)) console.error('Parley:', e);
        if (ASKS_PASSWORD.has(error.condition)) {
          this.#password = await this.#askPassword(error);
          continue;
        }
        if (FINAL.has(error.condition) || (error.condition === 'service-unavailable' && !this.#leg)) return this.#end(error.condition, error.detail);
        this.#become(this.#leg ? 'reconnecting' : 'joining', error.condition, error.detail);
      }
      await this.#backoff.wait(this.#stop.signal);
    }
  }

  /** What moderators are told of the room; null for others. */
  get moderation() {
    return this.#leg?.moderation ?? null;
  }

  /** What a moderator did to one's own streams. */
  get silence() {
    return this.#leg?.people.find((p) => p.id === this.#leg?.participant)?.silence ?? NO_SILENCE;
  }

  /** Gives the password that the room asks for. @param {string} password */
  givePassword(password) {
    this.#givePassword(password);
  }

  /** Does what moderators may, and everybody with their own hand. @param {import('./moderation.js').Act} name @param {Record<string, string>} [attrs] */
  async act(name, attrs = {}) {
    if (!this.#client?.isOpen) throw new XmppError('disconnected');
    await act(this.#client, this.room, name, attrs);
  }

  /** Says who may enter. @param {import('./moderation.js').Policy} policy */
  async setPolicy(policy) {
    if (!this.#client?.isOpen) throw new XmppError('disconnected');
    await setPolicy(this.#client, this.room, policy);
  }

  /** The room's password, for moderators; empty for none. */
  async readPassword() {
    if (!this.#client?.isOpen) throw new XmppError('disconnected');
    return readPassword(this.#client, this.room);
  }

  /** Begins or ends the recording. @param {'start' | 'stop'} action @param {'picture'} [mix] */
  async record(action, mix) {
    if (!this.#client?.isOpen) throw new XmppError('disconnected');
    await record(this.#client, this.room, action, mix);
  }

  /** The address of the room's recordings; empty where there is none. */
  async recordingsLink() {
    if (!this.#client?.isOpen) throw new XmppError('disconnected');
    return recordingsLink(this.#client, this.room);
  }

  /** Everybody that is there, oneself first. @returns {Participant[]} */
  participants() {
    const leg = this.#leg;
    const people = leg?.people ?? [];
    const own = leg?.participant ?? '';
    const me = people.find((p) => p.id === own);
    /** @type {Participant} */
    const self = {
      id: own || 'self', name: me?.name ?? this.name, isSelf: true, isMuted: !this.media.isMicOn, isVideoOn: this.media.isVideoOn, isSlides: this.media.isSharing,
      isModerator: me?.isModerator ?? false, hand: me?.hand ?? null, silence: me?.silence ?? NO_SILENCE, audio: null, video: null,
    };
    const others = people.filter((p) => p.id !== own).map((p) => {
      const video = (p.video.slot !== null && leg?.slots.get(p.video.slot)) || null;
      return {
        id: p.id, name: p.name, isSelf: false, isMuted: !p.audio.isActive,
        isVideoOn: p.video.isActive && video !== null, isSlides: p.video.isSlides,
        isModerator: p.isModerator, hand: p.hand, silence: p.silence,
        audio: (p.audio.slot !== null && leg?.slots.get(p.audio.slot)) || null, video,
      };
    });
    return [self, ...others];
  }

  /** The audio slots, fed or not: each is played for the session's life. */
  audioSlots() {
    return [...(this.#leg?.slots ?? [])].filter(([, slot]) => slot.track.kind === 'audio');
  }

  /** Puts the devices as they are now on the senders, and tells the room. */
  async mediaChanged() {
    for (const leg of [this.#leg, this.#coming]) {
      if (!leg || leg.pc.signalingState === 'closed') continue;
      await leg.publish(this.media);
      await leg.tell(this.media);
    }
    this.onChange();
  }

  /** @param {string} body */
  say(body) {
    if (!this.#client?.isOpen) return false;
    this.#client.send(this.chat.compose(this.room, body));
    return true;
  }

  /** Wishes to see somebody whatever happens. @param {string | null} participant */
  pin(participant) {
    this.#view.pin = participant;
    void this.#tellView();
  }

  /** Until when this account keeps the room open to guests; null: it does not. @returns {Promise<Date | null>} */
  async reservation() {
    if (!this.#client?.isOpen) throw new XmppError('disconnected');
    return readReservation(this.#client, this.room);
  }

  /** Keeps the room open to guests for a while, or no longer. @param {boolean} isOn @returns {Promise<Date | null>} until when */
  async reserve(isOn) {
    if (!this.#client?.isOpen) throw new XmppError('disconnected');
    return reserve(this.#client, this.room, isOn);
  }

  /** Lets the room call somebody. @param {string} who @param {boolean} withVideo */
  async callOut(who, withVideo) {
    if (!this.#client?.isOpen) throw new XmppError('disconnected');
    return callOut(this.#client, this.room, who, withVideo);
  }

  /** Leaves for good. */
  hangUp() {
    this.#end('success', '');
  }

  async #connect() {
    if (this.#client?.isOpen) return;
    const { config, account } = this;
    const url = new URL(config.websocket, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const domain = account ? config.domain : config.guestDomain;
    if (!domain) throw new XmppError('not-authorized', 'guests are not let in');
    const client = await XmppClient.connect(url.href, domain, account);
    client.onClose = (reason) => {
      if (client !== this.#client) return;
      [this.condition, this.detail] = ['disconnected', reason];
      this.#coming?.abandon();
      this.#disturb();
    };
    client.onRequest = (iq, payload) => this.#onRequest(iq, payload);
    client.onMessage = (m) => {
      if (bare(m.attrs.from ?? '') !== this.room || m.attrs.type === 'error') return;
      const ring = readRing(m);
      if (ring) this.onRing(ring);
      else this.chat.take(m, this.self);
    };
    this.#client = client;
    this.#ice = [];
    await this.#askServices(client);
  }

  /** @param {XmppClient} client */
  async #askServices(client) {
    try {
      const all = await iceServers(client);
      // No network lies between a browser and its own machine: there relays over TCP and TLS would cost their connections for nothing.
      const isHere = /^(localhost|127\.|\[::1\])/.test(location.hostname) && this.config.iceTransportPolicy !== 'relay';
      this.#ice = isHere ? all.filter((s) => !String(s.urls).endsWith('?transport=tcp')) : all;
      this.#iceAt = performance.now();
    } catch (e) {
      console.warn('Parley: the server names no STUN or TURN:', e instanceof Error ? e.message : e);
    }
  }

  // The server says what changed (XEP-0215 section 3.2); the whole list is as good, and says it in order. What the legs have goes on.
  async #servicesChanged() {
    if (!this.#client) return;
    await this.#askServices(this.#client);
    for (const leg of [this.#leg, this.#coming]) leg?.useServers(this.#ice);
  }

  async #join() {
    if (!this.#client) throw new XmppError('disconnected');
    if (performance.now() - this.#iceAt > ICE_FRESH) await this.#askServices(this.#client);
    const before = this.#leg;
    const leg = new Leg(this.#client, this.room, { iceServers: this.#ice, iceTransportPolicy: this.config.iceTransportPolicy ?? 'all' });
    this.#coming = leg;
    leg.onEnd = (condition, detail) => this.#onLegEnd(leg, condition, detail);
    leg.onWaiting = (moderators) => {
      this.moderators = moderators;
      this.#become('waiting');
    };
    leg.onModerated = (done) => this.onModerated(done);
    try {
      await leg.join({ token: this.token, nick: this.name, password: this.#password }, this.media);
      // What was seen until now stays on the screen until the new leg shows the same.
      if (before) await this.#completed(leg);
      if (leg.isOver) throw new XmppError('connectivity-error');
    } catch (e) {
      leg.close('failed-transport');
      throw e;
    } finally {
      this.#coming = null;
    }
    this.#leg = leg;
    leg.onChange = () => this.onChange();
    before?.close();
    if (this.#view.pin) void this.#tellView();
    this.onChange();
  }

  /**
   * @param {Leg} leg
   * @returns {Promise<void>}
   */
  #completed(leg) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, COMPLETION_PATIENCE);
      leg.onChange = () => {
        if (!leg.isComplete) return;
        clearTimeout(timer);
        resolve();
      };
      leg.onChange();
    });
  }

  /**
   * @param {Leg} leg
   * @param {string} condition
   * @param {string} detail
   */
  #onLegEnd(leg, condition, detail) {
    // A leg that is coming says so by rejecting join(); one that was replaced has nothing to say.
    if (leg !== this.#leg) return;
    // While its successor is made, the end of the old one is expected.
    if (this.#coming || this.state === 'reconnecting') return;
    if (FINAL.has(condition)) return this.#end(condition, detail);
    [this.condition, this.detail] = [condition, detail];
    this.#disturb();
  }

  /**
   * @param {El} iq
   * @param {El} payload
   * @returns {null}
   */
  #onRequest(iq, payload) {
    if (payload.ns === NS.extDisco && payload.name === 'services' && iq.attrs.type === 'set' && [undefined, this.#client?.domain].includes(iq.attrs.from)) {
      void this.#servicesChanged();
      return null;
    }
    if (bare(iq.attrs.from ?? '') !== this.room || iq.attrs.type !== 'set') throw new XmppError('service-unavailable');
    if (payload.ns === NS.jingle && payload.name === 'jingle') {
      const leg = [this.#coming, this.#leg].find((l) => l?.sid === payload.attrs.sid);
      if (!leg) throw new XmppError('item-not-found', '', 'unknown-session');
      leg.onJingle(payload);
      return null;
    }
    if (payload.ns === NS.conferenceInfo) {
      (this.#coming ?? this.#leg)?.onConference(payload);
      return null;
    }
    throw new XmppError('service-unavailable');
  }

  /**
   * @param {XmppError} why
   * @returns {Promise<string>}
   */
  #askPassword(why) {
    return new Promise((resolve) => {
      this.#givePassword = (password) => {
        this.#become('joining');
        resolve(password);
      };
      this.#stop.signal.addEventListener('abort', () => resolve(''), { once: true });
      this.#become('password', why.condition, why.detail);
    });
  }

  async #tellView() {
    const { pin } = this.#view;
    await this.#leg?.info(el(NS.leg, 'view', {}, pin ? el(NS.leg, 'pin', { participant: pin }) : null));
  }

  /**
   * @param {string} condition
   * @param {string} detail
   */
  #end(condition, detail) {
    if (this.state === 'ended') return;
    this.#stop.abort();
    this.#coming?.close();
    this.#leg?.close();
    // The goodbye goes out first: the stream closes when it has been sent.
    this.#client?.close();
    this.#disturb();
    this.#become('ended', condition, detail);
  }

  /**
   * @param {CallState} state
   * @param {string} [condition]
   * @param {string} [detail]
   */
  #become(state, condition = '', detail = '') {
    [this.state, this.condition, this.detail] = [state, condition, detail];
    this.onState();
    this.onChange();
  }
}

/**
 * The room's own word for why it lets nobody in, where it has one.
 * @param {XmppError} error
 */
function doorOf(error) {
  return DOOR.has(error.application) ? new XmppError(error.application, error.detail) : error;
}
