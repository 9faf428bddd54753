using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Security;

/// <summary>Makes the certificate that a server without one of its own shows.</summary>
public static class SelfSignedCertificate
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(730);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    /// <summary>The DNS names that it bears.</summary>
    public static IReadOnlyList<string> NamesOf(XmppServerSettings settings) =>
        [.. settings.Domains.SelectMany(d => new[] { d, "calls." + d, settings.GuestDomainOf(d) ?? "guest." + d }).Append("localhost").Where(n => !n.Contains('[')).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a kept one still bears every name and lives long enough.</summary>
    public static bool Fits(X509Certificate2 certificate, XmppServerSettings settings, DateTimeOffset now)
    {
        if (certificate.NotAfter.ToUniversalTime() - now.UtcDateTime < RenewBefore) return false;
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return NamesOf(settings).All(n => names.Contains(Ascii(n)));
    }

    /// <summary>Makes one and writes it; the key file is readable by its owner only.</summary>
    /// <exception cref="StartFailureException">The files cannot be written.</exception>
    public static void Make(XmppServerSettings settings, DateTimeOffset now, string certificatePath, string keyPath)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Ascii(settings.Domains[0])}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in NamesOf(settings)) names.AddDnsName(Ascii(name));
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        if (!settings.IsLoopbackOnly && !settings.BindAddress.Equals(IPAddress.Any) && !settings.BindAddress.Equals(IPAddress.IPv6Any)) names.AddIpAddress(settings.BindAddress);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + Life);
        try
        {
            Directory.CreateDirectory(settings.DataDirectory);
            WritePrivate(keyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
            File.WriteAllText(certificatePath, certificate.ExportCertificatePem() + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailureException("Server:DataDirectory", $"cannot write {certificatePath} ({e.Message}).", e);
        }
    }

    private static void WritePrivate(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(path);
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }

    private static string Ascii(string name) => new System.Globalization.IdnMapping().GetAscii(name);
}
