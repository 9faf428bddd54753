using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Streams.Management;

/// <summary>The streams that can be resumed (XEP-0198 section 5), and for a while the counts of those that could be: a client then knows what it must send again.</summary>
internal sealed class ResumableStreams(ILogger<ResumableStreams> log)
{
    // A hundred bytes each.
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<string, SessionStream> _streams = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<SessionStream, bool> _detached = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Jid Account, HandledCount Handled)> _former = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>How many wait for their clients.</summary>
    public int DetachedCount => _detached.Count;

    /// <summary>A stream that an account's client can resume; null with the count of one that is gone, where that is known.</summary>
    public (SessionStream? Stream, HandledCount? Former) Find(string id, Jid account)
    {
        // Somebody else's is as none at all.
        if (_streams.TryGetValue(id, out var stream)) return stream.Session?.Jid.Bare == account ? (stream, null) : default;
        lock (_gate) return _former.TryGetValue(id, out var former) && former.Account == account ? (null, former.Handled) : default;
    }

    /// <summary>Knows one more.</summary>
    public void Add(SessionStream stream) => _streams[stream.ResumptionId!] = stream;

    /// <summary>One waits for its client.</summary>
    public void Detached(SessionStream stream) => _detached[stream] = true;

    /// <summary>Its client is back.</summary>
    public void Attached(SessionStream stream) => _detached.TryRemove(stream, out _);

    /// <summary>One cannot be resumed any more.</summary>
    public void Remove(SessionStream stream)
    {
        _detached.TryRemove(stream, out _);
        // One that never got a session is not to be remembered.
        if (!_streams.TryRemove(stream.ResumptionId!, out _) || stream.Session is null) return;
        lock (_gate)
        {
            _former[stream.ResumptionId!] = (stream.Session!.Jid.Bare, stream.Handled);
            _order.Enqueue(stream.ResumptionId!);
            if (_order.Count > MostRemembered) _former.Remove(_order.Dequeue());
        }
    }

    /// <summary>Ends those whose time is over.</summary>
    public void LookAt(long now)
    {
        foreach (var (stream, _) in _detached) stream.LookAt(now);
    }

    /// <summary>Ends a session that no connection carries.</summary>
    public async Task EndAsync(IBoundSession session)
    {
        try
        {
            await Task.Yield();
            await session.EndAsync();
        }
        catch (Exception e)
        {
            log.LogError(e, "A session that nobody resumed did not end well");
        }
    }
}
