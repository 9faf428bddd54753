"""A client of Debian's slixmpp that logs in as its users have it, and tells how."""
import asyncio
import logging

import slixmpp

logging.basicConfig(level=logging.WARNING)


class Account(slixmpp.ClientXMPP):
    """One resource of an account; what it receives is kept for whoever asks."""

    def __init__(self, jid, password, certificate, host='127.0.0.1', port=5222):
        super().__init__(jid, password)
        self.address = (host, port)
        # The server made its own certificate: it alone is trusted here.
        self.ca_certs = certificate
        for plugin in ('xep_0030', 'xep_0199', 'xep_0203'):
            self.register_plugin(plugin)
        self.messages = asyncio.Queue()
        self.seen = {}
        self.add_event_handler('message', self.messages.put_nowait)
        for show in ('available', 'dnd'):
            self.add_event_handler(f'presence_{show}', self.on_presence)

    def on_presence(self, presence):
        self.seen[str(presence['from'])] = presence

    async def login(self, seconds=20):
        started = asyncio.get_running_loop().create_future()
        failures = ('failed_all_auth', 'connection_failed', 'stream_error', 'ssl_invalid_chain')
        self.add_event_handler('session_start', lambda _: started.done() or started.set_result(None))
        for failure in failures:
            self.add_event_handler(failure, lambda e, f=failure: started.done() or started.set_exception(RuntimeError(f'{f}: {e}')))
        self.connect(self.address)
        await asyncio.wait_for(started, seconds)
        return {
            'jid': str(self.boundjid),
            'mechanism': self['feature_mechanisms'].mech.name,
            'tls': self.transport.get_extra_info('ssl_object').version(),
        }

    async def online(self):
        """Roster first, then presence, as RFC 6121 §2.2 and §4.2 want it."""
        await self.get_roster()
        self.send_presence()
        return {jid: self.client_roster[jid]['subscription'] for jid in self.client_roster if jid != self.boundjid.bare}

    async def goodbye(self):
        await self.disconnect(wait=2)


async def until(condition, seconds=10, what='a condition'):
    """Waits until a condition holds."""
    for _ in range(int(seconds * 20)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(what)
