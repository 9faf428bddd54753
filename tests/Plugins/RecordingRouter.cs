using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins;

/// <summary>A router that keeps what it is given.</summary>
internal sealed class RecordingRouter : IStanzaRouter
{
    private readonly List<Stanza> _routed = [];

    public ValueTask RouteAsync(Stanza stanza, CancellationToken ct = default)
    {
        lock (_routed) _routed.Add(stanza);
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes what was routed until now.</summary>
    public IReadOnlyList<Stanza> Take()
    {
        lock (_routed)
        {
            Stanza[] all = [.. _routed];
            _routed.Clear();
            return all;
        }
    }
}
