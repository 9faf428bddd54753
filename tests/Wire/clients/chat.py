"""Two people of RFC 6121: log-in, roster, subscription, messages both ways, one to somebody who is away. Prints what happened as JSON.

Usage: chat.py CERTIFICATE JID PASSWORD JID PASSWORD
"""
import asyncio
import json
import sys

from account import Account, until


async def main(certificate, jid_a, password_a, jid_b, password_b):
    told = {}
    a, b = Account(jid_a, password_a, certificate), Account(jid_b, password_b, certificate)
    told['logins'] = [await a.login(), await b.login()]
    told['first_roster'] = await a.online()
    await b.online()

    # Both auto-authorize and subscribe in return, which is slixmpp's default.
    a.send_presence_subscription(jid_b, ptype='subscribe')
    await until(lambda: any(j.startswith(jid_b + '/') for j in a.seen) and any(j.startswith(jid_a + '/') for j in b.seen), what='presence both ways')
    await until(lambda: a.client_roster[jid_b]['subscription'] == 'both' and b.client_roster[jid_a]['subscription'] == 'both', what='roster pushes')

    b.send_presence(pshow='dnd', pstatus='busy')
    await until(lambda: any(j.startswith(jid_b + '/') and p['show'] == 'dnd' for j, p in a.seen.items()), what='a changed presence')
    told['status'] = next(p['status'] for j, p in a.seen.items() if j.startswith(jid_b + '/') and p['show'] == 'dnd')

    a.send_message(mto=jid_b, mbody='hello Ünïcode 😀 <&>', mtype='chat')
    got = await asyncio.wait_for(b.messages.get(), 5)
    told['to_bare'] = [got['body'], str(got['from'])]
    b.send_message(mto=str(got['from']), mbody='and back', mtype='chat')
    got = await asyncio.wait_for(a.messages.get(), 5)
    told['to_full'] = [got['body'], str(got['from'])]

    gone = asyncio.get_running_loop().create_future()
    a.add_event_handler('got_offline', lambda p: p['from'].bare == jid_b and not gone.done() and gone.set_result(None))
    await b.goodbye()
    await asyncio.wait_for(gone, 5)
    a.send_message(mto=jid_b, mbody='for later', mtype='chat')
    await asyncio.sleep(0.5)

    again = Account(jid_b, password_b, certificate)
    await again.login()
    told['second_roster'] = await again.online()
    got = await asyncio.wait_for(again.messages.get(), 5)
    told['offline'] = [got['body'], str(got['from'].bare), got['delay']['stamp'] is not None]
    told['ping'] = await again['xep_0199'].ping(again.boundjid.domain) > 0
    info = await again['xep_0030'].get_info(again.boundjid.domain)
    told['features'] = sorted(info['disco_info']['features'])
    told['items'] = sorted(str(i[0]) for i in (await again['xep_0030'].get_items(again.boundjid.domain))['disco_items']['items'])
    await again.goodbye()
    await a.goodbye()
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
