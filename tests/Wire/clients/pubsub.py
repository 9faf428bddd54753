"""Two people at the service for everybody, by slixmpp's xep_0060. Prints what happened as JSON.

Usage: pubsub.py CERTIFICATE JID PASSWORD JID PASSWORD
"""
import asyncio
import json
import sys
from xml.etree import ElementTree as ET

from slixmpp.exceptions import IqError

from account import Account, until

SERVICE = 'pubsub.localhost'
ATOM = '{http://www.w3.org/2005/Atom}'


def client(jid, password, certificate):
    one = Account(jid, password, certificate)
    for plugin in ('xep_0004', 'xep_0060'):
        one.register_plugin(plugin)
    one.told = []
    for event in ('publish', 'retract', 'purge', 'delete', 'subscription'):
        one.add_event_handler(f'pubsub_{event}', lambda m, e=event: one.told.append(e))
    one.titles = []
    one.add_event_handler('pubsub_publish', lambda m: one.titles.append(m['pubsub_event']['items']['item']['payload'].find(ATOM + 'title').text))
    return one


def entry(title):
    return ET.fromstring(f"<entry xmlns='http://www.w3.org/2005/Atom'><title>{title}</title></entry>")


async def refusal(request):
    try:
        await request
        return None
    except IqError as e:
        return e.condition


async def main(certificate, jid_a, password_a, jid_b, password_b):
    told = {}
    a, b = client(jid_a, password_a, certificate), client(jid_b, password_b, certificate)
    for one in (a, b):
        await one.login()
        await one.online()
    pa, pb = a['xep_0060'], b['xep_0060']

    items = (await a['xep_0030'].get_items('localhost'))['disco_items']['items']
    told['listed'] = any(str(i[0]) == SERVICE for i in items)
    info = (await a['xep_0030'].get_info(SERVICE))['disco_info']
    told['identities'] = sorted(f'{i[0]}/{i[1]}' for i in info['identities'])

    form = a['xep_0004'].make_form(ftype='submit')
    form.add_field(var='FORM_TYPE', ftype='hidden', value='http://jabber.org/protocol/pubsub#node_config')
    form.add_field(var='pubsub#title', value='The news')
    form.add_field(var='pubsub#max_items', value='2')
    await pa.create_node(SERVICE, 'news', config=form)
    told['again'] = await refusal(pb.create_node(SERVICE, 'news'))
    told['title'] = (await pa.get_node_config(SERVICE, 'news'))['pubsub_owner']['configure']['form'].get_values()['pubsub#title']
    told['nodes'] = [str(i[1]) for i in (await pb.get_nodes(SERVICE))['disco_items']['items']]

    await pb.subscribe(SERVICE, 'news')
    for title in ('First', 'Second', 'Third'):
        await pa.publish(SERVICE, 'news', id=title.lower(), payload=entry(title))
    await until(lambda: len(b.titles) == 3, what='three entries')
    told['heard'] = list(b.titles)
    got = await pb.get_items(SERVICE, 'news')
    told['kept'] = [str(i['id']) for i in got['pubsub']['items']]
    told['forbidden'] = await refusal(pb.publish(SERVICE, 'news', payload=entry('Mine')))
    await pa.modify_affiliations(SERVICE, 'news', [(jid_b, 'publisher')])
    told['allowed'] = await refusal(pb.publish(SERVICE, 'news', id='mine', payload=entry('Mine')))
    told['affiliations'] = [[str(i['node']), i['affiliation']] for i in (await pb.get_affiliations(SERVICE))['pubsub']['affiliations']]
    told['subscribers'] = [str(s['jid']) for s in (await pa.get_node_subscriptions(SERVICE, 'news'))['pubsub_owner']['subscriptions']]

    closed = a['xep_0004'].make_form(ftype='submit')
    closed.add_field(var='FORM_TYPE', ftype='hidden', value='http://jabber.org/protocol/pubsub#node_config')
    closed.add_field(var='pubsub#access_model', value='whitelist')
    await pa.create_node(SERVICE, 'private', config=closed)
    told['closed'] = await refusal(pb.get_items(SERVICE, 'private'))

    b.told.clear()
    await pa.retract(SERVICE, 'news', 'mine', notify=True)
    await pa.purge(SERVICE, 'news')
    await pa.delete_node(SERVICE, 'news')
    await until(lambda: 'delete' in b.told, what='the end of the node')
    told['end'] = [t for t in b.told if t != 'publish']
    told['gone'] = await refusal(pb.get_items(SERVICE, 'news'))
    await a.goodbye()
    await b.goodbye()
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
