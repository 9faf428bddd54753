using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Security;

/// <summary>A certificate that can be shown: with its key and the chain behind it.</summary>
internal sealed class HeldCertificate : IDisposable
{
    private HeldCertificate(X509Certificate2 leaf, SslStreamCertificateContext context) => (Leaf, Context, Names) = (leaf, context, CertificateNames.Of(leaf));

    public X509Certificate2 Leaf { get; }

    public SslStreamCertificateContext Context { get; }

    public CertificateNames Names { get; }

    public DateTime NotAfter => Leaf.NotAfter.ToUniversalTime();

    /// <summary>Reads it.</summary>
    /// <exception cref="StartFailureException">It cannot be read, the key is another's, or it does not bear the name that it must.</exception>
    public static HeldCertificate Load(CertificateFiles files)
    {
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
            // SslStream on some platforms needs a key that is not ephemeral.
            var leaf = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(files.Certificate);
            var held = new HeldCertificate(leaf, SslStreamCertificateContext.Create(leaf, chain, offline: true));
            if (files.Domain is not { } domain || held.Names.Include(domain)) return held;
            var names = string.Join(", ", held.Names.All);
            held.Dispose();
            throw new StartFailureException(files.Blame, $"the certificate {files.Certificate} is not for {domain}; it bears {(names.Length > 0 ? names : "no name")}.");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartFailureException(files.Blame, $"the certificate {files.Certificate} cannot be used ({e.Message}).", e);
        }
    }

    public void Dispose() => Leaf.Dispose();
}
