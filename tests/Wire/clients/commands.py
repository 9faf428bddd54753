"""Reserves a call room by ad-hoc commands (XEP-0050), as a person's client does. Prints as JSON what it saw.

Usage: commands.py CERTIFICATE JID PASSWORD HOST ROOM
"""
import asyncio
import json
import sys

from account import Account

COMMANDS = 'http://jabber.org/protocol/commands'


async def main(certificate, jid, password, host, room):
    account = Account(jid, password, certificate, host)
    for plugin in ('xep_0004', 'xep_0050'):
        account.register_plugin(plugin)
    await account.login()
    disco, commands = account['xep_0030'], account['xep_0050']
    info = await disco.get_info(jid=room)
    items = {node: name for _, node, name in (await disco.get_items(jid=room, node=COMMANDS))['disco_items']['items']}
    reserve = next(node for node in items if node.endswith('#reserve'))

    asked = await commands.send_command(room, reserve)
    form = asked['command']['form']
    fields = list(form.get_fields())
    answer = account['xep_0004'].make_form(ftype='submit')
    answer.add_field(var='duration', value='3600')
    done = await commands.send_command(room, reserve, action='complete', payload=answer.xml, sessionid=asked['command']['sessionid'])

    listed = await commands.send_command(room, reserve.replace('#reserve', '#list'))
    print(json.dumps({
        'features': list(info['disco_info']['features']),
        'commands': items,
        'status': [asked['command']['status'], done['command']['status'], listed['command']['status']],
        'fields': fields,
        'note': done['command']['notes'][0][1],
        'reserved': [item['room'] for item in listed['command']['form'].get_items()],
    }))
    await account.goodbye()


asyncio.run(main(*sys.argv[1:]))
