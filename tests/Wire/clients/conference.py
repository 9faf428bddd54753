"""A client that knows of conferences what XEP-0521 says and nothing else: slixmpp for the words, aiortc for the media.

Prints one JSON object a line: what happened, and each second what it receives. A line 'leave' on standard input ends the call.

Usage: conference.py CERTIFICATE JID PASSWORD ROOM [no-bundle]
"""
import asyncio
import secrets
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.codecs import CODECS, HEADER_EXTENSIONS
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from slixmpp.xmlstream import ET

from calling import CallingAccount, Grey, say
from jingle_rtp import ICE, JINGLE, contents_from_sdp, group, sdp_from_jingle

COIN = 'urn:xmpp:coin:1'
INFO = 'urn:ietf:params:xml:ns:conference-info'
FEATURES = [JINGLE, ICE, 'urn:xmpp:jingle:apps:rtp:1', 'urn:xmpp:jingle:apps:rtp:audio', 'urn:xmpp:jingle:apps:rtp:video', 'urn:xmpp:jingle:apps:dtls:0',
            'urn:xmpp:jingle:av-conferences:0']

# Numbers that no browser uses for these: whoever forwards must not take one leg's numbers for another's.
EXTENSIONS = {'urn:ietf:params:rtp-hdrext:sdes:mid': 7, 'urn:ietf:params:rtp-hdrext:ssrc-audio-level': 9, 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time': 11}
for kind, payload_type in (('audio', 100), ('video', 110)):
    CODECS[kind][:] = [c for c in CODECS[kind] if c.mimeType in ('audio/opus', 'video/VP8')]
    for codec in CODECS[kind]:
        codec.payloadType = payload_type
    for extension in HEADER_EXTENSIONS[kind]:
        extension.id = EXTENSIONS[extension.uri]


class Conference(CallingAccount):
    def __init__(self, jid, password, certificate, room, bundles):
        super().__init__(jid, password, certificate, room)
        self.bundles = bundles
        self.sid = secrets.token_hex(8)
        self.pcs = {}
        self.streams = {}

    async def call(self):
        """Calls the room and sends, as for a call between two, one way."""
        for feature in FEATURES:
            self['xep_0030'].add_feature(feature)
        pc = self.pcs[self.sid] = RTCPeerConnection()
        self.watch(pc, self.sid)
        for track in (AudioStreamTrack(), Grey()):
            pc.addTransceiver(track, direction='sendonly')
        await pc.setLocalDescription(await pc.createOffer())
        jingle = ET.Element(f'{{{JINGLE}}}jingle', {'action': 'session-initiate', 'sid': self.sid, 'initiator': str(self.boundjid)})
        contents = contents_from_sdp(pc.localDescription.sdp, 'initiator', 'initiator')
        self.names = [c.get('name') for c in contents]
        if self.bundles:
            jingle.append(group(self.names))
        jingle.extend(contents)
        await self.request(jingle)
        say(event='called', sid=self.sid)

    def on_jingle(self, iq, jingle):
        action, sid = jingle.get('action'), jingle.get('sid')
        if action not in ('session-accept', 'session-initiate') and sid not in self.pcs:
            iq.error = True
            reply = iq.reply()
            reply['type'] = 'error'
            reply['error']['condition'] = 'item-not-found'
            return reply.send()
        iq.reply().send()
        asyncio.ensure_future(self.handle(action, sid, jingle))

    async def handle(self, action, sid, jingle):
        try:
            if action == 'session-accept':
                await self.accepted(jingle)
            elif action == 'session-initiate':
                await self.take(sid, jingle)
            elif action == 'session-terminate':
                reason = jingle.find(f'{{{JINGLE}}}reason')
                say(event='terminated', sid=sid, own=sid == self.sid, reason='' if reason is None else reason[0].tag.split('}')[1])
                self.streams.pop(sid, None)
                await self.pcs.pop(sid).close()
            else:
                say(event='ignored', action=action)
        except Exception as e:
            say(event='failed', action=action, error=f'{type(e).__name__}: {e}')
            raise

    async def accepted(self, jingle):
        focus = jingle.find(f'{{{COIN}}}conference-info')
        say(event='accepted', isfocus=focus is not None and focus.get('isfocus'), bundled=jingle.find('{urn:xmpp:jingle:apps:grouping:0}group') is not None)
        # An answer's sections stand in the offer's order.
        sdp = sdp_from_jingle(jingle, 'recvonly', self.names)
        await self.pcs[self.sid].setRemoteDescription(RTCSessionDescription(sdp=sdp, type='answer'))

    async def take(self, sid, jingle):
        """The room calls for each stream that it wants to send: each session is accepted."""
        info = jingle.find(f'{{{COIN}}}conference-info')
        user = next((u for u in info.iter() if u.tag.endswith('}user')), None) if info is not None else None
        senders = [c.get('senders') for c in jingle.findall(f'{{{JINGLE}}}content')]
        media = [c.find('{urn:xmpp:jingle:apps:rtp:1}description').get('media') for c in jingle.findall(f'{{{JINGLE}}}content')]
        self.streams[sid] = {'user': None if user is None else user.get('entity'), 'audio': 0, 'video': 0, 'width': 0}
        say(event='session', sid=sid, user=self.streams[sid]['user'], senders=senders, media=media, isfocus=info is not None and info.get('isfocus'))
        pc = self.pcs[sid] = RTCPeerConnection()
        self.watch(pc, sid)
        pc.on('track', lambda track: asyncio.ensure_future(self.consume(sid, track)))
        await pc.setRemoteDescription(RTCSessionDescription(sdp=sdp_from_jingle(jingle, 'sendonly'), type='offer'))
        await pc.setLocalDescription(await pc.createAnswer())
        answer = ET.Element(f'{{{JINGLE}}}jingle', {'action': 'session-accept', 'sid': sid, 'responder': str(self.boundjid)})
        contents = contents_from_sdp(pc.localDescription.sdp, 'initiator', 'initiator')
        if jingle.find('{urn:xmpp:jingle:apps:grouping:0}group') is not None:
            answer.append(group([c.get('name') for c in contents]))
        answer.extend(contents)
        await self.request(answer)

    async def consume(self, sid, track):
        """Decodes what comes: frames of video, and of audio 20 ms each."""
        try:
            while True:
                frame = await track.recv()
                if sid in self.streams:
                    self.streams[sid][track.kind] += 1
                    if track.kind == 'video':
                        self.streams[sid]['width'] = frame.width
        except MediaStreamError:
            pass

    def watch(self, pc, sid):
        pc.on('connectionstatechange', lambda: say(event='connection', sid=sid, own=sid == self.sid, state=pc.connectionState))

    async def leave(self):
        jingle = ET.Element(f'{{{JINGLE}}}jingle', {'action': 'session-terminate', 'sid': self.sid})
        ET.SubElement(ET.SubElement(jingle, f'{{{JINGLE}}}reason'), f'{{{JINGLE}}}success')
        await self.request(jingle)
        for pc in list(self.pcs.values()):
            await pc.close()
        await self.goodbye()


async def main(certificate, jid, password, room, *flags):
    client = Conference(jid, password, certificate, room, bundles='no-bundle' not in flags)
    say(event='login', **await client.login())
    await client.online()
    await client.call()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    line = asyncio.ensure_future(reader.readline())
    while not line.done():
        await asyncio.wait([line], timeout=1)
        say(event='receives', streams=sorted(client.streams.values(), key=lambda s: s['user'] or ''))
    await client.leave()
    say(event='left')


asyncio.run(main(*sys.argv[1:]))
