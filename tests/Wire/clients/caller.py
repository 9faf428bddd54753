"""A client that knows calls between two people and nothing of conferences: slixmpp for the words, aiortc for the media. It calls a room like a person.

Prints one JSON object a line: what happened, and each second what it hears and sees. On standard input: 'camera' adds one to the call, 'leave' ends the call.

Usage: caller.py CERTIFICATE JID PASSWORD ROOM HERTZ SHADE [video] [message] [bundle] [listen=HERTZ,...]
HERTZ is what it says, SHADE (0 to 255) what its camera shows; 'message' begins the call by XEP-0353.
"""
import asyncio
import fractions
import math
import secrets
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from av import AudioFrame
from slixmpp.xmlstream import ET
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from calling import CallingAccount, Grey, say
from jingle_rtp import GROUP, ICE, JINGLE, RTP, SSMA, contents_from_sdp, group, sdp_from_jingle

JMI = 'urn:xmpp:jingle-message:0'
FEATURES = [JINGLE, JMI, ICE, RTP, 'urn:xmpp:jingle:apps:rtp:audio', 'urn:xmpp:jingle:apps:rtp:video', 'urn:xmpp:jingle:apps:dtls:0']
RATE = 48_000
WINDOW = RATE // 2


class Tone(AudioStreamTrack):
    """20 ms of a sine at a time."""

    def __init__(self, hertz):
        super().__init__()
        self.step, self.at = 2 * math.pi * hertz / RATE, 0

    async def recv(self):
        await super().recv()  # keeps the pace
        count = RATE // 50
        samples = b''.join(int(8_000 * math.sin(self.step * (self.at + i))).to_bytes(2, 'little', signed=True) for i in range(count))
        frame = AudioFrame(format='s16', layout='mono', samples=count)
        frame.planes[0].update(samples)
        frame.sample_rate, frame.time_base, frame.pts = RATE, fractions.Fraction(1, RATE), self.at
        self.at += count
        return frame


def level(samples, hertz):
    """How loud a tone is, in decibels of full scale (Goertzel)."""
    w = 2 * math.pi * hertz / RATE
    c, a, b = 2 * math.cos(w), 0.0, 0.0
    for x in samples:
        a, b = x + c * a - b, a
    power = max(a * a + b * b - c * a * b, 1e-9)
    return 20 * math.log10(2 * math.sqrt(power) / len(samples) / 32_768)


class Caller(CallingAccount):
    def __init__(self, jid, password, certificate, room, hertz, shade, flags):
        super().__init__(jid, password, certificate, room)
        self.tone, self.shade = Tone(hertz), Grey(shade)
        self.video, self.message, self.bundles = ('video' in flags), ('message' in flags), ('bundle' in flags)
        self.listen = next(([int(h) for h in f[7:].split(',')] for f in flags if f.startswith('listen=')), [])
        self.sid = secrets.token_hex(8)
        self.pc = RTCPeerConnection()
        self.remote = None
        self.heard, self.pictures, self.shown = [], 0, None
        self.proceed = asyncio.get_running_loop().create_future()
        self.register_handler(Callback('proceed', MatchXPath(f'{{jabber:client}}message/{{{JMI}}}proceed'), lambda m: self.proceed.done() or self.proceed.set_result(m['from'])))

    async def call(self):
        for feature in FEATURES:
            self['xep_0030'].add_feature(feature)
        if self.message:
            message = self.make_message(mto=self.room, mtype='chat')
            propose = ET.SubElement(message.xml, f'{{{JMI}}}propose', {'id': self.sid})
            for kind in ('audio', 'video')[:2 if self.video else 1]:
                ET.SubElement(propose, f'{{{RTP}}}description', {'media': kind})
            message.send()
            self.peer = str(await asyncio.wait_for(self.proceed, 15))
        self.pc.on('connectionstatechange', lambda: say(event='connection', state=self.pc.connectionState))
        self.pc.on('track', lambda track: asyncio.ensure_future(self.consume(track)))
        for track in (self.tone, self.shade)[:2 if self.video else 1]:
            self.pc.addTransceiver(track, direction='sendrecv')
        await self.pc.setLocalDescription(await self.pc.createOffer())
        jingle = self.jingle('session-initiate')
        jingle.set('initiator', str(self.boundjid))
        await self.request(self.offer(jingle, self.contents('both')))
        say(event='called', by=self.peer)

    def contents(self, senders):
        contents = contents_from_sdp(self.pc.localDescription.sdp, 'initiator', senders)
        # As most clients do: without a bundle there is no need to say which stream is which.
        for description in (c.find(f'{{{RTP}}}description') for c in contents if not self.bundles):
            for source in description.findall(f'{{{SSMA}}}source'):
                description.remove(source)
        return contents

    def offer(self, jingle, contents):
        self.names = [c.get('name') for c in self.contents('both')]
        if self.bundles:
            jingle.append(group(self.names))
        jingle.extend(contents)
        return jingle

    async def add_camera(self):
        """XEP-0166 section 7.2.2, on a transport of its own unless the call is bundled."""
        self.pc.addTransceiver(self.shade, direction='sendrecv')
        await self.pc.setLocalDescription(await self.pc.createOffer())
        await self.request(self.offer(self.jingle('content-add'), self.contents('both')[1:]))

    def jingle(self, action):
        return ET.Element(f'{{{JINGLE}}}jingle', {'action': action, 'sid': self.sid})

    def on_jingle(self, iq, jingle):
        iq.reply().send()
        asyncio.ensure_future(self.handle(jingle.get('action'), jingle))

    async def handle(self, action, jingle):
        try:
            if action == 'session-accept':
                self.remote = jingle
                say(event='accepted', media=[d.get('media') for d in jingle.iter(f'{{{RTP}}}description')], bundled=jingle.find(f'{{{GROUP}}}group') is not None)
                await self.answer()
            elif action == 'content-accept':
                self.remote.extend(jingle.findall(f'{{{JINGLE}}}content'))
                old, new = self.remote.find(f'{{{GROUP}}}group'), jingle.find(f'{{{GROUP}}}group')
                if old is not None and new is not None:
                    self.remote.remove(old)
                    self.remote.append(new)
                say(event='added')
                await self.answer()
            elif action == 'session-terminate':
                reason = jingle.find(f'{{{JINGLE}}}reason')
                say(event='terminated', reason='' if reason is None else reason[0].tag.split('}')[1])
            else:
                say(event='told', action=action)
        except Exception as e:
            say(event='failed', action=action, error=f'{type(e).__name__}: {e}')
            raise

    async def answer(self):
        # A transport is told once, with the first content of a bundle.
        contents = self.remote.findall(f'{{{JINGLE}}}content')
        for content in contents:
            transport = content.find(f'{{{ICE}}}transport')
            if transport is None or transport.get('ufrag') is None:
                if transport is not None:
                    content.remove(transport)
                content.append(contents[0].find(f'{{{ICE}}}transport'))
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp=sdp_from_jingle(self.remote, 'sendrecv', self.names), type='answer'))

    async def consume(self, track):
        try:
            while True:
                frame = await track.recv()
                if track.kind == 'video':
                    self.pictures += 1
                    plane = frame.planes[0]
                    self.shown = bytes(plane)[plane.line_size * (frame.height // 2) + frame.width // 2]
                    continue
                channels = len(frame.layout.channels)
                data = memoryview(bytes(frame.planes[0])[:frame.samples * 2 * channels]).cast('h')
                self.heard = (self.heard + data[::channels].tolist())[-WINDOW:]
        except MediaStreamError:
            pass

    def report(self):
        levels = {h: round(level(self.heard, h)) for h in self.listen} if len(self.heard) == WINDOW else {}
        say(event='receives', **{f'hears{h}': l for h, l in levels.items()}, pictures=self.pictures, sees=self.shown)

    async def leave(self):
        jingle = self.jingle('session-terminate')
        ET.SubElement(ET.SubElement(jingle, f'{{{JINGLE}}}reason'), f'{{{JINGLE}}}success')
        await self.request(jingle)
        await self.pc.close()
        await self.goodbye()


async def main(certificate, jid, password, room, hertz, shade, *flags):
    client = Caller(jid, password, certificate, room, int(hertz), int(shade), flags)
    say(event='login', **await client.login())
    await client.online()
    await client.call()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    line = asyncio.ensure_future(reader.readline())
    while True:
        await asyncio.wait([line], timeout=1)
        client.report()
        if not line.done():
            continue
        word = line.result().decode().strip()
        if word == 'camera':
            await client.add_camera()
        else:
            break
        line = asyncio.ensure_future(reader.readline())
    await client.leave()
    say(event='left')


asyncio.run(main(*sys.argv[1:]))
