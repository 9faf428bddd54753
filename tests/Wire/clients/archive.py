"""XEP-0313 by slixmpp's own plugin: history after a reconnect, page by page from either end, by whom it is with. Prints what happened as JSON.

Usage: archive.py CERTIFICATE JID PASSWORD JID PASSWORD [HOST PORT]
"""
import asyncio
import json
import sys

from slixmpp.exceptions import IqError

from account import Account


def stanza_id(message, by):
    for child in message.xml.findall('{urn:xmpp:sid:0}stanza-id'):
        if child.get('by') == by:
            return child.get('id')
    return None


def words(results):
    return [r['mam_result']['forwarded']['message']['body'] for r in results]


class Reader(Account):
    def __init__(self, *args):
        super().__init__(*args)
        for plugin in ('xep_0280', 'xep_0313', 'xep_0359', 'xep_0441'):
            self.register_plugin(plugin)


async def main(certificate, jid_a, password_a, jid_b, password_b, *where):
    where = (where[0], int(where[1])) if where else ()
    told = {}
    a, a2, b = (Reader(*account, certificate, *where) for account in ((jid_a, password_a), (jid_a, password_a), (jid_b, password_b)))
    for account in (a, a2, b):
        await account.login()
        await account.online()
    await a2['xep_0280'].enable()
    carbons = asyncio.Queue()
    a2.add_event_handler('carbon_sent', lambda m: carbons.put_nowait(m['carbon_sent']))

    a.send_message(mto=jid_b, mbody='1', mtype='chat')
    live = await asyncio.wait_for(b.messages.get(), 5)
    told['live'] = [stanza_id(live, jid_b), stanza_id(live, jid_a)]
    copy = await asyncio.wait_for(carbons.get(), 5)
    told['carbon'] = [stanza_id(copy, jid_a), stanza_id(copy, jid_b)]
    await b.goodbye()
    for i in range(2, 26):
        a.send_message(mto=jid_b, mbody=str(i), mtype='chat')
    a.send_message(mto=jid_a, mbody='a note', mtype='chat')
    await a.plugin['xep_0199'].ping(jid_a)

    # Whoever comes back has the history, and of what waited both it and the offline message, under one id.
    again = Reader(jid_b, password_b, certificate, *where)
    await again.login()
    await again.online()
    late = await asyncio.wait_for(again.messages.get(), 5)
    info = await again['xep_0030'].get_info(jid_b)
    told['features'] = sorted(f for f in info['disco_info']['features'] if f.startswith(('urn:xmpp:mam', 'urn:xmpp:sid', 'urn:xmpp:message-retract')))
    told['all'], ids = [], []
    async for result in again['xep_0313'].iterate(rsm={'max': 10}):
        told['all'].append(result['mam_result']['forwarded']['message']['body'])
        ids.append(result['mam_result']['id'])
    told['live_is_archived'] = told['live'][0] == ids[0]
    told['offline_is_archived'] = [late['body'], stanza_id(late, jid_b) == ids[1]]
    told['carbon_is_archived'] = await first_id(a) == told['carbon'][0]

    told['back'] = [r['mam_result']['forwarded']['message']['body'] async for r in again['xep_0313'].iterate(reverse=True, rsm={'max': 4}, total=6)]
    before = await again['xep_0313'].retrieve(rsm={'max': 3, 'before': ids[4]})
    told['page_before'] = words(before['mam']['results'])
    told['with'] = [len([r async for r in a['xep_0313'].iterate(with_jid=jid_b, rsm={'max': 20})]), len([r async for r in a['xep_0313'].iterate(with_jid=jid_a)])]
    try:
        await again['xep_0313'].retrieve(rsm={'max': 3, 'after': 'unknown'})
    except IqError as e:
        told['unknown'] = e.iq['error']['condition']
    told['fields'] = sorted((await again['xep_0313'].get_fields()).get_fields())
    metadata = await again['xep_0313'].get_archive_metadata()
    told['metadata'] = [metadata['mam_metadata']['start']['id'] == ids[0], metadata['mam_metadata']['end']['id'] == ids[-1]]
    await again['xep_0441'].set_preferences(default='always', never=[jid_a])
    a.send_message(mto=jid_b, mbody='unkept', mtype='chat')
    await a.plugin['xep_0199'].ping(jid_a)
    told['after_never'] = len([r async for r in again['xep_0313'].iterate(rsm={'max': 100})])
    for account in (a, a2, again):
        await account.goodbye()
    print(json.dumps(told))


async def first_id(account):
    page = await account['xep_0313'].retrieve(rsm={'max': 1})
    return page['mam']['results'][0]['mam_result']['id']


asyncio.run(main(*sys.argv[1:]))
