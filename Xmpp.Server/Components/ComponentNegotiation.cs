using System.Buffers.Text;
using System.Security.Cryptography;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Components;

/// <summary>The handshake of XEP-0114 (section 3).</summary>
internal sealed class ComponentNegotiation(XmppServerSettings settings, INonzaSink sink) : IComponentNegotiation
{
    private ComponentOptions? _asked;
    private string? _id;

    /// <inheritdoc/>
    public bool IsAuthenticated { get; private set; }

    /// <inheritdoc/>
    public ComponentStep Open(StreamHeader header)
    {
        if (_id is not null) return new ComponentStep.Fail(new StreamError(StreamConditions.BadFormat));
        // RFC 6120 section 4.7.3: unpredictable, since the credentials hang on it.
        _id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(15));
        _asked = Jid.TryParse(header.To, out var to) && to is { Local: null, Resource: null } ? settings.FindComponent(to.Domain) : null;
        sink.SendHeader(new StreamHeader(_asked is null ? settings.Domains[0] : to!.Domain, null, _id, null));
        return _asked is null ? new ComponentStep.Fail(new StreamError(StreamConditions.HostUnknown)) : ComponentStep.Read;
    }

    /// <inheritdoc/>
    public ComponentStep Receive(Element element)
    {
        if (!element.Is("handshake", Ns.Client) || !ComponentHandshake.IsRight(element.Value, _id!, _asked!.Secret)) return new ComponentStep.Fail(new StreamError(StreamConditions.NotAuthorized));
        IsAuthenticated = true;
        return new ComponentStep.Accept(Jid.Parse(_asked.Name).Domain);
    }
}
