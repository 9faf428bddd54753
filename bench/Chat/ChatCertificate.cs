using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Parley.bench.Chat;

/// <summary>A certificate for the servers that make none themselves, of the kind that ours makes: an elliptic curve's, signed by itself.</summary>
internal static class ChatCertificate
{
    /// <summary>Writes one, and returns the files of certificate and key.</summary>
    public static (string Certificate, string Key) Make(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={ChatServer.Domain}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(ChatServer.Domain);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        var (certificatePath, keyPath) = (Path.Combine(folder, "bench.crt"), Path.Combine(folder, "bench.key"));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
        return (certificatePath, keyPath);
    }
}
