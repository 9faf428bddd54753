using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Streams;

/// <summary>
/// The client streams of every state. It bounds how many come from one address, and looks at each once a second for whatever is due: one timer for all,
/// so that an idle stream has none.
/// </summary>
internal sealed class StreamRegistry : IOpenStreams, IDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private readonly StreamLimits _limits;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ClientStream, IPAddress?> _streams = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private readonly ITimer _timer;
    private volatile bool _isClosing;

    /// <summary>Begins its rounds.</summary>
    public StreamRegistry(XmppServerSettings settings, TimeProvider time)
    {
        (_limits, _time) = (settings.Limits, time);
        _timer = time.CreateTimer(_ => LookAtAll(), null, Round, Round);
    }

    /// <inheritdoc/>
    public int Count => _streams.Count;

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
        var key = stream.RemoteAddress is { } address ? KeyOf(address) : null;
        if (!TryCount(key))
        {
            // Not counted, but looked at until it is gone.
            _streams.TryAdd(stream, null);
            return new StreamError(StreamConditions.PolicyViolation, "Too many streams from one address.");
        }

        _streams.TryAdd(stream, key);
        // After it was added: either this sees the closing, or the closing sees the stream.
        return _isClosing ? new StreamError(StreamConditions.SystemShutdown) : null;
    }

    public void Remove(ClientStream stream)
    {
        if (!_streams.TryRemove(stream, out var key) || key is null) return;
        lock (_byAddress)
        {
            if (--_byAddress[key] == 0) _byAddress.Remove(key);
        }
    }

    private bool TryCount(IPAddress? key)
    {
        if (key is null) return true;
        var most = IPAddress.IsLoopback(key) ? _limits.StreamsPerLoopbackAddress : _limits.StreamsPerAddress;
        lock (_byAddress)
        {
            var now = _byAddress.GetValueOrDefault(key);
            if (now >= most) return false;
            _byAddress[key] = now + 1;
            return true;
        }
    }

    private void LookAtAll()
    {
        var now = _time.GetTimestamp();
        foreach (var (stream, _) in _streams) stream.LookAt(now);
    }

    // One customer has at least a /64 of IPv6.
    private static IPAddress KeyOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address)) return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
