using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Parley.Media.Core.Srtp;

namespace Parley.Media.Relay.Native;

/// <summary>A session key's cipher by OpenSSL, whose contexts keep the expanded key between packets. Nothing is allocated after the constructor.</summary>
internal sealed unsafe class OpenSslSrtpCipher : ISrtpCipher
{
    private readonly CipherContextHandle _cipher;
    private readonly HmacContextHandle? _hmac;
    private readonly nint _cipherContext, _hmacContext;

    public OpenSslSrtpCipher(SrtpProfile profile, ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> authenticationKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(encryptionKey.Length, SrtpProfiles.KeyLength);
        ArgumentOutOfRangeException.ThrowIfNotEqual(authenticationKey.Length, profile.AuthenticationKeyLength());
        LibSsl.ClearErrors();
        _cipher = LibCrypto.CipherNew();
        OpenSsl.Check(!_cipher.IsInvalid, "EVP_CIPHER_CTX_new");
        _cipherContext = _cipher.DangerousGetHandle();
        fixed (byte* key = encryptionKey)
        {
            var type = profile == SrtpProfile.AeadAes128Gcm ? LibCrypto.Aes128Gcm() : LibCrypto.Aes128Counter();
            OpenSsl.Check(LibCrypto.CipherInit(_cipherContext, type, 0, key, null, 1) == 1, "EVP_CipherInit_ex");
        }

        if (profile == SrtpProfile.AeadAes128Gcm) return;
        _hmac = LibCrypto.HmacNew();
        OpenSsl.Check(!_hmac.IsInvalid, "HMAC_CTX_new");
        _hmacContext = _hmac.DangerousGetHandle();
        fixed (byte* key = authenticationKey)
        {
            OpenSsl.Check(LibCrypto.HmacInit(_hmacContext, key, authenticationKey.Length, LibCrypto.Sha1(), 0) == 1, "HMAC_Init_ex");
        }
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, Span<byte> data, Span<byte> tag)
    {
        ObjectDisposedException.ThrowIf(_cipher.IsClosed, this);
        RequireSizes(iv.Length, 12, tag.Length, 16);
        int written;
        fixed (byte* i = iv, a = associated, d = data, t = tag)
        {
            var done = LibCrypto.CipherRestart(_cipherContext, 0, 0, null, i, 1) == 1
                && LibCrypto.CipherUpdate(_cipherContext, null, &written, a, associated.Length) == 1
                && LibCrypto.CipherUpdate(_cipherContext, d, &written, d, data.Length) == 1
                && LibCrypto.CipherFinal(_cipherContext, d, &written) == 1
                && LibCrypto.CipherControl(_cipherContext, LibCrypto.ControlGetTag, 16, t) == 1;
            GC.KeepAlive(this);
            if (!done) throw Broken();
        }
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public bool Open(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, Span<byte> data, ReadOnlySpan<byte> tag)
    {
        ObjectDisposedException.ThrowIf(_cipher.IsClosed, this);
        RequireSizes(iv.Length, 12, tag.Length, 16);
        int written;
        fixed (byte* i = iv, a = associated, d = data, t = tag)
        {
            var done = LibCrypto.CipherRestart(_cipherContext, 0, 0, null, i, 0) == 1
                && LibCrypto.CipherControl(_cipherContext, LibCrypto.ControlSetTag, 16, t) == 1
                && LibCrypto.CipherUpdate(_cipherContext, null, &written, a, associated.Length) == 1
                && LibCrypto.CipherUpdate(_cipherContext, d, &written, d, data.Length) == 1;
            var matches = done && LibCrypto.CipherFinal(_cipherContext, d, &written) == 1;
            GC.KeepAlive(this);
            return done ? matches : throw Broken();
        }
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void ApplyKeystream(ReadOnlySpan<byte> counter, Span<byte> data)
    {
        ObjectDisposedException.ThrowIf(_cipher.IsClosed, this);
        RequireSizes(counter.Length, 16, 20, 20);
        int written;
        fixed (byte* c = counter, d = data)
        {
            var done = LibCrypto.CipherRestart(_cipherContext, 0, 0, null, c, 1) == 1 && (data.IsEmpty || LibCrypto.CipherUpdate(_cipherContext, d, &written, d, data.Length) == 1);
            GC.KeepAlive(this);
            if (!done) throw Broken();
        }
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Authenticate(ReadOnlySpan<byte> data, Span<byte> mac)
    {
        ObjectDisposedException.ThrowIf(_hmac is null || _hmac.IsClosed, this);
        RequireSizes(16, 16, mac.Length, 20);
        uint written;
        fixed (byte* d = data, m = mac)
        {
            var done = LibCrypto.HmacRestart(_hmacContext, null, 0, 0, 0) == 1
                && LibCrypto.HmacUpdate(_hmacContext, d, (nuint)data.Length) == 1
                && LibCrypto.HmacFinal(_hmacContext, m, &written) == 1;
            GC.KeepAlive(this);
            if (!done) throw Broken();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cipher.Dispose();
        _hmac?.Dispose();
    }

    private static void RequireSizes(int iv, int ivWanted, int tag, int tagWanted)
    {
        if (iv != ivWanted || tag != tagWanted) throw new ArgumentException($"an IV of {iv} and a tag of {tag} bytes, not of {ivWanted} and {tagWanted}");
    }

    /// <summary>No packet can make these calls fail.</summary>
    private static CryptographicException Broken() => new($"OpenSSL: {OpenSsl.TakeError()}");
}
