"""People on several servers who do what they are told on standard input, a line each, and print what happens to them, a line each.

Usage: talkers.py CERTIFICATE (NAME JID PASSWORD HOST)…

  login NAME            say NAME TO TEXT       subscribe NAME TO      ping NAME TO       disco NAME TO
  propose NAME TO ID    proceed NAME TO ID     join NAME ROOM NICK    shout NAME ROOM TEXT
  unlock NAME ROOM      share NAME SERVICE TO TEXT

Prints: NAME online, NAME message FROM TEXT, NAME error FROM CONDITION, NAME available FROM, NAME unavailable FROM, NAME subscribed FROM, NAME pong TO,
NAME info TO FEATURES, NAME propose FROM ID, NAME proceed FROM ID, NAME room FROM TEXT, NAME unlocked ROOM, NAME shared URL, NAME file FROM URL TEXT (what a link leads to, XEP-0066), NAME offline.
"""
import asyncio
import io
import os
import sys

# Before aiohttp makes its context: what the others' servers show is judged by this alone.
os.environ['SSL_CERT_FILE'] = sys.argv[1]

import aiohttp
import slixmpp
from account import Account
from slixmpp.xmlstream import ET
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

JMI = 'urn:xmpp:jingle-message:0'
OOB = 'jabber:x:oob'


def tell(*words):
    print(*words, flush=True)


class Person:
    def __init__(self, name, jid, password, host, certificate):
        self.name, self.jid, self.password, self.host, self.certificate = name, jid, password, host, certificate
        self.count = 0

    async def login(self):
        c = self.client = Account(self.jid, self.password, self.certificate, host=self.host)
        c.register_plugin('xep_0045')
        c.register_plugin('xep_0359')
        c.register_plugin('xep_0363')
        c.add_event_handler('message', self.on_message)
        # slixmpp tells of messages with a body only.
        for kind in ('propose', 'proceed'):
            c.register_handler(Callback(kind, MatchXPath(f'{{jabber:client}}message/{{{JMI}}}{kind}'), lambda m, k=kind: tell(self.name, k, m['from'], m.xml.find(f'{{{JMI}}}{k}').attrib['id'])))
        c.add_event_handler('message_error', self.on_error)
        c.add_event_handler('presence_available', lambda p: tell(self.name, 'available', p['from']))
        c.add_event_handler('presence_unavailable', lambda p: tell(self.name, 'unavailable', p['from']))
        c.add_event_handler('presence_subscribed', lambda p: tell(self.name, 'subscribed', p['from'].bare))
        c.add_event_handler('presence_error', lambda p: tell(self.name, 'error', p['from'], p['error']['condition']))
        c.add_event_handler('disconnected', lambda _: tell(self.name, 'offline'))
        await c.login()
        await c.online()
        tell(self.name, 'online')

    def on_message(self, m):
        if m['type'] == 'groupchat':
            tell(self.name, 'room', m['from'], m['body'])
        elif m['type'] != 'error' and (url := m.xml.findtext(f'{{{OOB}}}x/{{{OOB}}}url')):
            asyncio.ensure_future(self.fetch(m['from'], url))
        elif m['type'] != 'error' and m['body']:
            tell(self.name, 'message', m['from'], m['body'])

    async def fetch(self, sender, url):
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            tell(self.name, 'file', sender, url, answer.status, await answer.text())

    async def share(self, service, to, text):
        content = text.encode()
        slot = (await self.client['xep_0363'].request_slot(service, 'note.txt', len(content), 'text/plain'))['http_upload_slot']
        headers = {'Content-Type': 'text/plain', **{h['name']: h['value'] for h in slot['put']['headers']}}
        async with aiohttp.ClientSession() as http, http.put(slot['put']['url'], data=content, headers=headers) as answer:
            answer.raise_for_status()
        url = slot['get']['url']
        m = self.client.make_message(mto=to, mbody=url, mtype='chat')
        ET.SubElement(ET.SubElement(m.xml, f'{{{OOB}}}x'), f'{{{OOB}}}url').text = url
        m.send()
        tell(self.name, 'shared', url)

    def on_error(self, m):
        tell(self.name, 'error', m['from'], m['error']['condition'])

    def jingle(self, kind, to, sid):
        m = self.client.make_message(mto=to, mtype='chat')
        child = ET.SubElement(m.xml, f'{{{JMI}}}{kind}', {'id': sid})
        if kind == 'propose':
            ET.SubElement(child, '{urn:xmpp:jingle:apps:rtp:1}description', {'media': 'audio'})
        m.send()

    async def do(self, verb, rest):
        c = self.client
        if verb == 'say':
            to, text = rest.split(' ', 1)
            m = c.make_message(mto=to, mbody=text, mtype='chat')
            self.count += 1
            m['origin_id']['id'] = f'{self.name}-{self.count}'
            m.send()
        elif verb == 'subscribe':
            c.send_presence_subscription(rest, ptype='subscribe')
        elif verb in ('propose', 'proceed'):
            self.jingle(verb, *rest.split(' '))
        elif verb == 'join':
            room, nick = rest.split(' ')
            p = c.make_presence(pto=f'{room}/{nick}')
            ET.SubElement(p.xml, '{http://jabber.org/protocol/muc}x')
            p.send()
        elif verb == 'shout':
            room, text = rest.split(' ', 1)
            c.send_message(mto=room, mbody=text, mtype='groupchat')
        elif verb == 'unlock':
            iq = c.make_iq_set(ito=rest)
            ET.SubElement(ET.SubElement(iq.xml, '{http://jabber.org/protocol/muc#owner}query'), '{jabber:x:data}x', {'type': 'submit'})
            await iq.send(timeout=15)
            tell(self.name, 'unlocked', rest)
        elif verb == 'share':
            await self.share(*rest.split(' ', 2))
        elif verb == 'ping':
            try:
                await c['xep_0199'].send_ping(rest, timeout=15)
                tell(self.name, 'pong', rest)
            except slixmpp.exceptions.IqError as e:
                tell(self.name, 'error', rest, e.condition)
        elif verb == 'disco':
            info = await c['xep_0030'].get_info(rest, timeout=15)
            tell(self.name, 'info', rest, ' '.join(sorted(info['disco_info']['features'])))


async def main(certificate, *people):
    people = {people[i]: Person(*people[i:i + 4], certificate) for i in range(0, len(people), 4)}
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()
    while line := (await reader.readline()).decode().strip():
        verb, name, *rest = line.split(' ', 2)
        person = people[name]
        if verb == 'login':
            await person.login()
        elif verb in ('ping', 'disco', 'unlock', 'share'):
            task = asyncio.create_task(person.do(verb, rest[0]))
            tasks.add(task)
            task.add_done_callback(lambda t: tell('failed', t.exception()) if t.exception() else None)
        else:
            await person.do(verb, rest[0])


asyncio.run(main(*sys.argv[1:]))
