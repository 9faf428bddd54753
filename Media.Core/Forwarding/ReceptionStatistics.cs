using Parley.Media.Core.Rtcp;

namespace Parley.Media.Core.Forwarding;

/// <summary>What a report block says of a stream that comes in (RFC 3550 sections 6.4.1, A.3 and A.8).</summary>
internal sealed class ReceptionStatistics
{
    private long _first = -1, _highest, _received, _expectedPrior, _receivedPrior;
    private long _srArrivalMs;
    private uint _lastSr, _lastTransit;
    private double _jitter;

    /// <summary>Packets that came, without retransmissions.</summary>
    public long Received => _received;

    /// <summary>The latest interval's loss, of 256.</summary>
    public byte FractionLost { get; private set; }

    public void OnPacket(long position, uint timestamp, long nowMs, int clockRate)
    {
        var transit = (uint)(nowMs * clockRate / 1000) - timestamp;
        if (_first < 0) (_first, _highest) = (position, position);
        else if (position > _highest)
        {
            // Late ones would count reordering as jitter.
            _highest = position;
            _jitter += (Math.Abs((double)(int)(transit - _lastTransit)) - _jitter) / 16;
        }

        _first = Math.Min(_first, position);
        _lastTransit = transit;
        _received++;
    }

    public void OnSenderReport(ulong ntp, long nowMs) => (_lastSr, _srArrivalMs) = ((uint)(ntp >> 16), nowMs);

    /// <summary>Makes the block; false before the first packet.</summary>
    public bool TryTake(uint ssrc, long nowMs, out ReportBlock block)
    {
        block = default;
        if (_first < 0) return false;
        var expected = _highest - _first + 1;
        var (newExpected, newReceived) = (expected - _expectedPrior, _received - _receivedPrior);
        (_expectedPrior, _receivedPrior) = (expected, _received);
        var lost = newExpected - newReceived;
        FractionLost = (byte)(newExpected <= 0 || lost <= 0 ? 0 : Math.Min(255, (lost << 8) / newExpected));
        var delay = _lastSr == 0 ? 0 : (uint)Math.Min(uint.MaxValue, (nowMs - _srArrivalMs) * 65536 / 1000);
        block = new(ssrc, FractionLost, (int)Math.Clamp(expected - _received, -0x800000, 0x7FFFFF), (uint)_highest, (uint)_jitter, _lastSr, delay);
        return true;
    }
}
