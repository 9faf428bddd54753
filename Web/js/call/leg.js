import { candidateToJingle, candidateToSdp } from '../jingle/candidate.js';
import { contentsFromSdp, groupFromSdp, ufragOf } from '../jingle/from-sdp.js';
import { jingle, muteInfo, readReason, reason } from '../jingle/messages.js';
import { parseSdp } from '../jingle/sdp.js';
import { sdpFromSections } from '../jingle/to-sdp.js';
import { XmppError } from '../xmpp/errors.js';
import { randomId } from '../xmpp/id.js';
import { NS } from '../xmpp/ns.js';
import { child, children, el } from '../xmpp/xml.js';
import { readConference } from './coin.js';

/** @typedef {import('../xmpp/xml.js').El} El */
/** @typedef {import('../xmpp/client.js').XmppClient} XmppClient */
/** @typedef {import('../jingle/to-sdp.js').RemoteSection} RemoteSection */
/** @typedef {import('../media/local.js').LocalMedia} LocalMedia */
/** @typedef {{ mid: string, track: MediaStreamTrack, receiver: RTCRtpReceiver }} Slot */

const ACCEPT_TIMEOUT = 20_000;
const CONNECT_TIMEOUT = 20_000;
const DISCONNECTED_PATIENCE = 5_000;

/**
 * The page's leg in a conference (docs/legs/web.md): one Jingle session, one RTCPeerConnection. It is made anew at each (re)join and never mended.
 */
export class Leg {
  /** @type {RTCPeerConnection} */
  pc;
  sid = randomId();
  /** Own participant id, known once accepted. */
  participant = '';
  /** @type {Map<string, Slot>} */
  slots = new Map();
  /** @type {import('./coin.js').Person[]} */
  people = [];
  /** Who began to record the call; null while nobody does. @type {string | null} */
  recordedBy = null;

  /** What moderators are told of the room; null for others. @type {import('./coin.js').Moderation | null} */
  moderation = null;

  /** It waits to be let in; how many are there who can do that. @type {(moderators: number) => void} */
  onWaiting = () => {};
  /** A moderator muted something, or took that back. @type {(done: import('./moderation.js').Done) => void} */
  onModerated = () => {};
  /** Something that is shown changed. @type {() => void} */
  onChange = () => {};
  /** It is over: by the room, or because media died. @type {(condition: string, detail: string) => void} called once */
  onEnd = () => {};

  #client;
  #room;
  /** @type {RemoteSection[]} */
  #sections = [];
  #version = 1;
  #coinVersion = -1;
  #isAcknowledged = false;
  #isOver = false;
  /** @type {El[]} */
  #unsent = [];
  #candidates = 0;
  // What the room takes for granted until told otherwise.
  #told = { mic: true, video: true, slides: false };
  /** @type {Promise<void>} negotiation goes one step at a time */
  #queue = Promise.resolve();
  /** @type {() => void} */
  #waiting = () => {};
  /** @type {() => void} */
  #accepted = () => {};
  /** @type {(e: Error) => void} */
  #refused = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;
  /** @type {RTCRtpTransceiver} */
  #audio;
  /** @type {RTCRtpTransceiver} */
  #video;

  /**
   * @param {XmppClient} client
   * @param {string} room
   * @param {RTCConfiguration} rtc
   */
  constructor(client, room, rtc) {
    this.#client = client;
    this.#room = room;
    this.pc = new RTCPeerConnection({ ...rtc, bundlePolicy: 'max-bundle' });
    // Both are offered whatever devices there are: one that comes later goes on the same sender.
    const stream = new MediaStream();
    this.#audio = this.pc.addTransceiver('audio', { direction: 'sendonly', streams: [stream] });
    this.#video = this.pc.addTransceiver('video', { direction: 'sendonly', streams: [stream] });
    this.pc.ontrack = ({ transceiver, track, receiver }) => {
      const { mid } = transceiver;
      if (mid) this.slots.set(mid, { mid, track, receiver });
      this.onChange();
    };
    this.pc.onicecandidate = ({ candidate }) => this.#trickle(candidate);
    this.pc.onconnectionstatechange = () => this.#onConnectionState();
  }

  /** Takes other STUN and TURN servers for the next time that candidates are gathered. @param {RTCIceServer[]} iceServers */
  useServers(iceServers) {
    if (this.pc.signalingState !== 'closed') this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers });
  }

  get isOver() {
    return this.#isOver;
  }

  get isConnected() {
    return this.pc.connectionState === 'connected';
  }

  /** Whether the room has told who is there. */
  get isInformed() {
    return this.#coinVersion >= 0;
  }

  /** Whether everybody whom the room tells of has arrived here. */
  get isComplete() {
    const here = (/** @type {import('./coin.js').MediaState} */ m) => !m.isActive || (m.slot !== null && this.slots.has(m.slot));
    return this.isInformed && this.people.every((p) => p.id === this.participant || (here(p.audio) && here(p.video)));
  }

  /** Whether ICE has looked everywhere and found not one address of this machine. */
  get hasNoCandidate() {
    return this.pc.iceGatheringState === 'complete' && this.#candidates === 0;
  }

  /**
   * Calls the room and waits until media can flow.
   * @param {{ token: string, nick: string, password: string }} who
   * @param {LocalMedia} media
   */
  async join({ token, nick, password }, media) {
    await this.publish(media);
    await this.pc.setLocalDescription(await this.pc.createOffer());
    const offer = this.pc.localDescription?.sdp ?? '';
    for (const s of parseSdp(offer).sections) this.#sections.push({ mid: s.mid, kind: s.kind === 'audio' ? 'audio' : 'video', content: null });
    const accepted = this.#awaitAccept();
    accepted.catch(() => {}); // awaited below; a refusal of the request comes first
    await this.#request(jingle('session-initiate', this.sid, { initiator: this.#client.jid },
      el(NS.leg, 'leg', { token }, password ? el(NS.leg, 'password', {}, password) : null),
      el(NS.nick, 'nick', {}, nick),
      groupFromSdp(offer),
      contentsFromSdp(offer, { creator: 'initiator', senders: 'initiator' })));
    this.#isAcknowledged = true;
    await this.#flush();
    await accepted;
    await this.publish(media);
    await Promise.all([this.#awaitConnected(), this.tell(media)]);
  }

  /**
   * Puts what there is on the senders.
   * @param {LocalMedia} media
   */
  async publish(media) {
    // The room may have refused one of them: then that one is stopped for good.
    if (this.#audio.direction !== 'stopped') await this.#audio.sender.replaceTrack(media.audioTrack);
    if (this.#video.direction === 'stopped') return;
    await this.#video.sender.replaceTrack(media.outgoingVideo);
    const parameters = this.#video.sender.getParameters();
    if (parameters.encodings?.[0] && this.pc.signalingState === 'stable' && this.pc.remoteDescription) {
      parameters.encodings[0].maxBitrate = media.videoBitrate;
      await this.#video.sender.setParameters(parameters).catch(() => {}); // a wish: some browsers refuse it between negotiations
    }
  }

  /**
   * Tells the room what is muted and what the picture shows.
   * @param {LocalMedia} media
   */
  async tell(media) {
    if (!this.participant || this.#isOver) return;
    const audio = this.#audio.mid ?? '0';
    const video = this.#video.mid ?? '1';
    // One payload a message (XEP-0166 section 7.2.10), and only what changed.
    if (this.#told.mic !== media.isMicOn) await this.info(muteInfo(audio, !(this.#told.mic = media.isMicOn)));
    if (this.#told.slides !== media.isSharing) await this.info(el(NS.leg, 'state', { name: video, content: (this.#told.slides = media.isSharing) ? 'slides' : 'camera' }));
    if (this.#told.video !== media.isVideoOn) await this.info(muteInfo(video, !(this.#told.video = media.isVideoOn)));
  }

  /** @param {El} payload */
  async info(payload) {
    if (this.#isOver || !this.#client.isOpen) return;
    await this.#request(jingle('session-info', this.sid, {}, payload)).catch((e) => console.warn('Parley: session-info was refused:', e.message));
  }

  /**
   * A request of the room in this session.
   * @param {El} message
   */
  onJingle(message) {
    if (this.#isOver) throw new XmppError('item-not-found', '', 'unknown-session');
    switch (message.attrs.action) {
      case 'session-accept': {
        const own = child(message, 'leg', NS.leg)?.attrs.participant;
        if (this.participant) throw new XmppError('unexpected-request', '', 'out-of-order');
        if (!own) throw new XmppError('bad-request', 'this is no answer to the call page');
        this.participant = own;
        this.#enqueue(async () => {
          await this.#take(message);
          this.#accepted();
        });
        return;
      }
      case 'session-terminate': {
        const { condition, detail } = readReason(message);
        this.#finish(condition, detail);
        return;
      }
      case 'content-add':
        // The page wins a glare (XEP-0166 section 7.2.16); the room tries again.
        if (!this.participant) throw new XmppError('conflict', '', 'tie-break');
        this.#enqueue(() => this.#addSlots(children(message, 'content')));
        return;
      case 'session-info':
        for (const payload of children(message)) if (payload.ns === NS.moderation) this.#onModeration(payload);
        return;
      case 'content-remove':
      case 'content-reject':
      case 'description-info':
        return;
      case 'transport-info':
        this.#enqueue(() => this.#addCandidates(children(message, 'content')));
        return;
      default:
        throw new XmppError('unexpected-request', '', 'out-of-order');
    }
  }

  /** @param {El} info */
  onConference(info) {
    const state = readConference(info);
    if (!state || state.version <= this.#coinVersion) return;
    this.#coinVersion = state.version;
    this.people = state.people;
    this.moderation = state.moderation;
    this.recordedBy = state.recordedBy;
    this.onChange();
  }

  /**
   * Leaves. Without a stream only DTLS says so.
   * @param {string} [why]
   */
  close(why = 'success') {
    if (this.#isOver) return;
    if (this.#client.isOpen && this.#isAcknowledged) this.#request(jingle('session-terminate', this.sid, {}, reason(why))).catch(() => {}); // leaving anyway
    this.onEnd = () => {};
    this.#finish(why, '');
  }

  /** The stream is lost: an answer would not arrive. */
  abandon() {
    if (!this.participant) this.#finish('disconnected', '');
  }

  /** @param {El} payload */
  #onModeration(payload) {
    if (payload.name === 'waiting' && !this.participant) {
      this.#waiting();
      this.onWaiting(Number(payload.attrs.moderators) || 0);
    }
    if (payload.name !== 'mute' && payload.name !== 'unmute') return;
    this.onModerated({ kind: payload.attrs.media === 'video' ? 'video' : 'audio', isMuted: payload.name === 'mute', isHeld: payload.attrs.held === 'true', by: payload.attrs.by || 'A moderator' });
  }

  /** @param {El} payload */
  #request(payload) {
    return this.#client.request('set', this.#room, payload);
  }

  /** @returns {Promise<void>} */
  #awaitAccept() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new XmppError('timeout', 'the room does not answer')), ACCEPT_TIMEOUT);
      this.#waiting = () => clearTimeout(timer); // for a person, who takes the time that it takes
      this.#accepted = () => (clearTimeout(timer), resolve());
      this.#refused = (e) => (clearTimeout(timer), reject(e));
    });
  }

  /** @param {El} accept */
  async #take(accept) {
    const contents = children(accept, 'content');
    for (const s of this.#sections) s.content = contents.find((c) => c.attrs.name === s.mid) ?? null;
    await this.pc.setRemoteDescription({ type: 'answer', sdp: sdpFromSections(this.#sections, this.#version++) });
  }

  /** @returns {Promise<void>} */
  #awaitConnected() {
    return new Promise((resolve, reject) => {
      if (this.isConnected) return resolve();
      const timer = setTimeout(() => done(new XmppError(this.hasNoCandidate ? 'no-candidates' : 'no-media')), CONNECT_TIMEOUT);
      const check = () => {
        if (this.isConnected) done(null);
        else if (this.pc.connectionState === 'failed' || this.hasNoCandidate) done(new XmppError(this.hasNoCandidate ? 'no-candidates' : 'no-media'));
      };
      const done = (/** @type {Error | null} */ error) => {
        clearTimeout(timer);
        this.pc.removeEventListener('connectionstatechange', check);
        this.pc.removeEventListener('icegatheringstatechange', check);
        if (error) reject(error);
        else resolve();
      };
      this.#refused = done;
      this.pc.addEventListener('connectionstatechange', check);
      this.pc.addEventListener('icegatheringstatechange', check);
      check();
    });
  }

  /** @param {() => Promise<void>} step */
  #enqueue(step) {
    this.#queue = this.#queue.then(step).catch((e) => {
      if (this.#isOver) return;
      console.error('Parley: negotiation failed:', e);
      this.#finish('failed-application', 'this browser did not take what the room offered');
    });
  }

  /** @param {El[]} contents */
  async #addSlots(contents) {
    const news = contents.filter((c) => c.attrs.name && !this.#sections.some((s) => s.mid === c.attrs.name));
    for (const content of news) {
      const media = child(content, 'description', NS.rtp)?.attrs.media;
      if (media === 'audio' || media === 'video') this.#sections.push({ mid: content.attrs.name ?? '', kind: media, content });
    }
    await this.pc.setRemoteDescription({ type: 'offer', sdp: sdpFromSections(this.#sections, this.#version++) });
    await this.pc.setLocalDescription(await this.pc.createAnswer());
    const mids = contents.map((c) => c.attrs.name ?? '');
    const answer = contentsFromSdp(this.pc.localDescription?.sdp ?? '', { creator: 'responder', senders: 'responder', mids });
    const taken = new Set(answer.map((c) => c.attrs.name));
    const rejected = contents.filter((c) => !taken.has(c.attrs.name ?? ''));
    if (answer.length > 0) await this.#answer(jingle('content-accept', this.sid, {}, answer));
    if (rejected.length > 0) {
      await this.#answer(jingle('content-reject', this.sid, {},
        rejected.map((c) => el(NS.jingle, 'content', { creator: 'responder', name: c.attrs.name, senders: 'responder' })), reason('unsupported-applications')));
    }
    this.onChange();
  }

  /**
   * A lost stream is no failure of the negotiation: the page is about to join again.
   * @param {El} payload
   */
  async #answer(payload) {
    await this.#request(payload).catch((e) => console.warn('Parley: the room did not take an answer:', e.message));
  }

  /** @param {El[]} contents */
  async #addCandidates(contents) {
    for (const content of contents) {
      for (const c of children(child(content, 'transport', NS.iceUdp), 'candidate')) {
        await this.pc.addIceCandidate({ candidate: candidateToSdp(c), sdpMid: content.attrs.name });
      }
    }
  }

  /** @param {RTCIceCandidate | null} candidate */
  #trickle(candidate) {
    if (!candidate?.candidate) return;
    this.#candidates++;
    const element = candidateToJingle(candidate.candidate, `c${this.#candidates}`);
    if (!element || this.#candidates > 32) return;
    const ufrag = ufragOf(this.pc.localDescription?.sdp ?? '');
    this.#unsent.push(el(NS.jingle, 'content', { creator: 'initiator', name: candidate.sdpMid ?? '0', senders: 'initiator' },
      el(NS.iceUdp, 'transport', { ufrag, pwd: this.#password() }, element)));
    if (this.#isAcknowledged) void this.#flush();
  }

  #password() {
    return /a=ice-pwd:(\S+)/.exec(this.pc.localDescription?.sdp ?? '')?.[1];
  }

  async #flush() {
    for (const content of this.#unsent.splice(0)) {
      // The room probes no candidate of ours: that one is lost harms nothing.
      this.#request(jingle('transport-info', this.sid, {}, content)).catch(() => {});
    }
  }

  #onConnectionState() {
    clearTimeout(this.#patience);
    const state = this.pc.connectionState;
    if (state === 'failed' && this.participant) this.#finish('connectivity-error', '');
    else if (state === 'disconnected') this.#patience = setTimeout(() => this.#finish('connectivity-error', ''), DISCONNECTED_PATIENCE);
    this.onChange();
  }

  /**
   * @param {string} condition
   * @param {string} detail
   */
  #finish(condition, detail) {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#patience);
    this.pc.close();
    this.#refused(new XmppError(condition, detail));
    this.onEnd(condition, detail);
  }
}
