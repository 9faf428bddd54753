"""One person with two devices (XEP-0280), who is called by JMI (XEP-0353) and answers with one of them. Prints what each device heard as JSON.

Usage: devices.py CERTIFICATE JID PASSWORD JID PASSWORD
"""
import asyncio
import json
import sys
import xml.etree.ElementTree as ET

from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from account import Account, until

JMI = 'urn:xmpp:jingle-message:0'


def call_message(client, to, verb, call):
    message = client.make_message(mto=to, mtype='chat')
    child = ET.SubElement(message.xml, '{%s}%s' % (JMI, verb), id=call)
    if verb == 'propose':
        ET.SubElement(child, '{urn:xmpp:jingle:apps:rtp:1}description', media='audio')
    message.send()


async def main(certificate, jid_a, password_a, jid_b, password_b):
    caller = Account(jid_a, password_a, certificate)
    phone, laptop = Account(jid_b, password_b, certificate), Account(jid_b, password_b, certificate)
    heard = {}
    for name, client in (('caller', caller), ('phone', phone), ('laptop', laptop)):
        client.register_plugin('xep_0280')
        heard[name] = []

        def on_message(message, name=name):
            if any(c.tag.startswith('{urn:xmpp:carbons:2}') and c.find('{urn:xmpp:forward:0}forwarded') is not None for c in message.xml):
                return
            verb = next((c.tag.split('}')[1] for c in message.xml if c.tag.startswith('{%s}' % JMI)), message['body'])
            heard[name].append(['direct', verb, str(message['from'])])

        def on_copy(kind, wrapped, name=name):
            inner = wrapped['carbon_' + kind]
            verb = next((c.tag.split('}')[1] for c in inner.xml if c.tag.startswith('{%s}' % JMI)), inner['body'])
            heard[name].append([kind, verb, str(wrapped['from'])])

        # slixmpp's own event is for messages with a body alone.
        client.register_handler(Callback('every message', MatchXPath('{jabber:client}message'), on_message))
        client.add_event_handler('carbon_sent', lambda m, f=on_copy: f('sent', m))
        client.add_event_handler('carbon_received', lambda m, f=on_copy: f('received', m))
        await client.login()
        await client.online()
    for client in (phone, laptop):
        await client['xep_0280'].enable()
        await client['xep_0280'].enable()

    def has(name, *wanted):
        return lambda: any(h[:2] == list(wanted) for h in heard[name])

    call_message(caller, jid_b, 'propose', 'call-1')
    await until(has('phone', 'direct', 'propose'), what='the phone to ring')
    await until(has('laptop', 'direct', 'propose'), what='the laptop to ring')
    call_message(phone, caller.boundjid.full, 'proceed', 'call-1')
    await until(has('caller', 'direct', 'proceed'), what='the caller to hear proceed')
    await until(has('laptop', 'sent', 'proceed'), what='the laptop to hear that the phone took it')

    caller.send_message(mto=phone.boundjid.full, mbody='to the phone', mtype='chat')
    await until(has('laptop', 'received', 'to the phone'), what='a copy of what the phone received')
    secret = caller.make_message(mto=phone.boundjid.full, mbody='for the phone alone', mtype='chat')
    ET.SubElement(secret.xml, '{urn:xmpp:carbons:2}private')
    ET.SubElement(secret.xml, '{urn:xmpp:hints}no-copy')
    secret.send()
    await until(has('phone', 'direct', 'for the phone alone'), what='the private message')
    await laptop['xep_0280'].disable()
    caller.send_message(mto=phone.boundjid.full, mbody='the last', mtype='chat')
    await until(has('phone', 'direct', 'the last'), what='the last message')
    await laptop['xep_0199'].ping(laptop.boundjid.domain)
    for client in (caller, phone, laptop):
        await client.goodbye()
    print(json.dumps(heard))


asyncio.run(main(*sys.argv[1:]))
