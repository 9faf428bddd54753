using System.Buffers.Binary;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Core.Srtp;

/// <summary>Unprotects what one transport receives. An SSRC is remembered only once a packet of it was authentic.</summary>
public sealed class SrtpReceiver : IDisposable
{
    /// <summary>SSRCs per transport, for RTP and for RTCP.</summary>
    public const int MaxSsrcs = 256;

    private readonly SrtpCrypto _rtp, _rtcp;
    private readonly SsrcWindows _rtpWindows = new(MaxSsrcs), _rtcpWindows = new(MaxSsrcs);

    /// <summary>Makes a receiver of a master key.</summary>
    public SrtpReceiver(SrtpMasterKey master, ISrtpCipherFactory factory)
        : this(SrtpSessionKeys.ForRtp(master), SrtpSessionKeys.ForRtcp(master), factory)
    {
    }

    /// <summary>Makes a receiver of session keys.</summary>
    public SrtpReceiver(SrtpSessionKeys rtp, SrtpSessionKeys rtcp, ISrtpCipherFactory factory)
    {
        (_rtp, _rtcp) = (new(rtp, factory), new(rtcp, factory));
    }

    /// <summary>Unprotects an RTP packet in place.</summary>
    /// <param name="packet">The datagram; after <see cref="SrtpResult.Ok"/> its first <paramref name="length"/> bytes are the packet in the clear, else its bytes are worthless.</param>
    /// <param name="header">The header.</param>
    /// <param name="length">The packet's length in the clear.</param>
    public SrtpResult UnprotectRtp(Span<byte> packet, out RtpHeader header, out int length)
    {
        length = 0;
        if (!RtpHeader.TryParse(packet, out header) || packet.Length < header.Length + _rtp.TagLength) return SrtpResult.Malformed;
        var slot = _rtpWindows.Find(header.Ssrc);
        ulong index = header.Sequence;
        if (slot < 0 && !_rtpWindows.HasRoom) return SrtpResult.TooManySsrcs;
        if (slot >= 0 && (!_rtpWindows[slot].TryEstimate(header.Sequence, out index) || !_rtpWindows[slot].Accepts(index))) return SrtpResult.Replayed;
        if (!_rtp.UnprotectRtp(packet, header.Length, header.Ssrc, index)) return SrtpResult.Forged;
        if (slot < 0) slot = _rtpWindows.Add(header.Ssrc);
        _rtpWindows[slot].Add(index);
        length = packet.Length - _rtp.TagLength;
        return SrtpResult.Ok;
    }

    /// <summary>Unprotects a compound RTCP packet in place.</summary>
    public SrtpResult UnprotectRtcp(Span<byte> packet, out int length)
    {
        length = 0;
        if (packet.Length < 8 + _rtcp.TagLength + 4 || packet[0] >> 6 != 2) return SrtpResult.Malformed;
        var word = _rtcp.ReadRtcpWord(packet);
        if ((word & 0x8000_0000) == 0) return SrtpResult.Malformed; // RTCP in the clear has no place beside DTLS-SRTP
        var (ssrc, index) = (BinaryPrimitives.ReadUInt32BigEndian(packet[4..]), word & 0x7FFF_FFFF);
        var slot = _rtcpWindows.Find(ssrc);
        if (slot < 0 && !_rtcpWindows.HasRoom) return SrtpResult.TooManySsrcs;
        if (slot >= 0 && !_rtcpWindows[slot].Accepts(index)) return SrtpResult.Replayed;
        if (!_rtcp.UnprotectRtcp(packet, ssrc, word)) return SrtpResult.Forged;
        if (slot < 0) slot = _rtcpWindows.Add(ssrc);
        _rtcpWindows[slot].Add(index);
        length = packet.Length - _rtcp.TagLength - 4;
        return SrtpResult.Ok;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }
}
