"""What accounts that call a room have in common, whatever they know of conferences."""
import json

from aiortc.mediastreams import VideoStreamTrack
from av import VideoFrame
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from account import Account
from jingle_rtp import JINGLE


def say(**what):
    """One line for whoever runs the client."""
    print(json.dumps(what), flush=True)


class Grey(VideoStreamTrack):
    """Ten small frames a second, the machine has more to do; of one shade, or of another each time."""

    def __init__(self, shade=None):
        super().__init__()
        self.shade = shade

    async def recv(self):
        for _ in range(3):
            pts, time_base = await self.next_timestamp()
        frame = VideoFrame(width=320, height=240)
        for plane, value in zip(frame.planes, (pts // 3000 % 256 if self.shade is None else self.shade, 128, 128)):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, time_base
        return frame


class CallingAccount(Account):
    """Takes the room's Jingle requests, by on_jingle, and makes its own."""

    def __init__(self, jid, password, certificate, room):
        super().__init__(jid, password, certificate)
        self.room = self.peer = room
        self.register_handler(Callback('jingle', MatchXPath(f'{{jabber:client}}iq/{{{JINGLE}}}jingle'), self.on_request))

    def on_request(self, iq):
        if iq['from'].bare == self.room and iq['type'] == 'set':
            self.on_jingle(iq, iq.xml.find(f'{{{JINGLE}}}jingle'))

    async def request(self, jingle):
        iq = self.make_iq_set(ito=self.peer)
        iq.append(jingle)
        return await iq.send(timeout=15)
