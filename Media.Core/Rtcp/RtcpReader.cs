using System.Buffers.Binary;

namespace Parley.Media.Core.Rtcp;

/// <summary>What an RTCP packet is.</summary>
public enum RtcpKind
{
    /// <summary>Something that we do not look into.</summary>
    Other,
    SenderReport,
    ReceiverReport,
    SourceDescription,
    Bye,
    /// <summary>Generic NACK (RFC 4585 section 6.2.1).</summary>
    Nack,
    /// <summary>Transport-wide congestion control feedback.</summary>
    TransportFeedback,
    /// <summary>Picture loss indication (RFC 4585 section 6.3.1).</summary>
    PictureLoss,
    /// <summary>Full intra request (RFC 5104 section 4.3.1).</summary>
    FullIntraRequest,
    /// <summary>Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb).</summary>
    MaxBitrate,
}

/// <summary>Goes through a compound RTCP packet (RFC 3550 section 6.1): <c>foreach (var packet in RtcpReader.Read(bytes))</c>. It stops at the first malformed one.</summary>
public ref struct RtcpReader
{
    private ReadOnlySpan<byte> _rest;

    private RtcpReader(ReadOnlySpan<byte> compound) => _rest = compound;

    /// <summary>The packet reached.</summary>
    public RtcpPacket Current { get; private set; }

    /// <summary>Starts reading.</summary>
    public static RtcpReader Read(ReadOnlySpan<byte> compound) => new(compound);

    /// <summary>Itself, for foreach.</summary>
    public readonly RtcpReader GetEnumerator() => this;

    /// <summary>Goes on to the next.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < 4 || _rest[0] >> 6 != 2) return false;
        var length = 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length > _rest.Length) return false;
        var body = _rest[4..length];
        if ((_rest[0] & 0x20) != 0)
        {
            if (body.IsEmpty || body[^1] == 0 || body[^1] > body.Length) return false;
            body = body[..^body[^1]];
        }

        Current = new RtcpPacket(_rest[1], _rest[0] & 0x1F, body);
        _rest = _rest[length..];
        return true;
    }
}
