"""Two contacts who publish to one another: a tune, an avatar, a vCard; and bookmarks kept in two ways. Prints what happened as JSON.

Usage: personal_events.py CERTIFICATE JID PASSWORD JID PASSWORD
"""
import asyncio
import base64
import json
import sys
from xml.etree import ElementTree as ET

from account import Account, until

PLUGINS = ('xep_0004', 'xep_0048', 'xep_0049', 'xep_0054', 'xep_0060', 'xep_0084', 'xep_0115', 'xep_0118', 'xep_0153', 'xep_0163', 'xep_0223')
PICTURE = b'\x89PNG\r\n\x1a\nnot much of a picture'


def client(jid, password, certificate):
    one = Account(jid, password, certificate)
    for plugin in PLUGINS:
        one.register_plugin(plugin)
    one.tunes = []
    one.add_event_handler('user_tune_publish', lambda m: one.tunes.append((str(m['from']), m['pubsub_event']['items']['item']['tune']['title'])))
    one.avatars = []
    one.add_event_handler('avatar_metadata_publish', lambda m: one.avatars.append((str(m['from']), m['pubsub_event']['items']['item']['id'])))
    return one


async def main(certificate, jid_a, password_a, jid_b, password_b):
    told = {}
    a, b = client(jid_a, password_a, certificate), client(jid_b, password_b, certificate)
    await a.login()
    await a.online()
    await b.login()
    await b.online()
    a.send_presence_subscription(jid_b, ptype='subscribe')
    await until(lambda: a.client_roster[jid_b]['subscription'] == 'both' and b.client_roster[jid_a]['subscription'] == 'both', what='friendship')

    info = (await a['xep_0030'].get_info(jid_a))['disco_info']
    told['identities'] = sorted(f'{i[0]}/{i[1]}' for i in info['identities'])
    told['features'] = sorted(info['features'])

    await a['xep_0118'].publish_tune(title='First')
    await until(lambda: b.tunes and a.tunes, what='a tune')
    told['tune'] = b.tunes[0]
    told['own_tune'] = a.tunes[0]

    await a['xep_0084'].publish_avatar(PICTURE)
    picture = a['xep_0084'].generate_id(PICTURE)
    await a['xep_0084'].publish_avatar_metadata({'id': picture, 'type': 'image/png', 'bytes': str(len(PICTURE))})
    await until(lambda: b.avatars, what='an avatar')
    told['avatar'] = b.avatars[0]
    got = await b['xep_0084'].retrieve_avatar(jid_a, picture)
    told['same_picture'] = got['pubsub']['items']['item']['avatar_data']['value'] == PICTURE
    card = await b['xep_0054'].get_vcard(jid_a, cached=False)
    told['photo'] = [card['vcard_temp']['PHOTO']['TYPE'], base64.b64encode(card['vcard_temp']['PHOTO']['BINVAL']).decode() == base64.b64encode(PICTURE).decode()]
    items = (await b['xep_0030'].get_items(jid_a))['disco_items']['items']
    told['nodes'] = sorted(str(i[1]) for i in items)

    # Old bookmarks in private storage; new ones are asked for as XEP-0402 has them.
    bookmarks = a['xep_0048'].stanza.Bookmarks()
    bookmarks.add_conference('theplay@rooms.test', 'ann', autojoin=True)
    await a['xep_0048'].set_bookmarks(bookmarks, method='xep_0049')
    got = await a['xep_0060'].get_items(jid_a, 'urn:xmpp:bookmarks:1')
    told['bookmark'] = [str(i['id']) for i in got['pubsub']['items']]
    payload = ET.fromstring("<conference xmlns='urn:xmpp:bookmarks:1' name='Second' autojoin='true'/>")
    await a['xep_0060'].publish(jid_a, 'urn:xmpp:bookmarks:1', id='second@rooms.test', payload=payload)
    got = await a['xep_0048'].get_bookmarks(method='xep_0049')
    told['private'] = sorted(str(c['jid']) for c in got['private']['bookmarks']['conferences'])

    # Who comes later is told the last of each.
    await b.goodbye()
    await a['xep_0118'].publish_tune(title='Second')
    again = client(jid_b, password_b, certificate)
    await again.login()
    await again.online()
    await until(lambda: again.tunes and again.avatars, what='last items')
    told['last_tune'] = again.tunes[-1]
    told['last_avatar'] = again.avatars[-1]
    await again.goodbye()
    await a.goodbye()
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
