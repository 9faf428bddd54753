"""Asks a TURN server for peers, with aioice's STUN messages: what it says to each, 0 for yes and otherwise its error code. Prints JSON.

Usage: turn_peers.py ADDRESS USERNAME PASSWORD [permission:ADDRESS | channel:ADDRESS:PORT | hold]…
With 'hold' the allocation lives until standard input ends.
"""
import hashlib
import json
import socket
import sys
from collections import OrderedDict

from aioice import stun

UDP = 0x11000000


class Client:
    def __init__(self, server, username, password):
        self.server, self.username, self.password = (server, 3478), username, password
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(2)
        self.key = None

    def ask(self, method, **attributes):
        """One request, authenticated once the server has told how; sent again if nothing comes."""
        message = stun.Message(method, stun.Class.REQUEST, attributes=OrderedDict((n.replace('_', '-'), v) for n, v in attributes.items()))
        if self.key:
            message.attributes.update(USERNAME=self.username, REALM=self.realm, NONCE=self.nonce)
            message.add_message_integrity(self.key)
        for _ in range(3):
            self.socket.sendto(bytes(message), self.server)
            try:
                while True:
                    answer = stun.parse_message(self.socket.recv(2000))
                    if answer.transaction_id == message.transaction_id:
                        return answer
            except socket.timeout:
                continue
        raise TimeoutError(f'no answer to {method.name}')

    def allocate(self):
        challenge = self.ask(stun.Method.ALLOCATE, REQUESTED_TRANSPORT=UDP)
        if challenge.attributes['ERROR-CODE'][0] != 401:
            raise RuntimeError(f'no challenge: {challenge.attributes}')
        self.realm, self.nonce = challenge.attributes['REALM'], challenge.attributes['NONCE']
        self.key = hashlib.md5(f'{self.username}:{self.realm}:{self.password}'.encode()).digest()
        return self.ask(stun.Method.ALLOCATE, REQUESTED_TRANSPORT=UDP)

    def wish(self, text, number):
        kind, _, peer = text.partition(':')
        if kind == 'permission':
            return self.ask(stun.Method.CREATE_PERMISSION, XOR_PEER_ADDRESS=(peer, 0))
        address, _, port = peer.rpartition(':')
        return self.ask(stun.Method.CHANNEL_BIND, CHANNEL_NUMBER=0x4000 + number, XOR_PEER_ADDRESS=(address, int(port)))


def code(answer):
    return answer.attributes['ERROR-CODE'][0] if answer.message_class == stun.Class.ERROR else 0


server, username, password, *wishes = sys.argv[1:]
client = Client(server, username, password)
allocation = client.allocate()
told = {'allocate': code(allocation), 'realm': client.realm, 'results': {}}
if told['allocate'] == 0:
    told['relayed'] = list(allocation.attributes['XOR-RELAYED-ADDRESS'])
    told['lifetime'] = allocation.attributes['LIFETIME']
    for number, text in enumerate(w for w in wishes if w != 'hold'):
        told['results'][text] = code(client.wish(text, number))
print(json.dumps(told), flush=True)
if 'hold' in wishes:
    sys.stdin.read()
if told['allocate'] == 0:
    client.ask(stun.Method.REFRESH, LIFETIME=0)
