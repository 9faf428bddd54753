"""Asks for external services (XEP-0215), in both versions, and prints as JSON, a line each, the answers and then every push that comes.

Usage: pushes.py CERTIFICATE JID PASSWORD
"""
import asyncio
import json
import sys

from account import Account
from slixmpp.xmlstream import ET
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

NS = 'urn:xmpp:extdisco:'


def services(iq, version=2):
    return [dict(s.attrib) for s in iq.xml.iter(f'{{{NS}{version}}}service')]


async def main(certificate, jid, password):
    account = Account(jid, password, certificate)

    def pushed(iq):
        iq.reply().send()
        print(json.dumps({'push': services(iq), 'from': str(iq['from'])}), flush=True)

    account.register_handler(Callback('push', MatchXPath(f'{{jabber:client}}iq/{{{NS}2}}services'), lambda iq: iq['type'] == 'set' and pushed(iq)))
    await account.login()
    answers = {}
    for version in (1, 2):
        ask = account.make_iq_get(ito=account.boundjid.domain)
        ask.append(ET.Element(f'{{{NS}{version}}}services'))
        answers[version] = services(await ask.send(timeout=10), version)
    print(json.dumps({'answers': answers}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await account.goodbye()


asyncio.run(main(*sys.argv[1:]))
