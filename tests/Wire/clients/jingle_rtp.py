"""Jingle RTP contents (XEP-0167, 0176, 0293, 0294, 0320, 0338, 0339) from SDP and back: as much as a client of XEP-0521 needs."""
from aiortc.sdp import SessionDescription

from slixmpp.xmlstream import ET

JINGLE = 'urn:xmpp:jingle:1'
RTP = 'urn:xmpp:jingle:apps:rtp:1'
RTCP_FB = 'urn:xmpp:jingle:apps:rtp:rtcp-fb:0'
HDREXT = 'urn:xmpp:jingle:apps:rtp:rtp-hdrext:0'
SSMA = 'urn:xmpp:jingle:apps:rtp:ssma:0'
ICE = 'urn:xmpp:jingle:transports:ice-udp:1'
DTLS = 'urn:xmpp:jingle:apps:dtls:0'
GROUP = 'urn:xmpp:jingle:apps:grouping:0'


def contents_from_sdp(text, creator, senders):
    """The contents of a local description, as elements; RTX is left out: this client has none."""
    contents = []
    for media in SessionDescription.parse(text).media:
        content = ET.Element(f'{{{JINGLE}}}content', {'creator': creator, 'name': media.rtp.muxId, 'senders': senders})
        content.append(_description(media))
        content.append(_transport(media))
        contents.append(content)
    return contents


def _description(media):
    description = ET.Element(f'{{{RTP}}}description', {'media': media.kind})
    for codec in media.rtp.codecs:
        if codec.name.lower() == 'rtx':
            continue
        payload = ET.SubElement(description, f'{{{RTP}}}payload-type', {'id': str(codec.payloadType), 'name': codec.name, 'clockrate': str(codec.clockRate)})
        if codec.channels and codec.channels > 1:
            payload.set('channels', str(codec.channels))
        for name, value in codec.parameters.items():
            ET.SubElement(payload, f'{{{RTP}}}parameter', {'name': name, 'value': str(value)})
        for feedback in codec.rtcpFeedback:
            fb = ET.SubElement(payload, f'{{{RTCP_FB}}}rtcp-fb', {'type': feedback.type})
            if feedback.parameter:
                fb.set('subtype', feedback.parameter)
    for extension in media.rtp.headerExtensions:
        ET.SubElement(description, f'{{{HDREXT}}}rtp-hdrext', {'id': str(extension.id), 'uri': extension.uri})
    for source in media.ssrc:
        element = ET.SubElement(description, f'{{{SSMA}}}source', {'ssrc': str(source.ssrc)})
        for name in ('cname', 'msid'):
            if getattr(source, name):
                ET.SubElement(element, f'{{{SSMA}}}parameter', {'name': name, 'value': getattr(source, name)})
        break  # The second one is RTX's.
    ET.SubElement(description, f'{{{RTP}}}rtcp-mux')
    return description


def _transport(media):
    transport = ET.Element(f'{{{ICE}}}transport', {'ufrag': media.ice.usernameFragment, 'pwd': media.ice.password})
    setup = {'auto': 'actpass', 'client': 'active', 'server': 'passive'}[media.dtls.role]
    for fingerprint in media.dtls.fingerprints:
        ET.SubElement(transport, f'{{{DTLS}}}fingerprint', {'hash': fingerprint.algorithm, 'setup': setup}).text = fingerprint.value
    for number, c in enumerate(media.ice_candidates):
        ET.SubElement(transport, f'{{{ICE}}}candidate', {
            'id': f'c{number}', 'component': str(c.component), 'foundation': c.foundation, 'generation': '0', 'network': '0',
            'ip': c.ip, 'port': str(c.port), 'priority': str(c.priority), 'protocol': c.protocol, 'type': c.type})
    return transport


def group(names):
    """A BUNDLE of contents (XEP-0338)."""
    element = ET.Element(f'{{{GROUP}}}group', {'semantics': 'BUNDLE'})
    for name in names:
        ET.SubElement(element, f'{{{GROUP}}}content', {'name': name})
    return element


def sdp_from_jingle(jingle, direction, order=None):
    """A remote description. Each content's media flows in one direction, which the other side's SDP would call by this name."""
    contents = {c.get('name'): c for c in jingle.findall(f'{{{JINGLE}}}content')}
    names = order or list(contents)
    lines = ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0', 'a=msid-semantic:WMS *']
    bundle = jingle.find(f'{{{GROUP}}}group')
    if bundle is not None:
        lines.append('a=group:BUNDLE ' + ' '.join(c.get('name') for c in bundle.findall(f'{{{GROUP}}}content')))
    for name in names:
        lines += _section(contents[name], name, direction)
    return '\r\n'.join(lines) + '\r\n'


def _section(content, name, direction):
    description = content.find(f'{{{RTP}}}description')
    transport = content.find(f'{{{ICE}}}transport')
    payloads = description.findall(f'{{{RTP}}}payload-type')
    yield f"m={description.get('media')} 9 UDP/TLS/RTP/SAVPF {' '.join(p.get('id') for p in payloads)}"
    yield 'c=IN IP4 0.0.0.0'
    yield f'a={direction}'
    yield f'a=mid:{name}'
    if description.find(f'{{{RTP}}}rtcp-mux') is not None:
        yield 'a=rtcp-mux'
    for extension in description.findall(f'{{{HDREXT}}}rtp-hdrext'):
        yield f"a=extmap:{extension.get('id')} {extension.get('uri')}"
    for p in payloads:
        pt = p.get('id')
        channels = f"/{p.get('channels')}" if int(p.get('channels') or 1) > 1 else ''
        yield f"a=rtpmap:{pt} {p.get('name')}/{p.get('clockrate')}{channels}"
        parameters = [f"{x.get('name')}={x.get('value')}" if x.get('name') else x.get('value') for x in p.findall(f'{{{RTP}}}parameter')]
        if parameters:
            yield f"a=fmtp:{pt} {';'.join(parameters)}"
        for fb in p.findall(f'{{{RTCP_FB}}}rtcp-fb'):
            yield f"a=rtcp-fb:{pt} {fb.get('type')} {fb.get('subtype') or ''}".rstrip()
    for source in description.findall(f'{{{SSMA}}}source'):
        for x in source.findall(f'{{{SSMA}}}parameter'):
            yield f"a=ssrc:{source.get('ssrc')} {x.get('name')}:{x.get('value') or ''}"
    yield f"a=ice-ufrag:{transport.get('ufrag')}"
    yield f"a=ice-pwd:{transport.get('pwd')}"
    for fingerprint in transport.findall(f'{{{DTLS}}}fingerprint'):
        yield f"a=fingerprint:{fingerprint.get('hash')} {fingerprint.text.strip()}"
        yield f"a=setup:{fingerprint.get('setup')}"
    for c in transport.findall(f'{{{ICE}}}candidate'):
        related = f" raddr {c.get('rel-addr')} rport {c.get('rel-port')}" if c.get('rel-addr') else ''
        yield f"a=candidate:{c.get('foundation')} {c.get('component')} {c.get('protocol')} {c.get('priority')} {c.get('ip')} {c.get('port')} typ {c.get('type')}{related}"
