using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Streams;

namespace Parley.Xmpp.Server.Peers;

/// <summary>What is due on a stream with a peer.</summary>
internal enum PeerDue
{
    /// <summary>Nothing.</summary>
    Nothing,
    /// <summary>End the stream: it took too long to authenticate.</summary>
    TimeOut,
    /// <summary>Close the connection: the other side has had time to.</summary>
    HangUp,
    /// <summary>Cut the connection: words do not reach it.</summary>
    Cut,
}

/// <summary>Keeps one stream's times: to authenticate, to read, to close. Looked at from one thread, told from others.</summary>
internal sealed class PeerWatch(StreamLimits limits, TimeProvider time)
{
    // So long may a carrier take to say goodbye, or what is still unwritten to be written.
    private static readonly TimeSpan MostHungUp = TimeSpan.FromSeconds(4);

    private readonly long _began = time.GetTimestamp();
    private long _closingSince;
    private bool _isReady;
    private bool _isHungUp;

    /// <summary>The stream is authenticated.</summary>
    public void Ready() => Volatile.Write(ref _isReady, true);

    /// <summary>The stream's last words are queued.</summary>
    public void Closing() => Volatile.Write(ref _closingSince, time.GetTimestamp());

    /// <summary>What is due.</summary>
    public PeerDue LookAt(long now, OutboundQueue outbound)
    {
        if (Volatile.Read(ref _closingSince) is var closing && closing != 0) return LookAtClosing(closing, now, outbound);
        if (outbound.WritingFor(now) >= limits.WriteStall) return PeerDue.Cut;
        return !Volatile.Read(ref _isReady) && Passed(_began, now, limits.AuthenticationTime) ? PeerDue.TimeOut : PeerDue.Nothing;
    }

    private PeerDue LookAtClosing(long closing, long now, OutboundQueue outbound)
    {
        if (!Passed(closing, now, limits.CloseTime)) return PeerDue.Nothing;
        if (_isHungUp || !outbound.Finished.IsCompleted) return Passed(closing, now, limits.CloseTime + MostHungUp) ? PeerDue.Cut : PeerDue.Nothing;
        _isHungUp = true;
        return PeerDue.HangUp;
    }

    private bool Passed(long since, long now, TimeSpan span) => time.GetElapsedTime(since, now) >= span;
}
