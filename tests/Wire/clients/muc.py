"""Three people in chat rooms (XEP-0045): made, configured, entered, spoken in, kicked, banned from. Prints what happened as JSON.

Usage: muc.py CERTIFICATE ROOM JID PASSWORD [JID PASSWORD [JID PASSWORD]]
"""
import asyncio
import json
import sys

from slixmpp.exceptions import IqError, PresenceError

from account import Account, until
from muc_form import configure

# slixmpp's way of entering prints to standard output.
output, sys.stdout = sys.stdout, sys.stderr


class Person(Account):
    def __init__(self, jid, password, certificate):
        super().__init__(jid, password, certificate)
        for plugin in ('xep_0045', 'xep_0313', 'xep_0359'):
            self.register_plugin(plugin)
        self.rooms = self['xep_0045']
        self.said, self.gone = [], []
        self.add_event_handler('groupchat_message', lambda m: m['body'] and self.said.append((m['from'].resource, m['body'])))
        self.add_event_handler('groupchat_subject', lambda m: self.said.append((m['from'].resource, 'subject ' + m['subject'])))

    def watch(self, room):
        self.add_event_handler(f'muc::{room}::got_offline', self.on_gone)

    def on_gone(self, presence):
        codes = sorted(s.attrib['code'] for s in presence.xml.iter('{http://jabber.org/protocol/muc#user}status'))
        self.gone.append((presence['from'].resource, codes))

    async def hears(self, nick, what):
        await until(lambda: (nick, what) in self.said, what=f'{nick} saying {what} in {self.said}')


async def refused(entering):
    try:
        await entering
    except (PresenceError, IqError) as e:
        return e.condition
    return None


async def main(certificate, room, *people):
    people = [Person(people[i], people[i + 1], certificate) for i in range(0, len(people), 2)]
    for person in people:
        person.watch(room)
        await person.login()
        await person.online()
    ann, ben, cem = people
    told = {}
    service = room.split('@')[1]

    own, subject, _, _ = await ann.rooms.join_muc_wait(room, 'ann', timeout=10)
    told['created'] = sorted(s.attrib['code'] for s in own.xml.iter('{http://jabber.org/protocol/muc#user}status'))
    told['locked'] = await refused(ben.rooms.join_muc_wait(room, 'ben', timeout=10))
    await configure(ann, room, persistentroom=True, roomname='Tea', historylength='5')
    _, _, there, _ = await ben.rooms.join_muc_wait(room, 'ben', timeout=10)
    told['there'] = sorted(p['from'].resource for p in there)
    told['conflict'] = await refused(cem.rooms.join_muc_wait(room, 'ben', timeout=10))

    ann.send_message(mto=room, mbody='hello Ünïcode 😀 <&>', mtype='groupchat')
    await ben.hears('ann', 'hello Ünïcode 😀 <&>')
    ben.send_message(mto=room, mbody='and back', mtype='groupchat')
    await ann.hears('ben', 'and back')
    ann.rooms.set_subject(room, 'Which tea?')
    await ben.hears('ann', 'subject Which tea?')
    _, subject, _, history = await cem.rooms.join_muc_wait(room, 'cem', timeout=10)
    told['subject'] = subject['subject']
    await until(lambda: len(cem.said) >= 3, what='history')
    told['history'] = cem.said[:2]
    ben.send_message(mto=room + '/cem', mbody='psst', mtype='chat')
    private = await asyncio.wait_for(cem.messages.get(), 5)
    while private['type'] == 'groupchat':
        private = await asyncio.wait_for(cem.messages.get(), 5)
    told['private'] = [str(private['from']), private['body']]

    info = await cem['xep_0030'].get_info(room)
    told['features'] = sorted(info['disco_info']['features'])
    told['rooms'] = [[str(i[0]), i[2]] for i in (await cem['xep_0030'].get_items(service))['disco_items']['items']]
    told['ping'] = await cem['xep_0199'].ping(room + '/cem') > 0

    if 'urn:xmpp:mam:2' in told['features']:
        results = await cem['xep_0313'].retrieve(room)
        told['archive'] = [m['mam_result']['forwarded']['stanza']['body'] for m in results['mam']['results']]

    await ann.rooms.set_role(room, 'cem', 'none', reason='noise')
    await until(lambda: ('cem', ['110', '307']) in cem.gone and ('cem', ['307']) in ben.gone, what='a kick')
    await ann.rooms.set_affiliation(room, 'outcast', jid=ben.boundjid.bare)
    await until(lambda: ('ben', ['110', '301']) in ben.gone, what='a ban')
    told['banned'] = await refused(ben.rooms.join_muc_wait(room, 'ben', timeout=10))
    told['outcasts'] = await ann.rooms.get_affiliation_list(room, 'outcast')
    await configure(ann, room, membersonly=True)
    told['stranger'] = await refused(cem.rooms.join_muc_wait(room, 'cem', timeout=10))
    await ann.rooms.set_affiliation(room, 'member', jid=cem.boundjid.bare)
    told['member'] = await refused(cem.rooms.join_muc_wait(room, 'cem', timeout=10))
    told['not_owner'] = await refused(cem.rooms.get_room_config(room))
    for person in people:
        await person.goodbye()
    print(json.dumps(told), file=output)


asyncio.run(main(*sys.argv[1:]))
