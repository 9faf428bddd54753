using System.Buffers.Binary;
using Parley.Media.Core.Rtcp;

namespace Parley.Media.Core.Forwarding;

/// <summary>
/// Tells a sender when each of its packets came, by transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01): its own congestion control
/// does the rest. One per transport.
/// </summary>
public sealed class TransportFeedback
{
    private const int Slots = 4096, MaxStatuses = 400;
    private const long UnitUs = 250, ReferenceUs = 64_000;

    private readonly long[] _sequences = new long[Slots], _arrivals = new long[Slots];
    private long _highest = -1, _next = -1;
    private bool _hasNews;
    private byte _count;

    /// <summary>Makes an empty one.</summary>
    public TransportFeedback() => _sequences.AsSpan().Fill(-1);

    /// <summary>A packet with a transport-wide sequence number came.</summary>
    public void OnPacket(ushort sequence, long arrivalUs)
    {
        var extended = _highest < 0 ? sequence + 0x10000L : _highest + (short)(sequence - (ushort)_highest);
        if (extended <= _highest - Slots / 2) return;
        if (_highest < 0) _next = extended;
        else if (extended < _next) _next = extended; // came late: was reported lost, so that is taken back
        if (extended - _next > Slots / 2) _next = extended;
        _highest = Math.Max(_highest, extended);
        var slot = extended & (Slots - 1);
        if (_sequences[slot] == extended) return;
        (_sequences[slot], _arrivals[slot], _hasNews) = (extended, arrivalUs, true);
    }

    /// <summary>Adds feedback on what came since the last time; call every 50 to 100 ms. The compound has begun with a report.</summary>
    /// <returns>Whether there was any.</returns>
    public bool Write(ref RtcpWriter rtcp, uint sender, uint media)
    {
        if (!_hasNews) return false;
        _hasNews = false;
        Span<byte> data = stackalloc byte[8 + 2 * MaxStatuses + 2 * MaxStatuses + 4];
        var wrote = false;
        while (_next <= _highest)
        {
            var length = WriteOne(data);
            if (length == 0) break;
            rtcp.AddTransportFeedback(sender, media, data[..length]);
            wrote = true;
        }

        return wrote;
    }

    private int WriteOne(Span<byte> data)
    {
        // The reference time comes from the first packet that arrived; losses before it count too.
        var first = _next;
        while (first <= _highest && !Has(first)) first++;
        if (first > _highest || first - _next >= MaxStatuses)
        {
            _next = first > _highest ? _highest + 1 : first;
            if (_next > _highest) return 0;
        }

        Span<byte> symbols = stackalloc byte[MaxStatuses];
        Span<byte> deltas = stackalloc byte[2 * MaxStatuses];
        var reference = FloorDivide(_arrivals[first & (Slots - 1)], ReferenceUs);
        var (at, count, deltaLength) = (reference * ReferenceUs, 0, 0);
        var start = _next;
        for (; _next <= _highest && count < MaxStatuses; _next++, count++)
        {
            if (!Has(_next)) continue; // symbol 0: not received
            var delta = FloorDivide(_arrivals[_next & (Slots - 1)] - at, UnitUs);
            if (delta is < short.MinValue or > short.MaxValue) break;
            at += delta * UnitUs;
            if (delta is >= 0 and <= 255)
            {
                symbols[count] = 1;
                deltas[deltaLength++] = (byte)delta;
            }
            else
            {
                symbols[count] = 2;
                BinaryPrimitives.WriteInt16BigEndian(deltas[deltaLength..], (short)delta);
                deltaLength += 2;
            }
        }

        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)start);
        BinaryPrimitives.WriteUInt16BigEndian(data[2..], (ushort)count);
        BinaryPrimitives.WriteUInt32BigEndian(data[4..], ((uint)reference << 8) | _count++);
        var length = 8 + WriteChunks(data[8..], symbols[..count]);
        deltas[..deltaLength].CopyTo(data[length..]);
        length += deltaLength;
        while ((length & 3) != 0) data[length++] = 0;
        return length;
    }

    /// <summary>Runs of one symbol where they pay, else vectors of seven two-bit symbols (sections 3.1.3 and 3.1.4).</summary>
    private static int WriteChunks(Span<byte> to, ReadOnlySpan<byte> symbols)
    {
        var length = 0;
        while (!symbols.IsEmpty)
        {
            var run = symbols.IndexOfAnyExcept(symbols[0]);
            if (run < 0) run = symbols.Length;
            int chunk;
            if (run >= 7 || run == symbols.Length) chunk = (symbols[0] << 13) | run;
            else
            {
                run = Math.Min(7, symbols.Length);
                chunk = 0xC000;
                for (var i = 0; i < run; i++) chunk |= symbols[i] << (12 - 2 * i);
            }

            BinaryPrimitives.WriteUInt16BigEndian(to[length..], (ushort)chunk);
            length += 2;
            symbols = symbols[run..];
        }

        return length;
    }

    private bool Has(long sequence) => _sequences[sequence & (Slots - 1)] == sequence;

    private static long FloorDivide(long value, long by) => value >= 0 ? value / by : -((-value + by - 1) / by);
}
