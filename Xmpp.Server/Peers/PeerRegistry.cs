using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Peers;

/// <summary>
/// The streams with components and other servers, of every state. It looks at each once a second for whatever is due: one timer for all.
/// </summary>
internal sealed class PeerRegistry : IPeerStreams, IDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<PeerStream, bool> _streams = new();
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private volatile bool _isClosing;

    /// <summary>Begins its rounds.</summary>
    public PeerRegistry(TimeProvider time, ILogger<PeerRegistry> log)
    {
        (_time, _log) = (time, log);
        _timer = time.CreateTimer(_ => LookAtAll(), null, Round, Round);
    }

    /// <inheritdoc/>
    public int Count => _streams.Count;

    /// <summary>Whether the server stops, so that nothing begins any more.</summary>
    public bool IsClosing => _isClosing;

    /// <summary>The streams of this moment.</summary>
    public IEnumerable<PeerStream> All => _streams.Keys;

    /// <inheritdoc/>
    public void CloseAll(string condition)
    {
        _isClosing = true;
        foreach (var (stream, _) in _streams) stream.Close(condition);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Adds a stream; returns the error to refuse it with. </summary>
    public StreamError? TryAdd(PeerStream stream)
    {
        _streams.TryAdd(stream, true);
        // After it was added: either this sees the closing, or the closing sees the stream.
        return _isClosing ? new StreamError(StreamConditions.SystemShutdown) : null;
    }

    /// <summary>A stream is gone.</summary>
    public void Remove(PeerStream stream) => _streams.TryRemove(stream, out _);

    private void LookAtAll()
    {
        var now = _time.GetTimestamp();
        foreach (var (stream, _) in _streams)
        {
            try
            {
                stream.LookAt(now);
            }
            catch (Exception e)
            {
                // Nobody is above a timer: what one stream cannot do must not end all of them, and the program.
                _log.LogError(227, e, "A peer's stream could not be looked after");
            }
        }
    }
}
