"""Asks for external services (XEP-0215), for which slixmpp has no plugin: the request is written by hand. Prints the answer as JSON.

Usage: extdisco.py CERTIFICATE JID PASSWORD [TYPE]
"""
import asyncio
import json
import sys

from account import Account
from slixmpp.xmlstream import ET

NS = 'urn:xmpp:extdisco:2'


async def main(certificate, jid, password, kind=None):
    account = Account(jid, password, certificate)
    await account.login()
    services = ET.Element(f'{{{NS}}}services', {'type': kind} if kind else {})
    ask = account.make_iq_get(ito=account.boundjid.domain)
    ask.append(services)
    answer = await ask.send(timeout=10)
    listed = [dict(s.attrib) for s in answer.xml.iter(f'{{{NS}}}service')]

    # Section 3.4: the credentials alone, by name.
    credentials = ET.Element(f'{{{NS}}}credentials')
    turn = next((s for s in listed if s['type'] == 'turn'), None)
    named = []
    if turn:
        ET.SubElement(credentials, f'{{{NS}}}service', {'type': 'turn', 'host': turn['host'], 'port': turn['port']})
        ask = account.make_iq_get(ito=account.boundjid.domain)
        ask.append(credentials)
        named = [dict(s.attrib) for s in (await ask.send(timeout=10)).xml.iter(f'{{{NS}}}service')]
    print(json.dumps({'services': listed, 'credentials': named}))
    await account.goodbye()


asyncio.run(main(*sys.argv[1:]))
