"""A telephone that is woken by push (XEP-0357) when it seems to be there and does not answer. Prints what its app server was told, as JSON.

Usage: phone.py CERTIFICATE PHONE PASSWORD CALLER PASSWORD APP PASSWORD
"""
import asyncio
import json
import sys
import xml.etree.ElementTree as ET

from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from account import Account, until
from breaking import cut, resume, send_call

PUSH, PUBSUB = 'urn:xmpp:push:0', 'http://jabber.org/protocol/pubsub'


async def main(certificate, *who):
    phone, caller, app = (Account(jid, password, certificate) for jid, password in zip(who[::2], who[1::2]))
    phone.register_plugin('xep_0198')
    woken, heard = [], []

    def on_push(iq):
        woken.append(iq.xml.find('.//{%s}publish' % PUBSUB).get('node'))
        iq.reply().send()

    app.register_handler(Callback('push', MatchXPath('{jabber:client}iq/{%s}pubsub' % PUBSUB), on_push))
    phone.register_handler(Callback('every message', MatchXPath('{jabber:client}message'), lambda m: heard.append(m['id'])))
    enabled = asyncio.get_running_loop().create_future()
    phone.add_event_handler('sm_enabled', lambda _: enabled.done() or enabled.set_result(None))
    for client in (phone, caller, app):
        await client.login()
        await client.online()
    await asyncio.wait_for(enabled, 10)
    enable = phone.make_iq_set()
    ET.SubElement(enable.xml, '{%s}enable' % PUSH, jid=str(app.boundjid.full), node='this-phone')
    await enable.send()

    # It is there and says so: nobody wakes it.
    send_call(caller, phone.boundjid.bare, 'propose', 'c1')
    await until(lambda: len(heard) == 1, what='the first call')
    phone['xep_0198'].request_ack()
    await caller['xep_0199'].ping(caller.boundjid.domain)
    told = {'awake': list(woken)}

    # In a tunnel: its connection stands, and nothing comes through.
    phone.transport.pause_reading()
    send_call(caller, phone.boundjid.bare, 'propose', 'c2')
    await until(lambda: len(woken) == 1, seconds=30, what='the push for a call')
    told['tunnel'] = list(woken)
    await cut(phone)
    told['resumed'] = await resume(phone)
    await until(lambda: len(heard) >= 2, what='the second call')

    # It loses its connection with something on its way.
    woken.clear()
    await phone['xep_0199'].ping(phone.boundjid.domain)
    phone.transport.pause_reading()
    caller.send_message(mto=phone.boundjid.bare, mbody='are you there?', mtype='chat')
    await caller['xep_0199'].ping(caller.boundjid.domain)
    await cut(phone)
    await until(lambda: len(woken) == 1, seconds=30, what='the push for a message')
    told['lost'] = list(woken)
    for client in (caller, app):
        await client.goodbye()
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
