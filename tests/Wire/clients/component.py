"""An echo as an external component (XEP-0114) by slixmpp, and somebody who talks with it. Prints what happened as JSON.

Usage: component.py CERTIFICATE JID PASSWORD COMPONENT SECRET PORT
"""
import asyncio
import json
import sys

import slixmpp
from account import Account
from slixmpp.xmlstream import ET

SERVICES = '{urn:xmpp:extdisco:2}services'


class Echo(slixmpp.ComponentXMPP):
    def __init__(self, name, secret, port):
        super().__init__(name, secret, '127.0.0.1', port)
        for plugin in ('xep_0030', 'xep_0199'):
            self.register_plugin(plugin)
        self['xep_0030'].add_identity(category='client', itype='bot', name='Echo')
        self.add_event_handler('message', self.on_message)
        self.add_event_handler('presence_subscribe', lambda p: self.send_presence(pto=p['from'].bare, pfrom='echo@' + name, ptype='subscribed'))
        self.add_event_handler('presence_probe', lambda p: self.send_presence(pto=p['from'].bare, pfrom='echo@' + name + '/bot'))

    def on_message(self, message):
        if message['type'] in ('chat', 'normal'):
            message.reply(message['body']).send()


async def main(certificate, jid, password, name, secret, port):
    told = {}
    person = Account(jid, password, certificate)
    await person.login()
    await person.online()
    echo = Echo(name, secret, int(port))
    started = asyncio.get_running_loop().create_future()
    echo.add_event_handler('session_start', lambda _: started.done() or started.set_result(None))
    echo.connect()
    await asyncio.wait_for(started, 10)

    for i in range(3):
        person.send_message(mto=f'echo@{name}', mbody=f'hello {i} <&> 😀', mtype='chat')
    told['echoes'] = [[str(m['from']), m['body']] for m in [await asyncio.wait_for(person.messages.get(), 5) for _ in range(3)]]
    items = await person['xep_0030'].get_items(person.boundjid.domain)
    told['items'] = sorted(str(i[0]) for i in items['disco_items']['items'])
    info = await person['xep_0030'].get_info(name)
    told['identity'] = sorted(i[3] for i in info['disco_info']['identities'] if i[3])
    told['ping'] = await echo['xep_0199'].ping(person.boundjid.domain, ifrom=name) > 0

    seen = asyncio.get_running_loop().create_future()
    person.add_event_handler('presence_subscribed', lambda p: seen.done() or seen.set_result(str(p['from'])))
    person.send_presence_subscription(f'echo@{name}', ptype='subscribe')
    told['subscribed'] = await asyncio.wait_for(seen, 5)

    # XEP-0215: a component of the server is somebody whom it lends TURN.
    ask = echo.make_iq_get(ito=person.boundjid.domain, ifrom=name)
    ask.append(ET.Element(SERVICES))
    answer = await ask.send(timeout=10)
    told['services'] = sorted({s.attrib['type'] for s in answer.xml.iter('{urn:xmpp:extdisco:2}service') if s.attrib.get('password') or s.attrib['type'] == 'stun'})

    await echo.disconnect(wait=2)
    await asyncio.sleep(0.3)
    try:
        await person['xep_0199'].ping(name)
        told['absent'] = 'answered'
    except slixmpp.exceptions.IqError as e:
        told['absent'] = e.condition
    await person.goodbye()
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
