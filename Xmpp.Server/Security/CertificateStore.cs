using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Security;

/// <summary>
/// Holds the certificate that every TLS listener shows: the operator's, or one made at the first start. Its files are looked at now and then, so that one which was
/// renewed is shown without a restart; while new files cannot be used, as between the writing of the one and the other, the last good ones are.
/// </summary>
public sealed class CertificateStore : IDisposable
{
    /// <summary>The file of the certificate that the server made itself, below the data directory.</summary>
    public const string OwnCertificateFile = "certificate.pem";

    /// <summary>The key of that certificate.</summary>
    public const string OwnKeyFile = "certificate-key.pem";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private readonly CertificateFiles _files;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _looking = new();
    private volatile Holding _current;
    private string _stamp;
    private string? _failed;
    private long _lookedAt;

    /// <summary>Loads the certificate, or makes one.</summary>
    /// <exception cref="StartFailureException">The files cannot be read or written.</exception>
    public CertificateStore(XmppServerSettings settings, TimeProvider time, ILogger<CertificateStore> log)
    {
        (_time, _log, _lookedAt) = (time, log, time.GetTimestamp());
        if (settings.Server.Certificate is { } path)
        {
            _files = new(path, settings.Server.CertificateKey ?? path, "Server:Certificate");
            (_stamp, _current) = (_files.Stamp(), Load(_files));
            var left = _current.Leaf.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime;
            if (left < TimeSpan.FromDays(14)) log.LogWarning(300, "The certificate {Path} ends at {NotAfter:u}", path, _current.Leaf.NotAfter.ToUniversalTime());
            return;
        }

        var certificate = Path.Combine(settings.DataDirectory, OwnCertificateFile);
        var key = Path.Combine(settings.DataDirectory, OwnKeyFile);
        _files = new(certificate, key, "Server:DataDirectory");
        if (File.Exists(certificate) && File.Exists(key))
        {
            _stamp = _files.Stamp();
            var kept = Load(_files);
            if (SelfSignedCertificate.Fits(kept.Leaf, settings, time.GetUtcNow()))
            {
                _current = kept;
                return;
            }

            kept.Dispose();
        }

        SelfSignedCertificate.Make(settings, time.GetUtcNow(), certificate, key);
        log.LogInformation(301, "Made a self-signed certificate, {Path}; set Server:Certificate to use one that others trust", certificate);
        (_stamp, _current) = (_files.Stamp(), Load(_files));
    }

    /// <summary>The certificate for a handshake that names a server (SNI), or none.</summary>
    public X509Certificate2 Select(string? serverName = null) => Current.Leaf;

    /// <summary>The certificate with the chain to send.</summary>
    public SslStreamCertificateContext Context => Current.Context;

    /// <summary>TLS options for one handshake. Taken anew for each, so that a replaced certificate counts at once.</summary>
    /// <param name="applicationProtocols">The protocols for ALPN, if any.</param>
    public SslServerAuthenticationOptions HandshakeOptions(params SslApplicationProtocol[] applicationProtocols) => new()
    {
        ServerCertificateContext = Current.Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = applicationProtocols.Length == 0 ? null : [.. applicationProtocols],
        ClientCertificateRequired = false,
        AllowRenegotiation = false,
    };

    /// <summary>The <c>tls-server-end-point</c> channel binding of the certificate shown (RFC 5929 section 4.1).</summary>
    public ReadOnlyMemory<byte> ServerEndPoint => Current.ServerEndPoint;

    private Holding Current
    {
        get
        {
            // Whoever comes while another looks shows what there is.
            if (_time.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= LookEvery && _looking.TryEnter())
            {
                try
                {
                    Look();
                }
                finally
                {
                    _looking.Exit();
                }
            }

            return _current;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _current.Dispose();

    private void Look()
    {
        Volatile.Write(ref _lookedAt, _time.GetTimestamp());
        var stamp = _stamp;
        try
        {
            stamp = _files.Stamp();
            if (stamp == _stamp) return;
            // The one before is left to the collector: handshakes with it may be under way.
            (_current, _stamp, _failed) = (Load(_files), stamp, null);
            _log.LogInformation(302, "The certificate {Path} was replaced; the new one ends at {NotAfter:u}", _files.Certificate, _current.Leaf.NotAfter.ToUniversalTime());
        }
        catch (Exception e) when (e is StartFailureException or IOException or UnauthorizedAccessException)
        {
            // Said once for each state of the files.
            if (_failed == stamp) return;
            _failed = stamp;
            _log.LogWarning(303, "The certificate {Path} was replaced by one that cannot be used, so the old one stays: {Reason}", _files.Certificate, e.Message);
        }
    }

    private static Holding Load(CertificateFiles files)
    {
        var certificate = files.Certificate;
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(certificate, files.Key);
            // SslStream on some platforms needs a key that is not ephemeral.
            var leaf = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            return new Holding(leaf, SslStreamCertificateContext.Create(leaf, chain, offline: true));
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartFailureException(files.Blame, $"the certificate {certificate} cannot be used ({e.Message}).", e);
        }
    }

    private sealed class Holding(X509Certificate2 leaf, SslStreamCertificateContext context) : IDisposable
    {
        public X509Certificate2 Leaf { get; } = leaf;

        public SslStreamCertificateContext Context { get; } = context;

        public byte[] ServerEndPoint { get; } = HashOf(leaf);

        public void Dispose() => Leaf.Dispose();

        // RFC 5929 section 4.1: the hash of the certificate's own signature, but SHA-256 where that is MD5 or SHA-1.
        private static byte[] HashOf(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
        {
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawData),
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawData),
            _ => SHA256.HashData(certificate.RawData),
        };
    }
}
