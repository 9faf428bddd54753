using System.Collections.Concurrent;
using System.Collections.Frozen;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Nodes;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Caps;

/// <summary>Knows of which nodes resources want to hear (XEP-0060 section 9.2), by the capabilities in their presence. A hash is asked for once, of whoever shows it first, and remembered if the answer proves it.</summary>
internal sealed class Interests(IIqClient iqs, CapsCache cache) : IDisposable
{
    private const int MaxUnproved = 20_000;
    private const int MaxWishes = 200;
    private static readonly IReadOnlySet<string> None = FrozenSet<string>.Empty;

    // What a resource said that proves nothing counts for it alone.
    private readonly ConcurrentDictionary<Jid, (CapsClaim Claim, IReadOnlySet<string> Wishes)> _unproved = new();
    private readonly ConcurrentDictionary<(string Algorithm, string Hash), Task> _asking = new();
    private readonly SemaphoreSlim _turns = new(64);

    /// <summary>The nodes that a resource wants to hear of; null if that is not known by now.</summary>
    public IReadOnlySet<string>? Known(Jid resource, Presence presence)
    {
        if (CapsClaim.Of(presence) is not { } claim) return None;
        if (cache.TryGet(claim, out var wishes)) return wishes;
        return _unproved.TryGetValue(resource, out var own) && own.Claim == claim ? own.Wishes : null;
    }

    /// <summary>The same, asking if need be.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="presence">Its presence.</param>
    /// <param name="asker">The account in whose name it is asked.</param>
    /// <param name="ct">Gives up waiting.</param>
    public async Task<IReadOnlySet<string>> LearnAsync(Jid resource, Presence presence, Jid asker, CancellationToken ct)
    {
        if (Known(resource, presence) is { } known) return known;
        var claim = CapsClaim.Of(presence)!;
        if (claim.Algorithm is null) return await AskAsync(claim, resource, asker, ct);
        var done = new TaskCompletionSource();
        var key = (claim.Algorithm, claim.Hash);
        while (_asking.GetOrAdd(key, done.Task) is var first && first != done.Task)
        {
            await first.WaitAsync(ct);
            if (Known(resource, presence) is { } learnt) return learnt;
        }

        try
        {
            return await AskAsync(claim, resource, asker, ct);
        }
        finally
        {
            _asking.TryRemove(key, out _);
            done.SetResult();
        }
    }

    /// <summary>Forgets a resource that is gone.</summary>
    public void Forget(Jid resource) => _unproved.TryRemove(resource, out _);

    /// <summary>Ends.</summary>
    public void Dispose() => _turns.Dispose();

    private async Task<IReadOnlySet<string>> AskAsync(CapsClaim claim, Jid resource, Jid asker, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            var answer = await iqs.RequestAsync("get", asker, resource, new Element("query", Ns.DiscoInfo).Attr("node", claim.Node), ct: ct);
            if (answer.Payload is not { } query || answer.IsError || !query.Is("query", Ns.DiscoInfo)) return None;
            var wishes = Wishes(query);
            if (claim.IsProvedBy(query)) cache.Add(claim, wishes);
            else if (_unproved.Count < MaxUnproved || _unproved.ContainsKey(resource)) _unproved[resource] = (claim, wishes);
            return wishes;
        }
        finally
        {
            _turns.Release();
        }
    }

    private static FrozenSet<string> Wishes(Element query) => query.ChildrenNamed("feature", Ns.DiscoInfo).Select(f => f["var"])
        .Where(v => v is { Length: <= Jid.MaxPartBytes } && v.EndsWith(PubSubNames.NotifySuffix, StringComparison.Ordinal))
        .Select(v => v![..^PubSubNames.NotifySuffix.Length]).Take(MaxWishes).ToFrozenSet(StringComparer.Ordinal);
}
