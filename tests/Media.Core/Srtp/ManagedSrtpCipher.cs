using System.Numerics;
using System.Security.Cryptography;
using Parley.Media.Core.Srtp;

namespace Parley.tests.Media.Core.Srtp;

/// <summary>The cryptography by the framework: slow, plain, and a cross-check of OpenSSL's.</summary>
public sealed class ManagedSrtpCipher : ISrtpCipher
{
    private readonly AesGcm? _gcm;
    private readonly Aes? _aes;
    private readonly byte[] _authentication, _block = new byte[16], _stream = new byte[16];

    public ManagedSrtpCipher(SrtpProfile profile, ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication)
    {
        _authentication = authentication.ToArray();
        if (profile == SrtpProfile.AeadAes128Gcm)
        {
            _gcm = new AesGcm(encryption, 16);
            return;
        }

        _aes = Aes.Create();
        _aes.SetKey(encryption);
    }

    public void Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, Span<byte> data, Span<byte> tag) => _gcm!.Encrypt(iv, data, data, tag, associated);

    public bool Open(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, Span<byte> data, ReadOnlySpan<byte> tag)
    {
        try
        {
            _gcm!.Decrypt(iv, data, tag, data, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void ApplyKeystream(ReadOnlySpan<byte> counter, Span<byte> data)
    {
        var next = new BigInteger(counter, isUnsigned: true, isBigEndian: true);
        for (var at = 0; at < data.Length; at += 16, next++)
        {
            var bytes = next.ToByteArray(isUnsigned: true, isBigEndian: true);
            _block.AsSpan().Clear();
            bytes.AsSpan(Math.Max(0, bytes.Length - 16)).CopyTo(_block.AsSpan(16 - Math.Min(16, bytes.Length)));
#pragma warning disable CA5358 // Counter mode is made of it.
            _aes!.EncryptEcb(_block, _stream, PaddingMode.None);
#pragma warning restore CA5358
            for (var i = 0; i < Math.Min(16, data.Length - at); i++) data[at + i] ^= _stream[i];
        }
    }

#pragma warning disable CA5350 // RFC 3711's tag.
    public void Authenticate(ReadOnlySpan<byte> data, Span<byte> mac) => HMACSHA1.HashData(_authentication, data, mac);
#pragma warning restore CA5350

    public void Dispose()
    {
        _gcm?.Dispose();
        _aes?.Dispose();
    }

    public sealed class Factory : ISrtpCipherFactory
    {
        public ISrtpCipher Create(SrtpProfile profile, ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> authenticationKey) =>
            new ManagedSrtpCipher(profile, encryptionKey, authenticationKey);
    }
}
