using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Streams;

/// <summary>What is due on a stream.</summary>
internal enum StreamDue
{
    /// <summary>Nothing.</summary>
    Nothing,
    /// <summary>Ask for a sign of life (XEP-0199).</summary>
    Ping,
    /// <summary>Do not count on it: it owes an answer.</summary>
    Doubt,
    /// <summary>End the stream: it took too long.</summary>
    TimeOut,
    /// <summary>Close the connection: the other side has had time to.</summary>
    HangUp,
    /// <summary>Cut the connection: words do not reach it.</summary>
    Cut,
}

/// <summary>Keeps one stream's times: to authenticate, to speak, to read, to close. Looked at from one thread, told from others.</summary>
internal sealed class StreamWatch(StreamLimits limits, TimeProvider time)
{
    // Senders wait for a full queue at most this long, whoever they are: one client that does not read must not stop the others' streams.
    private static readonly TimeSpan MostFull = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Return = TimeSpan.FromSeconds(5);

    // So long may a carrier take to say goodbye, or what is still unwritten to be written.
    private static readonly TimeSpan MostHungUp = TimeSpan.FromSeconds(4);

    private readonly long _began = time.GetTimestamp();
    private long _closingSince;
    private long _arrivals = -1;
    private long _silentSince;
    private long _excusedUntil;
    private bool _isBound;
    private bool _isPinged;
    private bool _isHungUp;

    /// <summary>The stream has bound a resource.</summary>
    public void Bound() => Volatile.Write(ref _isBound, true);

    /// <summary>The stream's last words are queued.</summary>
    public void Closing() => Volatile.Write(ref _closingSince, time.GetTimestamp());

    /// <summary>What is due, given how much has arrived and what waits.</summary>
    public StreamDue LookAt(long now, long arrivals, OutboundQueue outbound, Management.SessionStream? stream = null, bool isPaused = false)
    {
        if (Volatile.Read(ref _closingSince) is var closing && closing != 0) return LookAtClosing(closing, now, outbound);
        if (isPaused) _excusedUntil = now;
        // A moment for the write that waited for its return.
        var isStalled = outbound.WritingFor(now) >= limits.WriteStall && (_excusedUntil == 0 || Passed(_excusedUntil, now, Return));
        if (isStalled || outbound.FullFor(now) >= MostFull || stream?.FullFor(now) >= MostFull) return StreamDue.Cut;
        if (!Volatile.Read(ref _isBound)) return Passed(_began, now, limits.AuthenticationTime) ? StreamDue.TimeOut : StreamDue.Nothing;
        if (arrivals != _arrivals || isPaused)
        {
            stream?.Spoke();
            (_arrivals, _silentSince, _isPinged) = (arrivals, now, false);
            return StreamDue.Nothing;
        }

        // Something is on its way to it, and it does not even say so.
        if (stream?.AskedSince is { } asked && asked != 0)
        {
            var since = Math.Max(asked, _silentSince);
            if (Passed(since, now, limits.PingAnswer)) return StreamDue.TimeOut;
            if (!stream.IsInDoubt && Passed(since, now, limits.SilenceBeforeDoubt)) return StreamDue.Doubt;
        }

        if (_isPinged) return Passed(_silentSince, now, limits.IdleBeforePing + limits.PingAnswer) ? StreamDue.TimeOut : StreamDue.Nothing;
        if (!Passed(_silentSince, now, limits.IdleBeforePing)) return StreamDue.Nothing;
        _isPinged = true;
        return StreamDue.Ping;
    }

    private StreamDue LookAtClosing(long closing, long now, OutboundQueue outbound)
    {
        if (!Passed(closing, now, limits.CloseTime)) return StreamDue.Nothing;
        if (_isHungUp || !outbound.Finished.IsCompleted) return Passed(closing, now, limits.CloseTime + MostHungUp) ? StreamDue.Cut : StreamDue.Nothing;
        _isHungUp = true;
        return StreamDue.HangUp;
    }

    private bool Passed(long since, long now, TimeSpan span) => time.GetElapsedTime(since, now) >= span;
}
