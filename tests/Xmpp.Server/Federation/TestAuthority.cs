using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Parley.tests.Xmpp.Server.Federation;

/// <summary>A certificate authority of a test's own, with an intermediate one, as public ones have.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-authority-").FullName;
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _middle;

    public TestAuthority()
    {
        var now = DateTimeOffset.UtcNow;
        _root = Authority("CN=Test root", _rootKey).CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        _middle = Authority("CN=Test intermediate", _middleKey).Create(_root.SubjectName, X509SignatureGenerator.CreateForECDsa(_rootKey), now.AddDays(-1), now.AddDays(20), [1, 2, 3]);
        Roots = Path.Combine(_directory, "roots.pem");
        File.WriteAllText(Roots, _root.ExportCertificatePem());
    }

    /// <summary>The file of the root.</summary>
    public string Roots { get; }

    /// <summary>Makes a certificate with its chain and key in one file; an end in the past makes it too old.</summary>
    public string Certify(Action<SubjectAlternativeNameBuilder> names, DateTimeOffset? until = null)
    {
        var path = Path.Combine(_directory, Guid.NewGuid() + ".pem");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Issue(key, names, until);
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + _middle.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        return path;
    }

    public string Certify(params string[] domains) => Certify(names =>
    {
        foreach (var domain in domains) names.AddDnsName(domain);
    });

    /// <summary>A certificate alone.</summary>
    public X509Certificate2 Issue(Action<SubjectAlternativeNameBuilder> names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Issue(key, names, null);
    }

    /// <summary>A certificate whose names are this extension.</summary>
    public X509Certificate2 Issue(X509Extension names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Issue(key, names, null);
    }

    public void Dispose()
    {
        _root.Dispose();
        _middle.Dispose();
        _rootKey.Dispose();
        _middleKey.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private X509Certificate2 Issue(ECDsa key, Action<SubjectAlternativeNameBuilder> names, DateTimeOffset? until)
    {
        var builder = new SubjectAlternativeNameBuilder();
        names(builder);
        return Issue(key, builder.Build(), until);
    }

    private X509Certificate2 Issue(ECDsa key, X509Extension names, DateTimeOffset? until)
    {
        var request = new CertificateRequest("CN=one.test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        // As public authorities do: for servers only.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        return request.Create(_middle.SubjectName, X509SignatureGenerator.CreateForECDsa(_middleKey), DateTimeOffset.UtcNow.AddHours(-12), until ?? DateTimeOffset.UtcNow.AddDays(10), Guid.NewGuid().ToByteArray());
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request;
    }
}
