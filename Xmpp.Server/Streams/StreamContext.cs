using System.Net;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Security;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;
using Parley.Xmpp.Server.Streams.Management;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams;

/// <summary>What all client streams share.</summary>
internal sealed class StreamContext(
    XmppServerSettings settings,
    CertificateStore certificates,
    ICredentialStore credentials,
    ISessionBinder sessions,
    StreamRegistry registry,
    ResumableStreams resumables,
    RoutingTableHolder tables,
    BindFeatures bindFeatures,
    StreamGuards guards,
    TimeProvider time,
    ILogger<ClientStream> log,
    ITokenStore? tokens = null,
    IContributions<IStrangerService>? strangers = null) : IStreamOffers
{
    public XmppServerSettings Settings { get; } = settings;

    public StreamLimits Limits => Settings.Limits;

    public CertificateStore Certificates { get; } = certificates;

    public ICredentialStore Credentials { get; } = credentials;

    public ISessionBinder Sessions { get; } = sessions;

    public StreamRegistry Registry { get; } = registry;

    public ResumableStreams Resumables { get; } = resumables;

    /// <summary>What keeps those who do too much from others' notice.</summary>
    public StreamGuards Guards { get; } = guards;

    public TimeProvider Time { get; } = time;

    public ILogger<ClientStream> Log { get; } = log;

    /// <inheritdoc/>
    public IEnumerable<Element> RosterFeaturesOf(string domain)
    {
        var features = tables.Current.Features.Where(f => f.Owner.Serves(domain)).Select(f => f.Feature).ToHashSet();
        if (features.Contains(Ns.PreApproval)) yield return new Element("sub", Ns.PreApproval);
        if (features.Contains(Ns.RosterVersions)) yield return new Element("ver", Ns.RosterVersions);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScramHash> HashesOf(string domain) => Credentials.HashesOf(domain);

    /// <inheritdoc/>
    public IEnumerable<Element> CapabilitiesOf(string domain) => ServerCapabilities.Of(domain, tables.Current).Features;

    /// <inheritdoc/>
    public bool MayLogIn(Jid account, IPAddress? address) => Guards.LogIns.TryBegin(account, address);

    /// <inheritdoc/>
    public void LoggedIn(Jid account, IPAddress? address) => Guards.LogIns.Succeeded(account, address);

    /// <inheritdoc/>
    public bool OffersTokens => Tokens is not null && Settings.Auth.TokenLifetime > TimeSpan.Zero;

    /// <inheritdoc/>
    public IEnumerable<string> BindFeaturesOf(string domain) => BindFeatures.Of(domain);

    /// <inheritdoc/>
    public bool ServesStrangers => strangers?.Items.Count > 0;

    /// <inheritdoc/>
    public IEnumerable<Element> OffersFor(Stranger stranger) => strangers?.Items.SelectMany(s => s.FeaturesFor(stranger)) ?? [];

    /// <summary>Answers a request of somebody who has not logged in; null if nobody does.</summary>
    public async ValueTask<Iq?> ServeAsync(Iq iq, Stranger stranger, CancellationToken ct)
    {
        try
        {
            foreach (var service in strangers?.Items ?? [])
            {
                if (await service.AnswerAsync(iq, stranger, ct) is { } answer) return answer;
            }

            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            Log.LogError(207, e, "Answering a request before authentication failed");
            return (Iq)iq.ErrorReply(new StanzaError(StanzaCondition.InternalServerError));
        }
    }

    /// <summary>The clients' tokens; null where there is no place for them.</summary>
    public ITokenStore? Tokens { get; } = tokens;

    /// <summary>What plugins turn on with a resource.</summary>
    public BindFeatures BindFeatures { get; } = bindFeatures;

    public ScramDecoys Decoys { get; } = new(KeptSecret.LoadOrMake(settings.DataDirectory, KeptSecret.Decoys));

    public ClientResource Resources { get; } = new(KeptSecret.LoadOrMake(settings.DataDirectory, KeptSecret.Decoys));
}
