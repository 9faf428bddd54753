using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Security;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;

namespace Parley.Xmpp.Server.Streams;

/// <summary>What all client streams share.</summary>
internal sealed class StreamContext(
    XmppServerSettings settings,
    CertificateStore certificates,
    ICredentialStore credentials,
    ISessionBinder sessions,
    StreamRegistry registry,
    RoutingTableHolder tables,
    TimeProvider time,
    ILogger<ClientStream> log)
{
    public XmppServerSettings Settings { get; } = settings;

    public StreamLimits Limits => Settings.Limits;

    public CertificateStore Certificates { get; } = certificates;

    public ICredentialStore Credentials { get; } = credentials;

    public ISessionBinder Sessions { get; } = sessions;

    public StreamRegistry Registry { get; } = registry;

    public TimeProvider Time { get; } = time;

    public ILogger<ClientStream> Log { get; } = log;

    /// <summary>Whether a plugin declares for a domain that its rosters take approvals ahead of requests.</summary>
    public bool ApprovesAhead(string domain) => tables.Current.Features.Any(f => f.Feature == Ns.PreApproval && f.Owner.Serves(domain));

    public ScramDecoys Decoys { get; } = new(DecoySecret.LoadOrMake(settings.DataDirectory));
}
