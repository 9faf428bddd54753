using System.Buffers.Binary;

namespace Parley.Media.Core.Rtcp;

/// <summary>Writes a compound RTCP packet into a span. What does not fit is left out, and <see cref="HasOverflowed"/> says so.</summary>
public ref struct RtcpWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _reportAt = -1;

    /// <summary>The length so far.</summary>
    public int Length { get; private set; }

    /// <summary>Whether something was left out.</summary>
    public bool HasOverflowed { get; private set; }

    /// <summary>The compound so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    /// <summary>Adds a sender report; blocks may follow.</summary>
    public void AddSenderReport(SenderReport report)
    {
        var body = AppendReport(200, 24);
        if (body.IsEmpty) return;
        BinaryPrimitives.WriteUInt32BigEndian(body, report.Ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(body[4..], report.Ntp);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], report.RtpTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], report.Packets);
        BinaryPrimitives.WriteUInt32BigEndian(body[20..], report.Octets);
    }

    /// <summary>Adds a receiver report; blocks may follow.</summary>
    public void AddReceiverReport(uint ssrc)
    {
        var body = AppendReport(201, 4);
        if (!body.IsEmpty) BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
    }

    /// <summary>Adds a block to the report just added.</summary>
    public void AddReportBlock(ReportBlock block)
    {
        if (_reportAt < 0 || (_buffer[_reportAt] & 0x1F) == 31 || _buffer.Length - Length < ReportBlock.Length)
        {
            HasOverflowed = true;
            return;
        }

        var to = _buffer.Slice(Length, ReportBlock.Length);
        BinaryPrimitives.WriteUInt32BigEndian(to, block.Ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], ((uint)block.FractionLost << 24) | ((uint)Math.Clamp(block.TotalLost, -0x800000, 0x7FFFFF) & 0xFFFFFF));
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], block.HighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(to[12..], block.Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], block.LastReport);
        BinaryPrimitives.WriteUInt32BigEndian(to[20..], block.DelaySinceLastReport);
        Length += ReportBlock.Length;
        _buffer[_reportAt]++;
        WriteLength(_reportAt);
    }

    /// <summary>Adds a source description with a CNAME (at most 255 bytes of UTF-8).</summary>
    public void AddSourceDescription(uint ssrc, scoped ReadOnlySpan<byte> cname)
    {
        // SSRC, item type and length, the name, at least one zero, to a word's end (RFC 3550 section 6.5).
        var body = Append(202, 1, (4 + 2 + cname.Length + 1 + 3) & ~3);
        if (body.IsEmpty) return;
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        (body[4], body[5]) = (1, (byte)cname.Length);
        cname.CopyTo(body[6..]);
        body[(6 + cname.Length)..].Clear();
    }

    /// <summary>Adds a goodbye.</summary>
    public void AddBye(uint ssrc)
    {
        var body = Append(203, 1, 4);
        if (!body.IsEmpty) BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
    }

    /// <summary>Adds a picture loss indication.</summary>
    public void AddPictureLoss(uint sender, uint media) => AddFeedback(206, 1, sender, media, 0);

    /// <summary>Adds a full intra request; the number rises with each new one.</summary>
    public void AddFullIntraRequest(uint sender, uint media, byte number)
    {
        var data = AddFeedback(206, 4, sender, 0, 8);
        if (data.IsEmpty) return;
        BinaryPrimitives.WriteUInt32BigEndian(data, media);
        BinaryPrimitives.WriteUInt32BigEndian(data[4..], (uint)number << 24);
    }

    /// <summary>Adds a generic NACK of sequence numbers in ascending order.</summary>
    public void AddNack(uint sender, uint media, scoped ReadOnlySpan<ushort> lost)
    {
        if (lost.IsEmpty) return;
        var entries = 0;
        for (var i = 0; i < lost.Length; entries++)
        {
            for (var first = lost[i++]; i < lost.Length && (ushort)(lost[i] - first) is >= 1 and <= 16;) i++;
        }

        var data = AddFeedback(205, 1, sender, media, 4 * entries);
        for (var i = 0; i < lost.Length && !data.IsEmpty; data = data[4..])
        {
            var first = lost[i++];
            var mask = 0;
            for (; i < lost.Length && (ushort)(lost[i] - first) is var ahead and >= 1 and <= 16; i++) mask |= 1 << (ahead - 1);
            BinaryPrimitives.WriteUInt16BigEndian(data, first);
            BinaryPrimitives.WriteUInt16BigEndian(data[2..], (ushort)mask);
        }
    }

    /// <summary>Adds a REMB for some SSRCs.</summary>
    public void AddMaxBitrate(uint sender, ulong bitsPerSecond, scoped ReadOnlySpan<uint> media)
    {
        var data = AddFeedback(206, 15, sender, 0, 8 + 4 * media.Length);
        if (data.IsEmpty) return;
        var exponent = 0;
        for (; bitsPerSecond > 0x3FFFF; bitsPerSecond >>= 1) exponent++;
        "REMB"u8.CopyTo(data);
        BinaryPrimitives.WriteUInt32BigEndian(data[4..], ((uint)media.Length << 24) | ((uint)exponent << 18) | (uint)bitsPerSecond);
        for (var i = 0; i < media.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(data[(8 + 4 * i)..], media[i]);
    }

    /// <summary>Adds transport-wide feedback whose data is written already; its length is a multiple of 4.</summary>
    internal void AddTransportFeedback(uint sender, uint media, scoped ReadOnlySpan<byte> data)
    {
        var to = AddFeedback(205, 15, sender, media, data.Length);
        if (!to.IsEmpty) data.CopyTo(to);
    }

    private Span<byte> AddFeedback(byte type, int format, uint sender, uint media, int length)
    {
        var body = Append(type, format, 8 + length);
        if (body.IsEmpty) return default;
        BinaryPrimitives.WriteUInt32BigEndian(body, sender);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], media);
        return body[8..];
    }

    private Span<byte> AppendReport(byte type, int length)
    {
        var at = Length;
        var body = Append(type, 0, length);
        if (!body.IsEmpty) _reportAt = at;
        return body;
    }

    private Span<byte> Append(byte type, int count, int length)
    {
        if (_buffer.Length - Length < 4 + length)
        {
            HasOverflowed = true;
            return default;
        }

        var at = Length;
        Length += 4 + length;
        (_buffer[at], _buffer[at + 1], _reportAt) = ((byte)(0x80 | count), type, -1);
        WriteLength(at);
        return _buffer[(at + 4)..Length];
    }

    private readonly void WriteLength(int at) => BinaryPrimitives.WriteUInt16BigEndian(_buffer[(at + 2)..], (ushort)((Length - at) / 4 - 1));
}
