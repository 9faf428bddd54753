"""A moderator of a chat room to which a call is tied (XEP-0045), with a command list (XEP-0050): slixmpp.

Prints one JSON object a line. Lines on standard input: 'kick NICK' puts somebody out of the chat room, 'act LABEL WHAT' runs the call room's command on somebody, 'leave' ends.

Usage: moderating.py CERTIFICATE ROOM CALL JID PASSWORD OTHER-JID OTHER-PASSWORD
"""
import asyncio
import json
import sys

from slixmpp.xmlstream import ET

from account import Account
from muc_form import configure

output, sys.stdout = sys.stdout, sys.stderr
COMMANDS, FORMS = 'http://jabber.org/protocol/commands', 'jabber:x:data'


def say(**what):
    print(json.dumps(what), file=output, flush=True)


class Person(Account):
    def __init__(self, jid, password, certificate):
        super().__init__(jid, password, certificate)
        self.register_plugin('xep_0045')
        self.rooms = self['xep_0045']

    async def command(self, to, node, **fields):
        """Runs a step of a command: the form when nothing is filled in."""
        iq = self.make_iq_set(ito=to)
        command = ET.SubElement(iq.xml, f'{{{COMMANDS}}}command', {'node': node, 'action': 'execute'})
        if fields:
            form = ET.SubElement(command, f'{{{FORMS}}}x', {'type': 'submit'})
            for name, value in fields.items():
                ET.SubElement(ET.SubElement(form, f'{{{FORMS}}}field', {'var': name}), f'{{{FORMS}}}value').text = value
        return (await iq.send(timeout=15)).xml.find(f'{{{COMMANDS}}}command')

    async def act(self, call, label, what):
        form = await self.command(call, 'urn:parley:moderation:0#act')
        who = next(o.find(f'{{{FORMS}}}value').text for o in form.iter(f'{{{FORMS}}}option') if label in o.get('label', ''))
        done = await self.command(call, 'urn:parley:moderation:0#act', who=who, what=what)
        say(event='acted', status=done.get('status'), note=done.findtext(f'{{{COMMANDS}}}note'))


async def main(certificate, room, call, *people):
    ann, ben = (Person(people[i], people[i + 1], certificate) for i in (0, 2))
    for person in (ann, ben):
        await person.login()
        await person.online()
    await ann.rooms.join_muc_wait(room, 'ann', timeout=15)
    await configure(ann, room, membersonly=False)
    await ben.rooms.join_muc_wait(room, 'ben', timeout=15)
    say(event='there')
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while (words := (await reader.readline()).decode().split()) and words[0] != 'leave':
        if words[0] == 'kick':
            await ann.rooms.set_role(room, words[1], 'none')
            say(event='kicked')
        else:
            await ann.act(call, words[1], words[2])
    for person in (ann, ben):
        await person.goodbye()


asyncio.run(main(*sys.argv[1:]))
