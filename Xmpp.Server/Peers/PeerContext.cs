using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Security;

namespace Parley.Xmpp.Server.Peers;

/// <summary>What all streams with components and other servers share.</summary>
internal sealed class PeerContext(XmppServerSettings settings, CertificateStore certificates, RoutingTableHolder tables, Lazy<Router> router, PeerRegistry registry, StreamGuards guards, TimeProvider time, ILogger<PeerStream> log)
{
    public XmppServerSettings Settings { get; } = settings;

    public StreamLimits Limits => Settings.Limits;

    public CertificateStore Certificates { get; } = certificates;

    public RoutingTableHolder Tables { get; } = tables;

    /// <summary>Late, since the router in turn hands stanzas to peers.</summary>
    public Router Router => router.Value;

    public PeerRegistry Registry { get; } = registry;

    /// <summary>What keeps those who do too much from others' notice.</summary>
    public StreamGuards Guards { get; } = guards;

    public TimeProvider Time { get; } = time;

    public ILogger Log { get; } = log;

    /// <summary>The limits before authentication.</summary>
    public XmlStreamLimits LimitsBefore { get; } = new() { StanzaBytes = settings.Limits.UnauthenticatedStanzaBytes };

    /// <summary>The limits after it.</summary>
    public XmlStreamLimits LimitsAfter { get; } = new() { StanzaBytes = settings.Limits.StanzaBytes };
}
