using System.Buffers.Binary;
using System.Text;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Core.Forwarding;

/// <summary>Writes an outgoing packet's header with the receiver's own ids. Contributing sources, padding and what the receiver did not negotiate are dropped.</summary>
internal sealed class RtpRewriter
{
    /// <summary>The longest header written: fixed part, block header, mid, level, orientation, send time, sequence, padding.</summary>
    public const int MaxHeader = 12 + 4 + 17 + 2 + 2 + 4 + 3 + 3;

    private readonly ExtensionMap _extensions;
    private readonly TransportSequencer? _sequencer;
    private readonly byte[] _mid;

    public RtpRewriter(ExtensionMap extensions, string? mid, TransportSequencer? sequencer)
    {
        (_extensions, _sequencer) = (extensions, sequencer);
        _mid = mid is not null && extensions.Writes(RtpExtensionKind.Mid) ? Encoding.UTF8.GetBytes(mid) : [];
        if (_mid.Length > 16) throw new ArgumentException("a mid has at most 16 bytes", nameof(mid));
    }

    /// <summary>Writes the header and returns its length.</summary>
    public int WriteHeader(Span<byte> to, byte payloadType, bool marker, ushort sequence, uint timestamp, uint ssrc, in PacketInfo info, long nowMs)
    {
        to[1] = (byte)((marker ? 0x80 : 0) | payloadType);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], ssrc);
        var end = WriteExtensions(to, 16, info, nowMs);
        to[0] = (byte)(end > 16 ? 0x90 : 0x80);
        if (end == 16) return 12;
        while ((end & 3) != 0) to[end++] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(to[12..], 0xBEDE);
        BinaryPrimitives.WriteUInt16BigEndian(to[14..], (ushort)((end - 16) / 4));
        return end;
    }

    private int WriteExtensions(Span<byte> to, int at, in PacketInfo info, long nowMs)
    {
        if (_mid.Length > 0)
        {
            to[at] = (byte)((_extensions.IdOf(RtpExtensionKind.Mid) << 4) | (_mid.Length - 1));
            _mid.CopyTo(to[(at + 1)..]);
            at += 1 + _mid.Length;
        }

        if (info.AudioLevel >= 0 && _extensions.Writes(RtpExtensionKind.AudioLevel))
        {
            to[at] = (byte)(_extensions.IdOf(RtpExtensionKind.AudioLevel) << 4);
            to[at + 1] = (byte)info.AudioLevel;
            at += 2;
        }

        if (info.VideoOrientation >= 0 && _extensions.Writes(RtpExtensionKind.VideoOrientation))
        {
            to[at] = (byte)(_extensions.IdOf(RtpExtensionKind.VideoOrientation) << 4);
            to[at + 1] = (byte)info.VideoOrientation;
            at += 2;
        }

        if (_extensions.Writes(RtpExtensionKind.AbsSendTime))
        {
            // Seconds in 6.18 fixed point.
            var time = (uint)((nowMs << 18) / 1000) & 0xFFFFFF;
            to[at] = (byte)((_extensions.IdOf(RtpExtensionKind.AbsSendTime) << 4) | 2);
            (to[at + 1], to[at + 2], to[at + 3]) = ((byte)(time >> 16), (byte)(time >> 8), (byte)time);
            at += 4;
        }

        if (_sequencer is not null && _extensions.Writes(RtpExtensionKind.TransportSequence))
        {
            to[at] = (byte)((_extensions.IdOf(RtpExtensionKind.TransportSequence) << 4) | 1);
            BinaryPrimitives.WriteUInt16BigEndian(to[(at + 1)..], _sequencer.Take());
            at += 3;
        }

        return at;
    }
}
