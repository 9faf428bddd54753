using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Parley.Xmpp.Server.Security;

/// <summary>The channel binding <c>tls-server-end-point</c> (RFC 5929 section 4.1).</summary>
public static class TlsServerEndPoint
{
    /// <summary>Of the certificate that a server showed on a connection; empty where that is not known.</summary>
    public static ReadOnlyMemory<byte> Of(SslStream? tls)
    {
        if (tls?.LocalCertificate is not { } shown) return ReadOnlyMemory<byte>.Empty;
        if (shown is X509Certificate2 known) return Of(known);
        using var loaded = X509CertificateLoader.LoadCertificate(shown.GetRawCertData());
        return Of(loaded);
    }

    /// <summary>Of a certificate: the hash that its own signature uses, but SHA-256 where that is MD5 or SHA-1.</summary>
    public static ReadOnlyMemory<byte> Of(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawData),
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawData),
        _ => SHA256.HashData(certificate.RawData),
    };
}
