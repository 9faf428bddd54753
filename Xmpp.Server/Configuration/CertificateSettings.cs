using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Configuration;

/// <summary>What can be said of <c>Server:Certificates</c> before the files are read.</summary>
internal static class CertificateSettings
{
    /// <summary>Notes what is wrong.</summary>
    public static void Check(XmppServerSettings settings, List<string> faults)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < settings.Server.Certificates.Count; i++)
        {
            var (one, key) = (settings.Server.Certificates[i], $"Server:Certificates:{i}");
            if (!Jid.TryParse(one.Domain, out var jid) || jid is not { Local: null, Resource: null }) faults.Add($"{key}:Domain: \"{one.Domain}\" is not a domain name.");
            else if (!IsOurs(settings, jid.Domain)) faults.Add($"{key}:Domain: {jid.Domain} is neither a served domain or a component's, nor below one.");
            else if (!named.Add(jid.Domain)) faults.Add($"{key}:Domain: {jid.Domain} has a certificate already.");
            if (!File.Exists(one.Certificate)) faults.Add($"{key}:Certificate: there is no file {one.Certificate}.");
            if (one.CertificateKey is { } file && !File.Exists(file)) faults.Add($"{key}:CertificateKey: there is no file {file}.");
        }
    }

    private static bool IsOurs(XmppServerSettings settings, string domain) =>
        settings.Domains.Concat(settings.ComponentDomains).Concat(settings.GuestDomains).Any(d => d == domain || domain.EndsWith("." + d, StringComparison.Ordinal));
}
