using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Streams.Management;

namespace Parley.Xmpp.Server.Streams;

/// <summary>
/// The client streams of every state. It looks at each once a second for whatever is due: one timer for all, so that an idle stream has none.
/// </summary>
internal sealed class StreamRegistry : IOpenStreams, IDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ResumableStreams _resumables;
    private readonly StreamGuards _guards;
    private readonly ConcurrentDictionary<ClientStream, bool> _streams = new();
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private volatile bool _isClosing;

    /// <summary>Begins its rounds.</summary>
    public StreamRegistry(StreamGuards guards, ResumableStreams resumables, TimeProvider time, ILogger<StreamRegistry> log)
    {
        (_guards, _resumables, _time, _log) = (guards, resumables, time, log);
        _timer = time.CreateTimer(_ => LookAtAll(), null, Round, Round);
    }

    /// <inheritdoc/>
    public int Count => _streams.Count;

    /// <inheritdoc/>
    public int Detached => _resumables.DetachedCount;

    /// <summary>Ends each, and refuses new ones from now on.</summary>
    public void CloseAll(string condition)
    {
        _isClosing = true;
        foreach (var (stream, _) in _streams) stream.Close(condition);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Adds a stream; returns the error to refuse it with.</summary>
    public StreamError? TryAdd(ClientStream stream)
    {
        _streams.TryAdd(stream, true);
        // After it was added: either this sees the closing, or the closing sees the stream.
        return _isClosing ? new StreamError(StreamConditions.SystemShutdown) : null;
    }

    /// <summary>A stream is gone.</summary>
    public void Remove(ClientStream stream) => _streams.TryRemove(stream, out _);

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
                _log.LogError(215, e, "A client's stream could not be looked after");
            }
        }

        _resumables.LookAt(now);
        _guards.LookAt(now);
    }
}
