using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Streams;

namespace Parley.Xmpp.Server.Peers;

/// <summary>The streams with components and other servers, of every state.</summary>
internal sealed class PeerRegistry(TimeProvider time, ILogger<PeerRegistry> log) : IPeerStreams, IDisposable
{
    private readonly StreamRounds<PeerStream> _rounds = new(time, e => log.LogError(227, e, "A peer's stream could not be looked after"));

    /// <inheritdoc/>
    public int Count => _rounds.Count;

    /// <summary>Whether the server stops, so that nothing begins any more.</summary>
    public bool IsClosing => _rounds.IsClosing;

    /// <summary>The streams of this moment.</summary>
    public IEnumerable<PeerStream> All => _rounds.All;

    /// <inheritdoc/>
    public void CloseAll(string condition) => _rounds.CloseAll(condition);

    /// <inheritdoc cref="StreamRounds{TStream}.TryAdd"/>
    public StreamError? TryAdd(PeerStream stream) => _rounds.TryAdd(stream);

    /// <summary>A stream is gone.</summary>
    public void Remove(PeerStream stream) => _rounds.Remove(stream);

    /// <inheritdoc/>
    public void Dispose() => _rounds.Dispose();
}
