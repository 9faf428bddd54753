using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Parley.Media.Core.Srtp;

/// <summary>Protects and unprotects one packet, given its index: the formats of RFC 3711 sections 3.1 and 3.4 and of RFC 7714 sections 8 and 9.</summary>
internal sealed class SrtpCrypto(SrtpSessionKeys keys, ISrtpCipherFactory factory) : IDisposable
{
    private readonly ISrtpCipher _cipher = factory.Create(keys.Profile, keys.Encryption, keys.Authentication);
    private readonly byte[] _salt = keys.Salt;
    private readonly bool _isGcm = keys.Profile == SrtpProfile.AeadAes128Gcm;
    private readonly int _tagLength = keys.Profile.TagLength();

    public int TagLength => _tagLength;

    public void Dispose() => _cipher.Dispose();

    /// <summary>Protects an RTP packet of <paramref name="length"/> bytes; the room has <see cref="TagLength"/> more.</summary>
    [SkipLocalsInit]
    public void ProtectRtp(Span<byte> room, int headerLength, int length, uint ssrc, ulong index)
    {
        var tag = room.Slice(length, _tagLength);
        if (_isGcm)
        {
            Span<byte> iv = stackalloc byte[12];
            WriteGcmIv(iv, ssrc, index);
            _cipher.Seal(iv, room[..headerLength], room[headerLength..length], tag);
            return;
        }

        Span<byte> counter = stackalloc byte[16], mac = stackalloc byte[20];
        WriteCounter(counter, ssrc, index);
        _cipher.ApplyKeystream(counter, room[headerLength..length]);
        BinaryPrimitives.WriteUInt32BigEndian(tag, (uint)(index >> 16));
        _cipher.Authenticate(room[..(length + 4)], mac);
        mac[.._tagLength].CopyTo(tag);
    }

    /// <summary>Unprotects an RTP packet in place; false if it is forged, and then its bytes are worthless.</summary>
    [SkipLocalsInit]
    public bool UnprotectRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        var length = packet.Length - _tagLength;
        var tag = packet[length..];
        if (_isGcm)
        {
            Span<byte> iv = stackalloc byte[12];
            WriteGcmIv(iv, ssrc, index);
            return _cipher.Open(iv, packet[..headerLength], packet[headerLength..length], tag);
        }

        Span<byte> counter = stackalloc byte[16], mac = stackalloc byte[20], received = stackalloc byte[10];
        tag.CopyTo(received);
        BinaryPrimitives.WriteUInt32BigEndian(tag, (uint)(index >> 16));
        _cipher.Authenticate(packet[..(length + 4)], mac);
        if (!CryptographicOperations.FixedTimeEquals(received, mac[..10])) return false;
        WriteCounter(counter, ssrc, index);
        _cipher.ApplyKeystream(counter, packet[headerLength..length]);
        return true;
    }

    /// <summary>Protects a compound RTCP packet; the room has <see cref="TagLength"/> and 4 more.</summary>
    [SkipLocalsInit]
    public void ProtectRtcp(Span<byte> room, int length, uint ssrc, uint index)
    {
        var word = index | 0x8000_0000; // E: encrypted
        if (_isGcm)
        {
            Span<byte> iv = stackalloc byte[12], associated = stackalloc byte[12];
            WriteGcmRtcpIv(iv, ssrc, index);
            WriteRtcpAssociated(associated, room, word);
            _cipher.Seal(iv, associated, room[8..length], room.Slice(length, _tagLength));
            BinaryPrimitives.WriteUInt32BigEndian(room[(length + _tagLength)..], word);
            return;
        }

        Span<byte> counter = stackalloc byte[16], mac = stackalloc byte[20];
        WriteCounter(counter, ssrc, index);
        _cipher.ApplyKeystream(counter, room[8..length]);
        BinaryPrimitives.WriteUInt32BigEndian(room[length..], word);
        _cipher.Authenticate(room[..(length + 4)], mac);
        mac[.._tagLength].CopyTo(room[(length + 4)..]);
    }

    /// <summary>The index word of a protected RTCP packet, whose length was checked.</summary>
    public uint ReadRtcpWord(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(_isGcm ? packet[^4..] : packet[^(_tagLength + 4)..]);

    /// <summary>Unprotects a compound RTCP packet in place; false if it is forged.</summary>
    [SkipLocalsInit]
    public bool UnprotectRtcp(Span<byte> packet, uint ssrc, uint word)
    {
        var length = packet.Length - _tagLength - 4;
        var index = word & 0x7FFF_FFFF;
        if (_isGcm)
        {
            Span<byte> iv = stackalloc byte[12], associated = stackalloc byte[12];
            WriteGcmRtcpIv(iv, ssrc, index);
            WriteRtcpAssociated(associated, packet, word);
            return _cipher.Open(iv, associated, packet[8..length], packet.Slice(length, _tagLength));
        }

        Span<byte> counter = stackalloc byte[16], mac = stackalloc byte[20];
        _cipher.Authenticate(packet[..(length + 4)], mac);
        if (!CryptographicOperations.FixedTimeEquals(packet[(length + 4)..], mac[.._tagLength])) return false;
        WriteCounter(counter, ssrc, index);
        _cipher.ApplyKeystream(counter, packet[8..length]);
        return true;
    }

    // RFC 7714 section 8.1: 16 bits of zero, SSRC, rollover counter and sequence number, over the salt.
    private void WriteGcmIv(Span<byte> iv, uint ssrc, ulong index)
    {
        BinaryPrimitives.WriteUInt16BigEndian(iv, 0);
        BinaryPrimitives.WriteUInt32BigEndian(iv[2..], ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(iv[6..], (uint)(index >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(iv[10..], (ushort)index);
        for (var i = 0; i < 12; i++) iv[i] ^= _salt[i];
    }

    // RFC 7714 section 9.1: 16 bits of zero, SSRC, 16 bits of zero, 0 and the 31-bit index, over the salt.
    private void WriteGcmRtcpIv(Span<byte> iv, uint ssrc, uint index)
    {
        BinaryPrimitives.WriteUInt16BigEndian(iv, 0);
        BinaryPrimitives.WriteUInt32BigEndian(iv[2..], ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(iv[6..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(iv[8..], index);
        for (var i = 0; i < 12; i++) iv[i] ^= _salt[i];
    }

    // RFC 7714 section 9.2: the first 8 bytes and the index word are authenticated, not encrypted.
    private static void WriteRtcpAssociated(Span<byte> associated, ReadOnlySpan<byte> packet, uint word)
    {
        packet[..8].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[8..], word);
    }

    // RFC 3711 section 4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16.
    private void WriteCounter(Span<byte> counter, uint ssrc, ulong index)
    {
        BinaryPrimitives.WriteUInt64BigEndian(counter, ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], index << 16);
        for (var i = 0; i < 14; i++) counter[i] ^= _salt[i];
    }
}
