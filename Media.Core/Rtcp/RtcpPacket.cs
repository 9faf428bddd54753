using System.Buffers.Binary;
using System.Numerics;

namespace Parley.Media.Core.Rtcp;

/// <summary>A sender report's own part (RFC 3550 section 6.4.1).</summary>
/// <param name="Ssrc">Whose.</param>
/// <param name="Ntp">The sender's wall clock, 32.32.</param>
/// <param name="RtpTimestamp">The same moment on the stream's clock.</param>
/// <param name="Packets">Packets sent.</param>
/// <param name="Octets">Payload octets sent.</param>
public readonly record struct SenderReport(uint Ssrc, ulong Ntp, uint RtpTimestamp, uint Packets, uint Octets);

/// <summary>A report block (RFC 3550 section 6.4.1).</summary>
/// <param name="Ssrc">About whom.</param>
/// <param name="FractionLost">Of 256, since the last report.</param>
/// <param name="TotalLost">Since the start; may be negative.</param>
/// <param name="HighestSequence">Extended.</param>
/// <param name="Jitter">In timestamp units.</param>
/// <param name="LastReport">The middle 32 bits of the last sender report's clock; 0 if none came.</param>
/// <param name="DelaySinceLastReport">In 1/65536 s.</param>
public readonly record struct ReportBlock(uint Ssrc, byte FractionLost, int TotalLost, uint HighestSequence, uint Jitter, uint LastReport, uint DelaySinceLastReport)
{
    /// <summary>Its length on the wire.</summary>
    public const int Length = 24;
}

/// <summary>One packet of a compound, its body within bounds and without padding.</summary>
public readonly ref struct RtcpPacket
{
    private readonly int _count;
    private readonly ReadOnlySpan<byte> _body;

    internal RtcpPacket(byte type, int count, ReadOnlySpan<byte> body)
    {
        _count = count;
        _body = body;
        Kind = (type, count, body.Length) switch
        {
            (200, _, >= 24) => RtcpKind.SenderReport,
            (201, _, >= 4) => RtcpKind.ReceiverReport,
            (202, _, _) => RtcpKind.SourceDescription,
            (203, _, _) => RtcpKind.Bye,
            (205, 1, >= 8) => RtcpKind.Nack,
            (205, 15, >= 16) => RtcpKind.TransportFeedback,
            (206, 1, >= 8) => RtcpKind.PictureLoss,
            (206, 4, >= 8) => RtcpKind.FullIntraRequest,
            (206, 15, >= 16) when body.Slice(8, 4).SequenceEqual("REMB"u8) => RtcpKind.MaxBitrate,
            _ => RtcpKind.Other,
        };
    }

    /// <summary>What it is; its fixed part is there.</summary>
    public RtcpKind Kind { get; }

    /// <summary>What follows the four bytes of header.</summary>
    public ReadOnlySpan<byte> Body => _body;

    /// <summary>Who sends it; for reports and feedback.</summary>
    public uint SenderSsrc => Word(0);

    /// <summary>What it is about; for feedback.</summary>
    public uint MediaSsrc => Word(4);

    /// <summary>A sender report's own part.</summary>
    public SenderReport SenderReport => new(Word(0), BinaryPrimitives.ReadUInt64BigEndian(_body[4..]), Word(12), Word(16), Word(20));

    /// <summary>How many report blocks there are room for, whatever the packet claims.</summary>
    public int ReportBlockCount => Math.Min(_count, (_body.Length - ReportStart) / Rtcp.ReportBlock.Length);

    /// <summary>How many SSRCs say goodbye.</summary>
    public int ByeCount => Math.Min(_count, _body.Length / 4);

    /// <summary>How many NACK entries there are, of up to 17 packets each.</summary>
    public int NackCount => (_body.Length - 8) / 4;

    /// <summary>How many full intra requests there are.</summary>
    public int FullIntraRequestCount => (_body.Length - 8) / 8;

    /// <summary>The SSRC of a full intra request.</summary>
    public uint FullIntraRequestSsrc(int index) => Word(8 + 8 * index);

    /// <summary>An SSRC that says goodbye.</summary>
    public uint ByeSsrc(int index) => Word(4 * index);

    /// <summary>The bitrate of a REMB in bits a second.</summary>
    public ulong MaxBitrate
    {
        get
        {
            var word = Word(12);
            return (ulong)UInt128.Min((UInt128)(word & 0x3FFFF) << (int)((word >> 18) & 63), ulong.MaxValue);
        }
    }

    private int ReportStart => Kind == RtcpKind.SenderReport ? 24 : 4;

    /// <summary>A report block.</summary>
    public ReportBlock ReportBlock(int index)
    {
        var at = ReportStart + index * Rtcp.ReportBlock.Length;
        var loss = Word(at + 4);
        return new(Word(at), (byte)(loss >> 24), (int)(loss << 8) >> 8, Word(at + 8), Word(at + 12), Word(at + 16), Word(at + 20));
    }

    /// <summary>Writes an entry's lost sequence numbers, at most 17.</summary>
    /// <returns>How many.</returns>
    public int ReadNack(int index, Span<ushort> lost)
    {
        var word = Word(8 + 4 * index);
        var (first, count) = ((ushort)(word >> 16), 0);
        lost[count++] = first;
        for (var mask = word & 0xFFFF; mask != 0; mask &= mask - 1) lost[count++] = (ushort)(first + 1 + BitOperations.TrailingZeroCount(mask));
        return count;
    }

    private uint Word(int at) => BinaryPrimitives.ReadUInt32BigEndian(_body[at..]);
}
