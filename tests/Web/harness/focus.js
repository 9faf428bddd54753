// A stand-in for server, focus and relay in one page, speaking docs/legs/web.md with the page's own building blocks turned around.
import { contentsFromSdp, groupFromSdp } from '/meet/-/js/jingle/from-sdp.js';
import { sdpFromSections } from '/meet/-/js/jingle/to-sdp.js';
import { NS } from '/meet/-/js/xmpp/ns.js';
import { child, children, el, parse, text, write } from '/meet/-/js/xmpp/xml.js';

const ROOM = 'room@calls.localhost';
const peers = new Map();
const people = new Map();
let ids = 0;
let version = 0;
const events = [];
let stun = '';
let until = null;

function turn(content) {
  const swap = { initiator: 'responder', responder: 'initiator' };
  return { ...content, attrs: { ...content.attrs, senders: swap[content.attrs.senders] ?? content.attrs.senders } };
}

// Slots have names of their own here, so no packet may carry a mid.
function withoutMid(e) {
  return { ...e, children: e.children.filter((c) => typeof c === 'string' || c.attrs.uri !== 'urn:ietf:params:rtp-hdrext:sdes:mid').map((c) => (typeof c === 'string' ? c : withoutMid(c))) };
}

class Peer {
  constructor(id) {
    this.id = id;
    this.jid = `u${id}@guest.localhost/page`;
    this.stage = 'new';
    this.slots = [];
    this.queue = Promise.resolve();
  }

  send(e) {
    window.toPage(this.id, write(e));
  }

  take(xml) {
    const e = parse(xml);
    if (e.name === 'open') return this.open();
    if (e.name === 'auth') return this.send(el(NS.sasl, 'success'));
    if (e.name === 'message') return this.chat(e);
    if (e.name !== 'iq') return undefined;
    if (e.attrs.type === 'result' || e.attrs.type === 'error') return events.push([e.attrs.type, e.attrs.id, write(e)]);
    return this.request(e, children(e)[0]);
  }

  open() {
    this.send(el(NS.framing, 'open', { from: 'guest.localhost', version: '1.0' }));
    const first = this.stage === 'new';
    this.stage = first ? 'auth' : 'bound';
    this.send(el(NS.streams, 'features', {}, first ? el(NS.sasl, 'mechanisms', {}, ['ANONYMOUS', 'PLAIN'].map((m) => el(NS.sasl, 'mechanism', {}, m))) : el(NS.bind, 'bind')));
  }

  reply(iq, payload) {
    this.send(el(NS.client, 'iq', { type: 'result', id: iq.attrs.id, from: iq.attrs.to, to: this.jid }, payload));
  }

  request(iq, payload) {
    if (payload.name === 'bind') return this.reply(iq, el(NS.bind, 'bind', {}, el(NS.bind, 'jid', {}, this.jid)));
    if (payload.ns === NS.extDisco) return this.services(iq);
    if (payload.ns === NS.reservations) return this.reservation(iq, payload);
    if (payload.ns !== NS.jingle) return this.reply(iq);
    events.push([payload.attrs.action, this.id]);
    this.reply(iq);
    this.queue = this.queue.then(() => this.jingle(payload)).catch((e) => console.error('focus', e));
    return undefined;
  }

  services(iq) {
    events.push(['services', this.id]);
    this.reply(iq, el(NS.extDisco, 'services', {}, stun ? el(NS.extDisco, 'service', { type: 'stun', host: stun, port: '3478', transport: 'udp' }) : null));
  }

  reservation(iq, payload) {
    events.push([`${iq.attrs.type} ${payload.name} ${payload.attrs.duration ?? ''}`.trim(), this.id]);
    if (payload.name === 'release') until = null;
    else if (iq.attrs.type === 'set') until = new Date(Date.now() + Number(payload.attrs.duration) * 1000);
    if (payload.name === 'release') return this.reply(iq);
    if (until) return this.reply(iq, el(NS.reservations, 'reservation', { until: until.toISOString() }));
    return this.send(el(NS.client, 'iq', { type: 'error', id: iq.attrs.id, from: iq.attrs.to, to: this.jid }, el(NS.client, 'error', { type: 'cancel' }, el(NS.stanzaErrors, 'item-not-found'))));
  }

  ask(payload) {
    this.send(el(NS.client, 'iq', { type: 'set', id: `f${++ids}`, from: ROOM, to: this.jid }, payload));
  }

  async jingle(j) {
    const contents = children(j, 'content');
    switch (j.attrs.action) {
      case 'session-initiate':
        return this.initiate(j, contents);
      case 'content-accept':
        for (const c of contents) this.sections.find((s) => s.mid === this.midOf(c.attrs.name)).content = turn({ ...c, attrs: { ...c.attrs } });
        await this.pc.setRemoteDescription({ type: 'answer', sdp: sdpFromSections(this.sections, ++version).replaceAll('a=setup:actpass', 'a=setup:active') });
        this.adding = false;
        return sync();
      case 'session-info':
        for (const p of children(j)) {
          if (p.ns === NS.rtpInfo) this.person[p.attrs.name === '0' ? 'audio' : 'video'].on = p.name === 'unmute';
          if (p.name === 'state') this.person.slides = p.attrs.content === 'slides';
        }
        return sync();
      case 'session-terminate':
        return this.leave();
    }
    return undefined;
  }

  async initiate(j, contents) {
    const token = child(j, 'leg', NS.leg).attrs.token;
    for (const p of peers.values()) {
      if (p !== this && p.token === token) {
        p.ask(el(NS.jingle, 'jingle', { action: 'session-terminate', sid: p.sid }, el(NS.jingle, 'reason', {}, el(NS.jingle, 'expired'))));
        p.leave(true);
        this.person = p.person;
      }
    }
    if (this.pc) this.leave(true);
    this.token = token;
    this.sid = j.attrs.sid;
    this.slots = [];
    this.adding = false;
    this.person ??= { id: `p${++ids}`, name: text(child(j, 'nick', NS.nick)), audio: { on: true }, video: { on: true } };
    people.set(this.person.id, this.person);
    const pc = (this.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' }));
    pc.ontrack = ({ track }) => {
      this.person[track.kind].track = track;
      if (track.kind === 'audio') listen(track);
    };
    this.sections = contents.map((c) => ({ mid: c.attrs.name, kind: child(c, 'description', NS.rtp).attrs.media, content: turn(c) }));
    await pc.setRemoteDescription({ type: 'offer', sdp: sdpFromSections(this.sections, ++version) });
    // The room's side is passive, as the real one is.
    await pc.setLocalDescription({ type: 'answer', sdp: (await pc.createAnswer()).sdp.replaceAll('a=setup:active', 'a=setup:passive') });
    await new Promise((resolve) => {
      if (pc.iceGatheringState === 'complete') resolve();
      else pc.addEventListener('icegatheringstatechange', () => pc.iceGatheringState === 'complete' && resolve());
    });
    const sdp = pc.localDescription.sdp;
    this.ask(el(NS.jingle, 'jingle', { action: 'session-accept', sid: this.sid, responder: ROOM }, groupFromSdp(sdp),
      contentsFromSdp(sdp, { creator: 'initiator', senders: 'initiator' }).map(withoutMid),
      el(NS.leg, 'leg', { participant: this.person.id })));
    this.joined = true;
    sync();
  }

  midOf(name) {
    return this.slots.find((s) => s.name === name)?.mid ?? name;
  }

  // Gives every stream of everybody else a slot; reuses those that are free.
  async fill() {
    if (!this.joined || this.adding) return;
    const wanted = [...people.values()].filter((p) => p !== this.person).flatMap((p) => ['audio', 'video'].filter((k) => p[k].track).map((kind) => ({ p, kind, track: p[kind].track })));
    for (const s of this.slots) if (s.track && !wanted.some((w) => w.track === s.track)) { s.track = null; s.person = null; await s.sender.replaceTrack(null); }
    const news = [];
    for (const w of wanted) {
      if (this.slots.some((s) => s.track === w.track)) continue;
      let slot = this.slots.find((s) => s.kind === w.kind && !s.track);
      if (!slot) {
        const n = this.slots.filter((s) => s.kind === w.kind).length;
        slot = { kind: w.kind, name: w.kind[0] + n, transceiver: this.pc.addTransceiver(w.kind, { direction: 'sendonly', streams: [new MediaStream()] }) };
        slot.sender = slot.transceiver.sender;
        this.slots.push(slot);
        news.push(slot);
      }
      slot.track = w.track;
      slot.person = w.p;
      await slot.sender.replaceTrack(w.track);
    }
    if (news.length === 0) return;
    this.adding = true;
    await this.pc.setLocalDescription(await this.pc.createOffer());
    const sdp = this.pc.localDescription.sdp;
    for (const s of news) {
      s.mid = s.transceiver.mid;
      this.sections.push({ mid: s.mid, kind: s.kind, content: null });
    }
    const contents = contentsFromSdp(sdp, { creator: 'responder', senders: 'responder', mids: news.map((s) => s.mid) }).map(withoutMid);
    for (const c of contents) c.attrs.name = news.find((s) => s.mid === c.attrs.name).name;
    this.ask(el(NS.jingle, 'jingle', { action: 'content-add', sid: this.sid }, contents));
  }

  tell() {
    if (!this.joined) return;
    const users = [...people.values()].map((p) => el(NS.conferenceInfo, 'user', { entity: `xmpp:${p.id}` }, el(NS.conferenceInfo, 'display-text', {}, p.name),
      el(NS.conferenceInfo, 'endpoint', { entity: p.id }, ['audio', 'video'].map((kind) => {
        const slot = this.slots.find((s) => s.person === p && s.kind === kind);
        return el(NS.conferenceInfo, 'media', { id: slot?.name }, el(NS.conferenceInfo, 'type', {}, kind),
          kind === 'video' && p.slides ? el(NS.conferenceInfo, 'label', {}, 'slides') : null,
          el(NS.conferenceInfo, 'status', {}, p[kind].on && p[kind].track ? 'sendrecv' : 'inactive'));
      }))));
    this.ask(el(NS.conferenceInfo, 'conference-info', { entity: `xmpp:${ROOM}`, state: 'full', version: ++version }, el(NS.conferenceInfo, 'users', {}, users)));
  }

  chat(m) {
    for (const p of peers.values()) {
      if (p.joined) p.send(el(NS.client, 'message', { type: 'groupchat', from: `${ROOM}/${this.person.id}`, to: p.jid, id: m.attrs.id }, child(m, 'body'), el(NS.nick, 'nick', {}, this.person.name)));
    }
  }

  leave(keepPerson = false) {
    if (!this.joined) return;
    this.joined = false;
    this.pc?.close();
    this.pc = null;
    if (!keepPerson) {
      people.delete(this.person.id);
      this.person = null;
    }
    sync();
  }
}

function sync() {
  for (const p of peers.values()) {
    p.queue = p.queue.then(() => p.fill()).then(() => p.tell()).catch((e) => console.error('focus', e));
  }
}

// Chromium passes a remote voice on only while somebody plays it.
function listen(track) {
  const element = new Audio();
  element.srcObject = new MediaStream([track]);
  element.muted = true;
  void element.play();
  ears.push(element);
}
const ears = [];

let audio;
/** Somebody who is only drawn, and hums. */
function guest(name, { video = true, mic = true, loud = false, slides = false } = {}) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = slides ? [1280, 720] : [480, 270];
  const g = canvas.getContext('2d');
  const hue = (people.size * 67 + 20) % 360;
  setInterval(() => {
    const t = performance.now() / 1000;
    const { width: w, height: h } = canvas;
    if (slides) {
      g.fillStyle = '#f7f8fa'; g.fillRect(0, 0, w, h);
      g.fillStyle = '#1c2733'; g.font = '600 64px sans-serif'; g.fillText('Quarterly plans', 90, 160);
      g.font = '36px sans-serif'; ['One room, everybody in it', 'No account needed', 'Works on a phone too'].forEach((s, i) => g.fillText(`•  ${s}`, 100, 280 + i * 84));
      g.fillStyle = '#2fb79b'; g.fillRect(90, 620, 200 + 100 * Math.sin(t), 14);
      return;
    }
    const bg = g.createLinearGradient(0, 0, w, h);
    bg.addColorStop(0, `hsl(${hue} 30% 55%)`); bg.addColorStop(1, `hsl(${hue + 40} 35% 25%)`);
    g.fillStyle = bg; g.fillRect(0, 0, w, h);
    g.fillStyle = `hsl(${hue + 180} 25% 20%)`; g.beginPath(); g.ellipse(w / 2, h * 1.05, w * 0.26, h * 0.42, 0, 0, 7); g.fill();
    g.fillStyle = `hsl(25 ${40 + (hue % 20)}% ${45 + (hue % 30)}%)`; g.beginPath(); g.ellipse(w / 2 + 4 * Math.sin(t), h * 0.42, h * 0.2, h * 0.25, 0, 0, 7); g.fill();
  }, 100);
  audio ??= new AudioContext();
  const tone = audio.createOscillator(), gain = audio.createGain(), out = audio.createMediaStreamDestination();
  tone.frequency.value = 220 + people.size * 20;
  gain.gain.value = loud ? 0.2 : 0;
  tone.connect(gain).connect(out);
  tone.start();
  const person = { id: `g${++ids}`, name, slides, audio: { on: mic, track: out.stream.getAudioTracks()[0] }, video: { on: video, track: canvas.captureStream(10).getVideoTracks()[0] } };
  people.set(person.id, person);
  sync();
  return person.id;
}

window.focus_ = {
  take: (id, xml) => {
    if (!peers.has(id)) peers.set(id, new Peer(id));
    peers.get(id).take(xml);
  },
  guest: (name, options) => guest(name, options),
  say: (id, body) => {
    for (const p of peers.values()) if (p.joined) p.send(el(NS.client, 'message', { type: 'groupchat', from: `${ROOM}/${id}`, to: p.jid, id: `m${++ids}` }, el(NS.client, 'body', {}, body), el(NS.nick, 'nick', {}, people.get(id).name)));
  },
  pushServices: (host) => {
    stun = host;
    for (const p of peers.values()) if (p.joined) p.send(el(NS.client, 'iq', { type: 'set', id: `x${++ids}`, from: 'guest.localhost', to: p.jid }, el(NS.extDisco, 'services', {}, el(NS.extDisco, 'service', { action: 'add', type: 'stun', host, port: '3478', transport: 'udp' }))));
  },
  drop: (id) => { people.delete(id); sync(); },
  events,
  people: () => [...people.values()].map((p) => ({ id: p.id, name: p.name, audio: p.audio.on, video: p.video.on, slides: !!p.slides })),
};
