using System.Buffers.Binary;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Core.Srtp;

/// <summary>
/// Protects what one transport sends. It never protects twice under one (key, SSRC, index): an index that was used, or lies so far back that it may have been, is
/// refused. A resend is therefore either an RTX packet with an SSRC of its own, or the bytes that were protected the first time, sent again untouched.
/// </summary>
public sealed class SrtpSender : IDisposable
{
    /// <summary>SSRCs per transport.</summary>
    public const int MaxSsrcs = 1024;

    private readonly SrtpCrypto _rtp, _rtcp;
    private readonly SsrcWindows _windows = new(MaxSsrcs);
    private uint _nextRtcpIndex;

    /// <summary>Makes a sender of a master key.</summary>
    public SrtpSender(SrtpMasterKey master, ISrtpCipherFactory factory)
        : this(SrtpSessionKeys.ForRtp(master), SrtpSessionKeys.ForRtcp(master), factory)
    {
    }

    /// <summary>Makes a sender of session keys.</summary>
    public SrtpSender(SrtpSessionKeys rtp, SrtpSessionKeys rtcp, ISrtpCipherFactory factory, uint firstRtcpIndex = 0)
    {
        (_rtp, _rtcp, _nextRtcpIndex) = (new(rtp, factory), new(rtcp, factory), firstRtcpIndex);
    }

    /// <summary>What protecting adds to an RTP packet.</summary>
    public int RtpTrailer => _rtp.TagLength;

    /// <summary>What protecting adds to an RTCP packet.</summary>
    public int RtcpTrailer => _rtcp.TagLength + 4;

    /// <summary>Protects an RTP packet in place. An SSRC's first packet has rollover counter 0 (start below 2^15); late packets may come out of order, once each.</summary>
    /// <param name="room">The packet with room behind it.</param>
    /// <param name="length">The packet's length.</param>
    /// <param name="protectedLength">The length to send.</param>
    public SrtpResult ProtectRtp(Span<byte> room, int length, out int protectedLength)
    {
        protectedLength = 0;
        if (!RtpHeader.TryParse(room[..length], out var header)) return SrtpResult.Malformed;
        if (room.Length < length + _rtp.TagLength) return SrtpResult.NoRoom;
        var slot = _windows.Find(header.Ssrc);
        if (slot < 0)
        {
            if (!_windows.HasRoom) return SrtpResult.TooManySsrcs;
            slot = _windows.Add(header.Ssrc);
        }

        ref var window = ref _windows[slot];
        if (!window.TryEstimate(header.Sequence, out var index)) return window.Highest >> 47 == 0 ? SrtpResult.Replayed : SrtpResult.Exhausted;
        if (!window.Accepts(index)) return SrtpResult.Replayed;
        window.Add(index);
        _rtp.ProtectRtp(room, header.Length, length, header.Ssrc, index);
        protectedLength = length + _rtp.TagLength;
        return SrtpResult.Ok;
    }

    /// <summary>Protects a compound RTCP packet in place. One index counts for all SSRCs, which is as unique as one each.</summary>
    public SrtpResult ProtectRtcp(Span<byte> room, int length, out int protectedLength)
    {
        protectedLength = 0;
        if (length < 8 || length > room.Length) return SrtpResult.Malformed;
        if (room.Length < length + RtcpTrailer) return SrtpResult.NoRoom;
        if (_nextRtcpIndex > 0x7FFF_FFFF) return SrtpResult.Exhausted;
        _rtcp.ProtectRtcp(room, length, BinaryPrimitives.ReadUInt32BigEndian(room[4..]), _nextRtcpIndex++);
        protectedLength = length + RtcpTrailer;
        return SrtpResult.Ok;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }
}
