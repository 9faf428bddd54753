using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Federation.Negotiation;
using Parley.Xmpp.Server.Peers;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Streams;

namespace Parley.Xmpp.Server.Federation.Outgoing;

/// <summary>Takes stanzas to other servers: a route for each pair of domains that has something to say.</summary>
internal sealed class OutgoingRoutes(
    XmppServerSettings settings, FederationPolicy policy, Lazy<ServerConnector> connector, Lazy<Router> router, PeerRegistry registry, TimeProvider time, ILogger<OutgoingRoute> log)
{
    /// <summary>For how long a server that refused, or that there is none, is not asked again.</summary>
    public static readonly TimeSpan RefusalTime = TimeSpan.FromMinutes(1);

    // How soon after all were seen to be busy they are looked at again.
    private static readonly TimeSpan LookTime = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Local, string Remote), OutgoingRoute> _routes = new();
    private readonly ConcurrentDictionary<(string Local, string Remote), (PeerFailure Failure, long Since)> _refused = new();
    private readonly Shares<Jid> _shares = new();
    private readonly Lock _opening = new();
    private long? _noneIdleAt;
    private long _returned;

    /// <summary>The routes of this moment.</summary>
    public IReadOnlyCollection<OutgoingRoute> All => [.. _routes.Values];

    /// <summary>How many stanzas were returned to their senders.</summary>
    public long Returned => Interlocked.Read(ref _returned);

    /// <summary>How connections are made.</summary>
    public ServerConnector Connector => connector.Value;

    /// <summary>Whether the server stops.</summary>
    public bool IsClosing => registry.IsClosing;

    /// <summary>Takes a stanza, in order, without waiting; what cannot be delivered later comes back to its sender.</summary>
    public Outcome Post(Stanza stanza)
    {
        var (local, remote) = (stanza.From!.Domain, stanza.To!.Domain);
        if (!settings.FederationEnabled) return Outcome.Refuse(StanzaCondition.RemoteServerNotFound);
        if (!policy.Allows(remote)) return Outcome.Refuse(StanzaCondition.NotAllowed);
        if (IsClosing) return Outcome.Refuse(StanzaCondition.RemoteServerTimeout);
        if (_refused.TryGetValue((local, remote), out var refusal))
        {
            if (time.GetElapsedTime(refusal.Since) < RefusalTime) return new Outcome(new StanzaError(StanzaCondition.RemoteServerNotFound, refusal.Failure.Reason), null);
            _refused.TryRemove((local, remote), out _);
        }

        while (true)
        {
            if (!_routes.TryGetValue((local, remote), out var route) && (route = Open(stanza.From, remote)) is null) return Outcome.Refuse(StanzaCondition.ResourceConstraint);
            switch (route.Post(stanza))
            {
                case Posted.Yes:
                    return Outcome.Done;
                case Posted.Full:
                    return Outcome.Refuse(StanzaCondition.ResourceConstraint);
                default:
                    Remove(route);
                    break;
            }
        }
    }

    /// <summary>A route is over.</summary>
    public void Remove(OutgoingRoute route)
    {
        if (_routes.TryRemove(new KeyValuePair<(string, string), OutgoingRoute>((route.Local, route.Remote), route)) && route.Opener is { } opener) _shares.Remove(opener);
    }

    /// <summary>A server is not to be asked again for a while.</summary>
    public void Refuse(OutgoingRoute route, PeerFailure failure)
    {
        if (_refused.Count >= settings.Federation.MaxDomains)
        {
            foreach (var (key, one) in _refused)
            {
                if (time.GetElapsedTime(one.Since) >= RefusalTime) _refused.TryRemove(key, out _);
            }
        }

        if (_refused.Count < settings.Federation.MaxDomains) _refused[(route.Local, route.Remote)] = (failure, time.GetTimestamp());
    }

    /// <summary>Returns a stanza to its sender.</summary>
    public async ValueTask ReturnAsync(Stanza stanza, StanzaError error)
    {
        Interlocked.Increment(ref _returned);
        try
        {
            await router.Value.ReplyAsync(stanza, new Outcome(error, null), CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogError(234, e, "Returning a stanza failed");
        }
    }

    // Null where there are too many, altogether or of this sender. What the server says for itself answers others and has no share.
    private OutgoingRoute? Open(Jid from, string remote)
    {
        var (key, options, opener) = ((from.Domain, remote), settings.Federation, from.Local is null ? null : from.Bare);
        lock (_opening)
        {
            if (_routes.TryGetValue(key, out var other)) return other;
            if (opener is not null && !_shares.TryAdd(opener, options.MaxDomainsPerSender)) return null;
            if (_routes.Count >= options.MaxDomains && !TryMakeRoom())
            {
                if (opener is not null) _shares.Remove(opener);
                return null;
            }

            return _routes[key] = new OutgoingRoute(from.Domain, remote, opener, this, options, settings.Limits, time, log);
        }
    }

    // The stream that has had nothing to do for longest makes way.
    private bool TryMakeRoom()
    {
        if (_noneIdleAt is { } then && time.GetElapsedTime(then) < LookTime) return false;
        foreach (var (_, route) in _routes.Values.Select(r => (Since: r.IdleSince, Route: r)).Where(r => r.Since is not null).OrderBy(r => r.Since))
        {
            if (!route.TryRetire()) continue;
            Remove(route);
            return true;
        }

        _noneIdleAt = time.GetTimestamp();
        return false;
    }
}
