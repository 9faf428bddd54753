using System.Collections.Concurrent;
using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Server.Streams;

/// <summary>A stream that can be looked at and ended.</summary>
internal interface IWatchedStream
{
    /// <summary>Does what is due at this time.</summary>
    void LookAt(long now);

    /// <summary>Ends the stream with an error.</summary>
    void Close(string condition, string? text = null);
}

/// <summary>The streams of a kind, of every state. It looks at each once a second for whatever is due: one timer for all, so that an idle stream has none.</summary>
internal sealed class StreamRounds<TStream> : IDisposable where TStream : class, IWatchedStream
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<TStream, bool> _streams = new();
    private readonly Action<Exception> _failed;
    private readonly Action<long>? _also;
    private readonly ITimer _timer;
    private volatile bool _isClosing;

    /// <summary>Begins its rounds.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="failed">Tells that a stream could not be looked after.</param>
    /// <param name="also">What else is due in each round.</param>
    public StreamRounds(TimeProvider time, Action<Exception> failed, Action<long>? also = null)
    {
        (_time, _failed, _also) = (time, failed, also);
        _timer = time.CreateTimer(_ => LookAtAll(), null, Round, Round);
    }

    /// <summary>How many there are.</summary>
    public int Count => _streams.Count;

    /// <summary>Whether the server stops, so that nothing begins any more.</summary>
    public bool IsClosing => _isClosing;

    /// <summary>The streams of this moment.</summary>
    public IEnumerable<TStream> All => _streams.Keys;

    /// <summary>Ends each, and refuses new ones from now on.</summary>
    public void CloseAll(string condition)
    {
        _isClosing = true;
        foreach (var (stream, _) in _streams) stream.Close(condition);
    }

    /// <summary>Adds a stream; returns the error to refuse it with.</summary>
    public StreamError? TryAdd(TStream stream)
    {
        _streams.TryAdd(stream, true);
        // After it was added: either this sees the closing, or the closing sees the stream.
        return _isClosing ? new StreamError(StreamConditions.SystemShutdown) : null;
    }

    /// <summary>A stream is gone.</summary>
    public void Remove(TStream stream) => _streams.TryRemove(stream, out _);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

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
                _failed(e);
            }
        }

        _also?.Invoke(now);
    }
}
