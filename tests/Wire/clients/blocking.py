"""XEP-0191: one of two contacts blocks the other and takes it back. Prints what both saw as JSON.

Usage: blocking.py CERTIFICATE JID PASSWORD JID PASSWORD
"""
import asyncio
import json
import sys

from account import Account, until
from slixmpp.exceptions import IqError


async def main(certificate, jid_a, password_a, jid_b, password_b):
    told = {}
    a, second, b = Account(jid_a, password_a, certificate), Account(jid_a, password_a, certificate), Account(jid_b, password_b, certificate)
    for client in (a, second, b):
        client.register_plugin('xep_0191')
        client.gone, client.errors = [], []
        client.add_event_handler('presence_unavailable', lambda p, c=client: c.gone.append(str(p['from'])))
        client.add_event_handler('message_error', lambda m, c=client: c.errors.append([m['error']['condition'], str(m['from'].bare)]))
        await client.login()
        await client.online()
    b.send_presence_subscription(jid_a, ptype='subscribe')
    await until(lambda: a.client_roster[jid_b]['subscription'] == 'both' and b.client_roster[jid_a]['subscription'] == 'both', what='subscriptions')
    await until(lambda: str(a.boundjid) in b.seen, what='presence')

    pushes = []
    second.add_event_handler('blocked', lambda iq: pushes.append(['block', sorted(str(j) for j in iq['block']['items'])]))
    second.add_event_handler('unblocked', lambda iq: pushes.append(['unblock', sorted(str(j) for j in iq['unblock']['items'])]))
    told['before'] = [str(j) for j in (await second['xep_0191'].get_blocked())['blocklist']['items']]
    await a['xep_0191'].block(jid_b)
    await until(lambda: str(a.boundjid) in b.gone and len(pushes) == 1, what='the contact gone')
    told['list'] = [str(j) for j in (await a['xep_0191'].get_blocked())['blocklist']['items']]

    b.send_message(mto=jid_a, mbody='can you hear me?', mtype='chat')
    b.send_message(mto=str(a.boundjid), mbody='and now?', mtype='chat')
    await until(lambda: len(b.errors) == 2, what='refusals')
    told['sender'] = b.errors
    try:
        await b['xep_0030'].get_info(str(a.boundjid), timeout=5)
        told['iq'] = 'answered'
    except IqError as e:
        told['iq'] = e.condition
    a.send_message(mto=jid_b, mbody='not to you', mtype='chat')
    await until(lambda: a.errors, what='the own refusal')
    told['own'] = a.errors
    told['heard'] = [c.messages.qsize() for c in (a, second, b)]

    b.seen.clear()
    await a['xep_0191'].unblock(jid_b)
    await until(lambda: str(a.boundjid) in b.seen and len(pushes) == 2, what='the contact back')
    told['pushes'] = pushes
    while not a.messages.empty():
        a.messages.get_nowait()
    b.send_message(mto=jid_a, mbody='again', mtype='chat')
    told['again'] = (await asyncio.wait_for(a.messages.get(), 5))['body']
    for client in (a, second, b):
        await client.goodbye()
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
