using System.Collections.Concurrent;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Streams;

namespace Parley.Xmpp.Server.Components;

/// <summary>The external components that are connected, by domain. A newcomer that knows the secret takes the place of the one before, whose connection may be dead.</summary>
internal sealed class ExternalComponents(XmppServerSettings settings) : IStatusSource
{
    /// <summary>
    /// What is sent to a component that is not there is answered by this: RFC 6120 section 8.3.3.17 means a service too that was found and cannot be spoken with. Prosody says the same.
    /// </summary>
    public const StanzaCondition Absent = StanzaCondition.RemoteServerTimeout;

    private readonly ConcurrentDictionary<string, ComponentStream> _connected = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => "components";

    /// <summary>How many are connected.</summary>
    public int Count => _connected.Count;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read() =>
        settings.ComponentDomains.ToDictionary(d => d, d => (object?)(_connected.ContainsKey(d) ? "connected" : "absent"), StringComparer.Ordinal);

    /// <summary>Queues a stanza for the component of a domain, in order, without waiting: the queue is bounded by <see cref="StreamLimits.OutboundBytes"/>.</summary>
    public Outcome Post(Stanza stanza, string domain) => !_connected.TryGetValue(domain, out var stream) ? Outcome.Refuse(Absent) : stream.TrySend(stanza) switch
    {
        Enqueued.Yes => Outcome.Done,
        Enqueued.Full => Outcome.Refuse(StanzaCondition.ResourceConstraint),
        _ => Outcome.Refuse(Absent),
    };

    /// <summary>A component is connected; returns the connection whose place it takes.</summary>
    public ComponentStream? Add(string domain, ComponentStream stream)
    {
        ComponentStream? before = null;
        _connected.AddOrUpdate(domain, stream, (_, old) =>
        {
            before = old;
            return stream;
        });
        return before;
    }

    /// <summary>A connection speaks for a domain no more.</summary>
    public void Remove(string domain, ComponentStream stream) => _connected.TryRemove(new KeyValuePair<string, ComponentStream>(domain, stream));

    /// <summary>A connection is over.</summary>
    public void Remove(ComponentStream stream)
    {
        foreach (var one in _connected.Where(c => c.Value == stream).ToList()) _connected.TryRemove(one);
    }
}
