using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Security;

/// <summary>
/// Holds the certificates that TLS listeners show: the operator's, one for all domains or one each, or one made at the first start. Their files are looked at now and
/// then, so that one which was renewed is shown without a restart.
/// </summary>
public sealed class CertificateStore : IStatusSource, IDisposable
{
    /// <summary>The file of the certificate that the server made itself, below the data directory.</summary>
    public const string OwnCertificateFile = "certificate.pem";

    /// <summary>The key of that certificate.</summary>
    public const string OwnKeyFile = "certificate-key.pem";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    private readonly XmppServerSettings _settings;
    private readonly CertificateSet _set;
    private readonly WatchedCertificate _default;
    private readonly List<WatchedCertificate> _all;
    private readonly TimeProvider _time;
    private readonly Lock _looking = new();
    private long _lookedAt;

    /// <summary>Loads the certificates, or makes one.</summary>
    /// <exception cref="StartFailureException">Files cannot be read or written, or a certificate does not fit.</exception>
    public CertificateStore(XmppServerSettings settings, TimeProvider time, ILogger<CertificateStore> log)
    {
        (_settings, _time, _lookedAt) = (settings, time, time.GetTimestamp());
        var faults = new List<StartFailureException>();
        _set = CertificateSet.Load(settings, log, faults);
        if (faults.Count > 0) throw faults.Count == 1 ? faults[0] : new StartFailureException(faults[0].Key, string.Join('\n', faults.Select(f => f.Message))[(faults[0].Key.Length + 2)..], faults[0]);
        foreach (var one in _set.All.Where(c => c.Current.NotAfter - time.GetUtcNow().UtcDateTime < Soon)) log.LogWarning(300, "The certificate {Path} ends at {NotAfter:u}", one.Path, one.Current.NotAfter);
        _default = _set.Default ?? LoadOwn(settings, time, log);
        _all = [.. _set.All.Append(_default).Distinct()];
        foreach (var domain in settings.Domains.Where(d => !For(d).Current.Names.Include(d))) log.LogWarning(304, "No certificate bears the name {Domain}: its clients and other servers will refuse {Path}", domain, For(domain).Path);
    }

    /// <inheritdoc/>
    string IStatusSource.Name => "certificates";

    /// <summary>What is wrong with the certificates that the configuration names, each a line that begins with its key; nothing is made.</summary>
    public static IReadOnlyList<string> Check(XmppServerSettings settings)
    {
        var faults = new List<StartFailureException>();
        foreach (var one in CertificateSet.Load(settings, NullLogger.Instance, faults).All) one.Dispose();
        return [.. faults.Select(f => f.Message)];
    }

    /// <summary>The certificate for a handshake that names a server, or none.</summary>
    public X509Certificate2 Select(string? serverName = null) => For(serverName).Current.Leaf;

    /// <summary>The certificate of a domain with the chain to send.</summary>
    public SslStreamCertificateContext ContextFor(string domain) => For(domain).Current.Context;

    /// <summary>TLS options for one handshake. Taken anew for each, so that a replaced certificate counts at once.</summary>
    /// <param name="serverName">Whom the other side looks for, by SNI or by the stream's header; null or empty if it did not say.</param>
    /// <param name="applicationProtocols">The protocols for ALPN, if any.</param>
    public SslServerAuthenticationOptions HandshakeOptions(string? serverName, params SslApplicationProtocol[] applicationProtocols) => new()
    {
        ServerCertificateContext = For(serverName).Current.Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = applicationProtocols.Length == 0 ? null : [.. applicationProtocols],
        ClientCertificateRequired = false,
        AllowRenegotiation = false,
    };

    /// <summary>Looks at the files at once, as whoever renews certificates wants; returns why new ones cannot be used, null if there is nothing wrong.</summary>
    public string? LookAgain()
    {
        lock (_looking)
        {
            Look();
            var faults = _all.Select(c => c.Fault).OfType<string>().ToList();
            return faults.Count == 0 ? null : string.Join('\n', faults);
        }
    }

    /// <inheritdoc/>
    IReadOnlyDictionary<string, object?> IStatusSource.Read() => _settings.Domains.ToDictionary(d => d, d => (object?)StateOf(d), StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in _all) one.Dispose();
    }

    private static WatchedCertificate LoadOwn(XmppServerSettings settings, TimeProvider time, ILogger log)
    {
        var files = new CertificateFiles(Path.Combine(settings.DataDirectory, OwnCertificateFile), Path.Combine(settings.DataDirectory, OwnKeyFile), "Server:DataDirectory");
        if (File.Exists(files.Certificate) && File.Exists(files.Key))
        {
            var kept = new WatchedCertificate(files, log);
            if (SelfSignedCertificate.Fits(kept.Current.Leaf, settings, time.GetUtcNow())) return kept;
            kept.Dispose();
        }

        SelfSignedCertificate.Make(settings, time.GetUtcNow(), files.Certificate, files.Key);
        log.LogInformation(301, "Made a self-signed certificate, {Path}; set Server:Certificate to use one that others trust", files.Certificate);
        return new WatchedCertificate(files, log);
    }

    private string StateOf(string domain)
    {
        var (certificate, now) = (For(domain).Current, _time.GetUtcNow().UtcDateTime);
        var state = !certificate.Names.Include(domain) ? "wrong name" : certificate.NotAfter < now ? "expired" : certificate.NotAfter - now < Soon ? "ends soon" : "valid";
        return $"{state} until {certificate.NotAfter:yyyy-MM-dd'T'HH:mm:ss'Z'} ({For(domain).Path})";
    }

    private WatchedCertificate For(string? serverName)
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

        return _set.Find(serverName, _default);
    }

    private void Look()
    {
        Volatile.Write(ref _lookedAt, _time.GetTimestamp());
        foreach (var one in _all) one.Look();
    }
}
