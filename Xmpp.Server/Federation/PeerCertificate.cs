using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Parley.Xmpp.Server.Security;

namespace Parley.Xmpp.Server.Federation;

/// <summary>What the other side of a TLS connection showed: a certificate, or nothing.</summary>
internal sealed class PeerCertificate
{
    private readonly X509Certificate2Collection _intermediates = [];
    private X509Certificate2? _leaf;

    /// <summary>How chains are built while the handshake runs: nothing is fetched from anywhere. Whom the certificate speaks for is judged later, when the domain is known.</summary>
    public static X509ChainPolicy HandshakePolicy => new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };

    /// <summary>Keeps what was shown; any certificate will do for the handshake itself.</summary>
    public bool Keep(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null) return true;
        _leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        foreach (var one in chain?.ChainPolicy.ExtraStore ?? []) _intermediates.Add(X509CertificateLoader.LoadCertificate(one.RawData));
        return true;
    }

    /// <summary>Whether it proves to speak for a domain.</summary>
    public bool Proves(string domain, TrustedRoots roots) => _leaf is not null && CertificateNames.Of(_leaf).Include(domain) && roots.Trust(_leaf, _intermediates);

    /// <summary>Gives it back.</summary>
    public void Forget()
    {
        _leaf?.Dispose();
        foreach (var one in _intermediates) one.Dispose();
    }
}
