using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Peers;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Streams;
using Parley.Xmpp.Server.Streams.Connections;

namespace Parley.Xmpp.Server.Components;

/// <summary>One external component's stream: with one domain (XEP-0114) or as many as it binds (XEP-0225).</summary>
internal sealed class ComponentStream : PeerStream
{
    private readonly ExternalComponents _components;
    private readonly ComponentKeys _keys;
    private readonly PeerLanes _lanes;
    private IComponentNegotiation? _negotiation;
    private HostnameBinding? _hosts; // there with XEP-0225
    private string? _domain; // there with XEP-0114

    public ComponentStream(TcpXmppConnection connection, PeerContext context, ExternalComponents components, ComponentKeys keys, ConnectionPlace? place = null) : base(connection, context, place)
    {
        (_components, _keys) = (components, keys);
        _lanes = new PeerLanes(context.Limits);
    }

    /// <summary>Queues a stanza for the component, if there is room.</summary>
    public Enqueued TrySend(Stanza stanza) => Outbound.TryEnqueue(new Outgoing(Connection.Format(stanza), stanza, null, Context.Time.GetUtcNow().UtcTicks));

    protected override ValueTask OpenedAsync(StreamHeader header)
    {
        _negotiation ??= Connection.Content == Ns.Client ? new ComponentLogin(Context.Settings, _keys, this, Connection.Security) : new ComponentNegotiation(Context.Settings, this);
        return DoAsync(_negotiation.Open(header));
    }

    protected override async ValueTask ReceiveAsync(Element element)
    {
        if (!_negotiation!.IsAuthenticated)
        {
            await DoAsync(_negotiation.Receive(element));
        }
        else if (!PeerStanza.IsOne(element))
        {
            Close(StreamConditions.UnsupportedStanzaType);
        }
        else if (_hosts is not null && HostnameBinding.IsAsked(element))
        {
            await BindAsync(_hosts, element);
        }
        else if (!PeerStanza.TryFrom(element, out var from) || !Speaks(from.Domain))
        {
            Close(StreamConditions.InvalidFrom);
        }
        else if (PeerStanza.Read(element) is var (stanza, refusal) && refusal is not null)
        {
            // By the bounded way: whoever errs without reading waits.
            await Outbound.EnqueueAsync(new Outgoing(Connection.Format(refusal)), Cut);
        }
        else if (stanza is Iq { IsRequest: false } answer && Context.Router.TryAnswer(answer))
        {
            // What the server itself waits for does not queue behind whoever waits.
        }
        else if (stanza is not null)
        {
            await _lanes.PostAsync(stanza, () => Context.Router.RouteAsync(stanza), Cut);
        }
    }

    protected override async ValueTask EndedAsync(IReadOnlyList<Undelivered> unwritten)
    {
        _components.Remove(this);
        foreach (var one in unwritten)
        {
            try
            {
                await Context.Router.ReplyAsync(one.Stanza, Outcome.Refuse(ExternalComponents.Absent), CancellationToken.None);
            }
            catch (Exception e)
            {
                // The others are told all the same.
                Context.Log.LogError(227, e, "What a component never had could not be returned");
            }
        }
    }

    private bool Speaks(string domain) => _hosts?.Has(domain) ?? domain == _domain;

    private async ValueTask DoAsync(ComponentStep step)
    {
        switch (step)
        {
            // Whoever can add bytes to the stream before TLS must not have them taken for the component's own behind it (RFC 6120 section 5.3.4).
            case ComponentStep.StartTls when Connection.HasUnread():
                SendNonza(new Element("failure", Ns.Tls));
                Spoil();
                Finish([]);
                break;
            case ComponentStep.StartTls start:
                SendNonza(new Element("proceed", Ns.Tls));
                await EncryptAsync((tls, ct) => tls.AuthenticateAsServerAsync(Context.Certificates.HandshakeOptions(start.Domain), ct));
                ((ComponentLogin)_negotiation!).Encrypted(Connection.Security);
                break;
            case ComponentStep.Restart:
                _hosts = new HostnameBinding(Context.Settings, ((ComponentLogin)_negotiation!).Name!);
                Restart(Context.LimitsBefore);
                break;
            case ComponentStep.Accept accept:
                _domain = accept.Domain;
                SendNonza(new Element("handshake", Ns.Client));
                Take(accept.Domain);
                break;
            case ComponentStep.Fail fail:
                Fail(fail.Error);
                break;
        }
    }

    private async ValueTask BindAsync(HostnameBinding hosts, Element iq)
    {
        var (answer, domain, isBound) = hosts.Handle(iq);
        if (domain is not null && !isBound) _components.Remove(domain, this);
        await Outbound.EnqueueAsync(new Outgoing(Connection.Format(answer)), Cut);
        if (domain is not null && isBound) Take(domain);
    }

    // Behind the words that say so: what comes for the domain comes after them.
    private void Take(string domain)
    {
        Ready();
        _components.Add(domain, this)?.Close(StreamConditions.Conflict, "Another connection of the component took its place.");
    }
}
