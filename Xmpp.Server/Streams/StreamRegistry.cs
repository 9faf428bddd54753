using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Streams.Management;

namespace Parley.Xmpp.Server.Streams;

/// <summary>The client streams of every state, those that wait for their clients among them.</summary>
internal sealed class StreamRegistry(StreamGuards guards, ResumableStreams resumables, TimeProvider time, ILogger<StreamRegistry> log) : IOpenStreams, IDisposable
{
    private readonly StreamRounds<ClientStream> _rounds = new(time, e => log.LogError(215, e, "A client's stream could not be looked after"), now =>
    {
        resumables.LookAt(now);
        guards.LookAt(now);
    });

    /// <inheritdoc/>
    public int Count => _rounds.Count;

    /// <inheritdoc/>
    public int Detached => resumables.DetachedCount;

    /// <inheritdoc/>
    public void CloseAll(string condition) => _rounds.CloseAll(condition);

    /// <inheritdoc cref="StreamRounds{TStream}.TryAdd"/>
    public StreamError? TryAdd(ClientStream stream) => _rounds.TryAdd(stream);

    /// <summary>A stream is gone.</summary>
    public void Remove(ClientStream stream) => _rounds.Remove(stream);

    /// <inheritdoc/>
    public void Dispose() => _rounds.Dispose();
}
