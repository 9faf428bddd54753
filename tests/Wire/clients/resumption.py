"""A client whose connection breaks and that resumes its stream (XEP-0198). Prints what both sides had, as JSON.

Usage: resumption.py CERTIFICATE JID PASSWORD JID PASSWORD
"""
import asyncio
import json
import sys

from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from account import Account, until
from breaking import JMI, cut, resume, send_call

async def main(certificate, jid_a, password_a, jid_b, password_b):
    ann, ben = Account(jid_a, password_a, certificate), Account(jid_b, password_b, certificate)
    ann.register_plugin('xep_0198')
    told, heard, answers, acknowledged = {'events': []}, [], [], []
    enabled = asyncio.get_running_loop().create_future()
    ann.add_event_handler('sm_enabled', lambda e: enabled.done() or enabled.set_result(bool(e['id'])))

    def on_message(message):
        verb = next((c.tag.split('}')[1] for c in message.xml if c.tag.startswith('{%s}' % JMI)), message['body'])
        heard.append(verb)

    ann.register_handler(Callback('every message', MatchXPath('{jabber:client}message'), on_message))
    ann.add_event_handler('stanza_acked', lambda s: acknowledged.append(s['body']) if s.name == 'message' else None)
    ben.add_event_handler('message', lambda m: answers.append(m['body']))
    left = []
    ben.add_event_handler('presence_unavailable', lambda p: left.append(str(p['from'])))

    await ann.login()
    told['enabled'] = await asyncio.wait_for(enabled, 10)
    await ann.online()
    await ben.login()
    await ben.online()
    ann.send_presence(pto=ben.boundjid.full)  # so that ben would hear of its end
    address = str(ann.boundjid)

    ben.send_message(mto=jid_a, mbody='1', mtype='chat')
    await until(lambda: heard == ['1'], what='the first message')
    ann.send_message(mto=ben.boundjid.full, mbody='from ann 1', mtype='chat')
    await until(lambda: answers == ['from ann 1'], what='the first answer')
    ann['xep_0198'].request_ack()
    await until(lambda: acknowledged == ['from ann 1'], what='an acknowledgement')

    # What is on its way when the connection breaks, and what comes while there is none.
    ann.transport.pause_reading()
    ben.send_message(mto=jid_a, mbody='2', mtype='chat')
    ben.send_message(mto=address, mbody='3', mtype='chat')
    await ben['xep_0199'].ping(ben.boundjid.domain)
    await cut(ann)
    ben.send_message(mto=jid_a, mbody='4', mtype='chat')
    send_call(ben, jid_a, 'propose', 'call')
    send_call(ben, jid_a, 'retract', 'call')
    await ben['xep_0199'].ping(ben.boundjid.domain)
    told['events'].append(await resume(ann))
    await until(lambda: 'retract' in heard, what='what came meanwhile')

    # And once more, with nothing open.
    await ann['xep_0199'].ping(ann.boundjid.domain)
    await cut(ann)
    told['events'].append(await resume(ann))
    ben.send_message(mto=address, mbody='5', mtype='chat')
    await until(lambda: '5' in heard, what='the last message')
    ann.send_message(mto=ben.boundjid.full, mbody='from ann 2', mtype='chat')
    await until(lambda: 'from ann 2' in answers, what='the last answer')
    told['before_goodbye'] = list(left)
    await ann['xep_0199'].ping(ann.boundjid.domain)

    # Whoever says goodbye is gone at once.
    await ann.goodbye()
    await until(lambda: left == [address], what='the end')
    told.update(heard=heard, answers=answers)
    await ben.goodbye()
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
