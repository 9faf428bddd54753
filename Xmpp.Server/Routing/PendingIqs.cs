using System.Collections.Concurrent;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Routing;

/// <summary>The requests of this server that wait for an answer. An answer counts only from the very address that was asked, to the one that asked.</summary>
internal sealed class PendingIqs
{
    private readonly ConcurrentDictionary<(string Id, Jid Peer, Jid Self), TaskCompletionSource<Iq>> _waiting = new();

    /// <summary>How many wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Adds a request; its answer completes the source.</summary>
    public TaskCompletionSource<Iq> Add(Iq request)
    {
        var source = new TaskCompletionSource<Iq>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[(request.Id!, request.To!, request.From!)] = source;
        return source;
    }

    /// <summary>Gives up a request.</summary>
    public void Remove(Iq request) => _waiting.TryRemove((request.Id!, request.To!, request.From!), out _);

    /// <summary>Takes an answer; false if nobody waits for it.</summary>
    public bool TryComplete(Iq answer)
    {
        // Without `to` an answer goes to its sender's own account, in whose name the server may have asked.
        var self = answer.To ?? answer.From?.Bare;
        if (answer.IsRequest || answer.Id is null || answer.From is null || self is null) return false;
        return _waiting.TryRemove((answer.Id, answer.From, self), out var source) && source.TrySetResult(answer);
    }
}
