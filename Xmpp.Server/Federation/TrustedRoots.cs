using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Federation;

/// <summary>
/// Whom certificates of other servers must come from: the system's roots, and those that the operator named. Revocation lists are not asked for, and a key usage for
/// servers is enough also where the server is the one that connects: public authorities give no other any more.
/// </summary>
internal sealed class TrustedRoots
{
    private readonly X509Certificate2Collection _named = [];

    /// <summary>Reads the named roots.</summary>
    /// <exception cref="StartFailureException">The file cannot be read.</exception>
    public TrustedRoots(XmppServerSettings settings)
    {
        if (settings.Federation.TrustedRoots is not { } path) return;
        try
        {
            _named.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartFailureException("Federation:TrustedRoots", $"the file {path} cannot be used ({e.Message}).", e);
        }

        if (_named.Count == 0) throw new StartFailureException("Federation:TrustedRoots", $"the file {path} holds no certificate.");
    }

    /// <summary>Whether a certificate is valid now and comes from one of them (RFC 5280 section 6).</summary>
    public bool Trust(X509Certificate2 leaf, X509Certificate2Collection intermediates) =>
        Build(leaf, intermediates, null) || (_named.Count > 0 && Build(leaf, intermediates, _named));

    private static bool Build(X509Certificate2 leaf, X509Certificate2Collection intermediates, X509Certificate2Collection? roots)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ExtraStore.AddRange(intermediates);
        if (roots is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        }

        return chain.Build(leaf);
    }
}
