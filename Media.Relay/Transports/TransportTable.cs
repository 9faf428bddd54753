using Parley.Media.Core;

namespace Parley.Media.Relay.Transports;

/// <summary>Finds a worker's transport for a datagram: by our user fragment for checks, by path for everything else.</summary>
internal sealed class TransportTable
{
    private readonly Dictionary<ulong, IceTransport> _byUfrag = [];
    private readonly Dictionary<MediaPath, IceTransport> _byPath = [];

    /// <summary>How many paths are known.</summary>
    public int Paths => _byPath.Count;

    /// <summary>How many of our user fragments are known.</summary>
    public int Ufrags => _byUfrag.Count;

    public bool TryFind(ulong ufragKey, out IceTransport transport) => _byUfrag.TryGetValue(ufragKey, out transport!);

    public bool TryFind(in MediaPath path, out IceTransport transport) => _byPath.TryGetValue(path, out transport!);

    public bool TryAdd(ulong ufragKey, IceTransport transport) => _byUfrag.TryAdd(ufragKey, transport);

    public void Remove(ulong ufragKey) => _byUfrag.Remove(ufragKey);

    /// <summary>
    /// An authenticated check of a transport came over a path. It becomes the transport's, unless another that is alive uses it: a check with a forged source address
    /// takes nobody's path away.
    /// </summary>
    public void Claim(in MediaPath path, IceTransport transport, long nowMs)
    {
        if (_byPath.TryGetValue(path, out var owner) && owner != transport && owner.IsAliveOn(path, nowMs)) return;
        _byPath[path] = transport;
    }

    public void Release(in MediaPath path, IceTransport transport)
    {
        if (_byPath.TryGetValue(path, out var owner) && owner == transport) _byPath.Remove(path);
    }
}

/// <summary>Where a datagram came in and where it came from.</summary>
/// <param name="Local">Our address and port.</param>
/// <param name="Remote">The peer's.</param>
internal readonly record struct MediaPath(AddressKey Local, AddressKey Remote);
