using Parley.Media.Control;

namespace Parley.Media.Relay.Transports;

/// <summary>How an endpoint's media come in and go out, from its description to its end. What flows over it is <see cref="Media"/>'s.</summary>
internal abstract class RelayTransport : IDisposable
{
    /// <summary>Makes a transport; nothing is sent and nothing taken yet.</summary>
    protected RelayTransport(TransportSpec spec, TransportServices services, ITransportOwner owner, long nowMs)
    {
        (Spec, Owner) = (spec, owner);
        Media = new(this, services, nowMs);
    }

    /// <summary>What was asked for last.</summary>
    public TransportSpec Spec { get; protected set; }

    /// <summary>The caller's id.</summary>
    public string Id => Spec.Id;

    /// <summary>Where it stands.</summary>
    public TransportPhase Phase { get; protected set; }

    /// <summary>Why it ended by itself; null while it lives or where the caller removed it.</summary>
    public TransportEnd? EndedBy { get; private set; }

    /// <summary>The tracks and slots on it.</summary>
    public TransportMedia Media { get; }

    /// <summary>Whether media can be sent at this moment.</summary>
    public abstract bool CanSend { get; }

    /// <summary>Who is told of its fate.</summary>
    protected ITransportOwner Owner { get; }

    /// <summary>Makes the transport that a spec describes.</summary>
    public static RelayTransport Create(TransportSpec spec, TransportServices services, ITransportOwner owner, long nowMs) =>
        spec.Raw is null ? new IceTransport(spec, services, owner, nowMs) : new RawUdpTransport(spec, services, owner, nowMs);

    /// <summary>Our side, for whoever signals it.</summary>
    /// <param name="candidates">The candidates of whatever comes to the worker's own port.</param>
    public abstract TransportState StateOf(IReadOnlyList<IceCandidate> candidates);

    /// <summary>Takes a changed description, which was validated.</summary>
    public abstract void Update(TransportSpec spec, long nowMs);

    /// <summary>Does what is due; every 20 ms.</summary>
    public abstract void Tick(long nowMs);

    /// <summary>Room for a packet to this peer.</summary>
    public abstract Span<byte> Reserve();

    /// <summary>Protects an RTP packet in the room reserved.</summary>
    public abstract bool TryProtectRtp(Span<byte> room, int length, out int wireLength);

    /// <summary>Sends what is in the room reserved, an RTP packet as it goes on the wire.</summary>
    public abstract void SendRtp(int wireLength);

    /// <summary>Protects and sends the compound RTCP packet in the room reserved.</summary>
    public abstract void SendRtcp(Span<byte> room, int length);

    /// <summary>The caller no longer wants it: says goodbye.</summary>
    public void Close(long nowMs)
    {
        if (Phase != TransportPhase.Ended) Release(nowMs);
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Gives back what it holds; over for good.</summary>
    protected abstract void Release(long nowMs);

    /// <summary>It ends by itself.</summary>
    protected void End(TransportEnd why, long nowMs)
    {
        if (Phase == TransportPhase.Ended) return;
        EndedBy = why;
        Release(nowMs);
        Owner.OnEnded(this, why, nowMs);
    }
}
