"""What clients share whose connections break (XEP-0198), and calls that they miss meanwhile (XEP-0353)."""
import asyncio
import xml.etree.ElementTree as ET

JMI = 'urn:xmpp:jingle-message:0'


def send_call(client, to, verb, call):
    message = client.make_message(mto=to, mtype='chat')
    ET.SubElement(message.xml, '{%s}%s' % (JMI, verb), id=call)
    message.send()


async def cut(client):
    gone = asyncio.get_running_loop().create_future()
    client.add_event_handler('disconnected', lambda _: gone.done() or gone.set_result(None), disposable=True)
    client.transport.abort()
    await asyncio.wait_for(gone, 5)


async def resume(client):
    done = asyncio.get_running_loop().create_future()
    for event in ('session_resumed', 'sm_failed', 'session_start'):
        client.add_event_handler(event, lambda _, e=event: done.done() or done.set_result(e), disposable=True)
    client.connect(client.address)
    return await asyncio.wait_for(done, 20)
