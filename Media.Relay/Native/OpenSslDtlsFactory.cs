using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parley.Media.Core.Dtls;

namespace Parley.Media.Relay.Native;

/// <summary>
/// Makes DTLS 1.2 associations of OpenSSL that show one ECDSA P-256 certificate, made with the factory. A peer's certificate is never judged by its issuer: its
/// fingerprint came with the signalling and is compared before the keys are used (RFC 8122).
/// </summary>
public sealed unsafe class OpenSslDtlsFactory : IDtlsEngineFactory, IDisposable
{
    /// <summary>The longest certificate message taken, and with it the longest handshake message (RFC 8827 asks for nothing near it).</summary>
    private const int MaxCertificateBytes = 16 * 1024;

    // GCM alone, which every WebRTC endpoint has (RFC 8827 section 6.5): DtlsRecords counts on its lengths.
    private static ReadOnlySpan<byte> Ciphers => "ECDHE+AESGCM:!aNULL:!PSK"u8;

    private static ReadOnlySpan<byte> Groups => "X25519:P-256:P-384"u8;

    /// <summary>In our order of preference, which counts when we are the server.</summary>
    private static ReadOnlySpan<byte> SrtpProfiles => "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"u8;

    private readonly SslContextHandle _context;

    /// <summary>Makes a factory with a certificate of its own.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no OpenSSL that will do; <see cref="OpenSsl.TryLoad"/> tells it beforehand.</exception>
    public OpenSslDtlsFactory()
        : this(checkedAlready: false)
    {
    }

    internal OpenSslDtlsFactory(bool checkedAlready)
    {
        if (!checkedAlready) OpenSsl.EnsureLoaded();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // No name, as it would tell what we are; and a validity that nobody checks but that outlives the process.
        var now = DateTimeOffset.UtcNow;
        using var certificate = new CertificateRequest("CN=dtls", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        Fingerprint = string.Join(':', SHA256.HashData(certificate.RawData).Select(octet => octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));

        LibSsl.ClearErrors();
        _context = LibSsl.ContextNew(LibSsl.DtlsMethod());
        OpenSsl.Check(!_context.IsInvalid, "SSL_CTX_new");
        Configure();
        var privateKey = key.ExportECPrivateKey();
        fixed (byte* der = certificate.RawData) OpenSsl.Check(LibSsl.ContextUseCertificate(_context, certificate.RawData.Length, der) == 1, "SSL_CTX_use_certificate_ASN1");
        fixed (byte* der = privateKey) OpenSsl.Check(LibSsl.ContextUsePrivateKey(LibSsl.KeyTypeEc, _context, der, privateKey.Length) == 1, "SSL_CTX_use_PrivateKey_ASN1");
        CryptographicOperations.ZeroMemory(privateKey);
    }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public IDtlsEngine Create() => new OpenSslDtls(_context);

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private void Configure()
    {
        OpenSsl.Check(LibSsl.ContextControl(_context, LibSsl.ControlMinVersion, LibSsl.Dtls12, null) == 1, "SSL_CTX_set_min_proto_version");
        OpenSsl.Check(LibSsl.ContextControl(_context, LibSsl.ControlMaxVersion, LibSsl.Dtls12, null) == 1, "SSL_CTX_set_max_proto_version");
        _ = LibSsl.ContextSetOptions(_context, LibSsl.OptionNoQueryMtu | LibSsl.OptionNoTicket | LibSsl.OptionNoCompression | LibSsl.OptionServerPreference | LibSsl.OptionNoRenegotiation);
        _ = LibSsl.ContextControl(_context, LibSsl.ControlSessionCacheMode, 0, null);
        _ = LibSsl.ContextControl(_context, LibSsl.ControlMaxCertificateList, MaxCertificateBytes, null);
        fixed (byte* list = Ciphers) OpenSsl.Check(LibSsl.ContextSetCiphers(_context, list) == 1, "SSL_CTX_set_cipher_list");
        fixed (byte* list = Groups) OpenSsl.Check(LibSsl.ContextControl(_context, LibSsl.ControlGroupsList, 0, list) == 1, "SSL_CTX_set1_groups_list");
        fixed (byte* list = SrtpProfiles) OpenSsl.Check(LibSsl.ContextUseSrtp(_context, list) == 0, "SSL_CTX_set_tlsext_use_srtp");
        LibSsl.ContextSetVerify(_context, LibSsl.VerifyPeer | LibSsl.VerifyFailIfNoPeerCertificate, 0);
        LibSsl.ContextSetVerifyCallback(_context, &AcceptAny, null);
    }

    /// <summary>Takes the place of the chain's verification.</summary>
    [UnmanagedCallersOnly]
    private static int AcceptAny(nint store, void* argument) => 1;
}
