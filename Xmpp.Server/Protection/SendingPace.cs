using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Protection;

/// <summary>How much a sender may send, in stanzas and in bytes: what is too much is not refused but read later, by which TCP tells the sender to wait. From any thread.</summary>
/// <param name="limits">What one account may send.</param>
/// <param name="time">The clock.</param>
/// <param name="times">How many times as much this sender may, who speaks for many.</param>
internal sealed class SendingPace(StreamLimits limits, TimeProvider time, int times = 1)
{
    /// <summary>What the server does for each piece that arrives costs it about as much as reading so many bytes.</summary>
    public const int BytesPerPiece = 64;

    private const int StanzaSeconds = 10, ByteSeconds = 32;

    // The longest wait: a stream that is read no more for long cannot even be closed.
    private const int MostSeconds = 10;

    // Shorter waits are not worth a timer; what is not waited for now is waited for with the next.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly double _stanzasPerSecond = limits.StanzasPerSecond * (double)times;
    private readonly double _bytesPerSecond = limits.BytesPerSecond * (double)times;
    private Budget _stanzas, _bytes;

    /// <summary>Who shares it.</summary>
    internal int Users { get; set; }

    /// <summary>Whether a new one would be the same.</summary>
    public bool IsRested
    {
        get
        {
            lock (_gate)
            {
                Refill();
                return _stanzas.Spent <= 0 && _bytes.Spent <= 0;
            }
        }
    }

    /// <summary>A piece of so many bytes has arrived. Returns how long to wait before reading on.</summary>
    public TimeSpan Arrived(int bytes)
    {
        if (_bytesPerSecond == 0) return TimeSpan.Zero;
        lock (_gate)
        {
            Refill();
            _bytes.Spend(bytes + BytesPerPiece, _bytesPerSecond * (ByteSeconds + MostSeconds));
            return Wait(_bytes.Spent, _bytesPerSecond, ByteSeconds);
        }
    }

    /// <summary>A stanza has come. Returns how long to wait before taking the next.</summary>
    public TimeSpan Sent()
    {
        if (_stanzasPerSecond == 0) return TimeSpan.Zero;
        lock (_gate)
        {
            Refill();
            _stanzas.Spend(1, _stanzasPerSecond * (StanzaSeconds + MostSeconds));
            return Wait(_stanzas.Spent, _stanzasPerSecond, StanzaSeconds);
        }
    }

    private static TimeSpan Wait(double spent, double perSecond, int seconds)
    {
        var wait = TimeSpan.FromSeconds(Math.Max(0, spent - (perSecond * seconds)) / perSecond);
        return wait < Least ? TimeSpan.Zero : wait;
    }

    private void Refill()
    {
        var now = time.GetTimestamp();
        _stanzas.Refill(now, time, _stanzasPerSecond);
        _bytes.Refill(now, time, _bytesPerSecond);
    }
}
