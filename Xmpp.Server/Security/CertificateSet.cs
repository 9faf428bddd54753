using Microsoft.Extensions.Logging;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Security;

/// <summary>The certificates that the configuration names, by domain.</summary>
internal sealed class CertificateSet
{
    private readonly Dictionary<string, WatchedCertificate> _byDomain = new(StringComparer.OrdinalIgnoreCase);

    private CertificateSet() { }

    /// <summary>That of <c>Server:Certificate</c>, else that of the first domain; null where there is neither.</summary>
    public WatchedCertificate? Default { get; private set; }

    /// <summary>All of them.</summary>
    public IEnumerable<WatchedCertificate> All => Default is { } one ? _byDomain.Values.Prepend(one).Distinct() : _byDomain.Values;

    /// <summary>Reads them all.</summary>
    /// <param name="settings">What names them.</param>
    /// <param name="log">Where replacements are told of.</param>
    /// <param name="faults">Takes what is wrong with each.</param>
    public static CertificateSet Load(XmppServerSettings settings, ILogger log, ICollection<StartFailureException> faults)
    {
        var set = new CertificateSet();
        var server = settings.Server;
        if (server.Certificate is { } path) set.Default = Read(new CertificateFiles(path, server.CertificateKey ?? path, "Server:Certificate"));
        for (var i = 0; i < server.Certificates.Count; i++)
        {
            var one = server.Certificates[i];
            if (CertificateNames.Ascii(one.Domain) is not { } name) continue; // no domain name: said by the settings
            if (Read(new CertificateFiles(one.Certificate, one.CertificateKey ?? one.Certificate, $"Server:Certificates:{i}", one.Domain)) is { } read) set._byDomain.TryAdd(name, read);
        }

        set.Default ??= set._byDomain.GetValueOrDefault(CertificateNames.Ascii(settings.Domains[0]) ?? "");
        return set;

        WatchedCertificate? Read(CertificateFiles files)
        {
            try
            {
                return new WatchedCertificate(files, log);
            }
            catch (StartFailureException e)
            {
                faults.Add(e);
                return null;
            }
        }
    }

    /// <summary>
    /// The certificate of a name: that of the domain which it is or lies below, nearest first. A name below a domain whose certificate does not bear it is left to
    /// <paramref name="fallback"/> where that does.
    /// </summary>
    public WatchedCertificate Find(string? name, WatchedCertificate fallback)
    {
        if (_byDomain.Count == 0 || string.IsNullOrEmpty(name) || CertificateNames.Ascii(name.TrimEnd('.')) is not { } ascii) return fallback;
        for (var at = ascii; ; at = at[(at.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            if (_byDomain.TryGetValue(at, out var found)) return found.Current.Names.Include(ascii) || !fallback.Current.Names.Include(ascii) ? found : fallback;
            if (!at.Contains('.', StringComparison.Ordinal)) return fallback;
        }
    }
}
