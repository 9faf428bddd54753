namespace Parley.Media.Relay.Transports;

/// <summary>
/// What was heard of an endpoint that has no ICE to prove that its peer is there and wants what we send. It is the endpoint's and not the transport's: a tool that sends voice alone may be shown a picture
/// on another port, and one whose camera is off is still there.
/// </summary>
internal sealed class RawLiveness
{
    // Of each transport the same peer, or another; more than a handful there is not.
    private const int MaxAddresses = 8;

    private readonly List<UInt128> _heard = [];

    /// <summary>When something came last; null if nothing ever did.</summary>
    public long? HeardMs { get; private set; }

    /// <summary>Whether something came from an address.</summary>
    public bool HasHeard(UInt128 address) => _heard.Contains(address);

    /// <summary>Something that makes sense came from an address.</summary>
    public void Hear(UInt128 address, long nowMs)
    {
        HeardMs = nowMs;
        if (_heard.Count < MaxAddresses && !_heard.Contains(address)) _heard.Add(address);
    }

    /// <summary>Silence is no silence at this moment: it counts from now on.</summary>
    public void Rest(long nowMs)
    {
        if (HeardMs is not null) HeardMs = nowMs;
    }
}
