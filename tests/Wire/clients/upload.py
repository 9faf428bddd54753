"""XEP-0363: slixmpp finds the service, uploads a file and downloads it. Prints what happened as JSON.

Usage: upload.py CERTIFICATE JID PASSWORD
"""
import asyncio
import io
import json
import os
import sys

# Before aiohttp makes its context: the server's own certificate alone is trusted.
os.environ['SSL_CERT_FILE'] = sys.argv[1]

import aiohttp  # noqa: E402
from account import Account  # noqa: E402
from slixmpp.plugins.xep_0363 import FileTooBig  # noqa: E402


async def main(certificate, jid, password):
    told = {}
    a = Account(jid, password, certificate)
    a.register_plugin('xep_0363')
    await a.login()
    await a.online()
    upload, disco = a['xep_0363'], a['xep_0030']

    async def info_from_domain(domain=None, **_):
        # slixmpp 1.8's own passes coroutines to asyncio.wait, which Python 3.11 no longer takes.
        items = await disco.get_items(domain or a.boundjid.domain)
        return [await disco.get_info(jid) for jid, _, _ in items['disco_items']['items']]

    disco.get_info_from_domain = info_from_domain
    info = await upload.find_upload_service(domain=a.boundjid.domain)
    told['service'] = str(info['from'])
    content = os.urandom(300_000)
    url = await upload.upload_file('très cool.png', content_type='image/png', input_file=io.BytesIO(content), size=len(content))
    told['url'] = url
    async with aiohttp.ClientSession() as http:
        async with http.get(url) as answer:
            told['get'] = [answer.status, answer.headers['Content-Type'], await answer.read() == content]
        async with http.get(url, headers={'Range': 'bytes=100-199'}) as answer:
            told['part'] = [answer.status, answer.headers['Content-Range'], await answer.read() == content[100:200]]
        slot = await upload.request_slot(info['from'], 'short.bin', 1000, 'application/octet-stream')
        async with http.put(slot['http_upload_slot']['put']['url'], data=b'x' * 999) as answer:
            told['short'] = answer.status
        async with http.get(slot['http_upload_slot']['get']['url']) as answer:
            told['nothing'] = answer.status
    try:
        await upload.upload_file('large.bin', input_file=io.BytesIO(b'x'), size=10**9)
        told['large'] = 'taken'
    except FileTooBig:
        told['large'] = 'too big'
    await a.goodbye()
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
