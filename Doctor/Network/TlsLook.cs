using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Parley.Doctor.Network;

/// <summary>Speaks TLS, and keeps what is wrong with the certificate rather than hanging up: that is a finding, and what lies behind is looked at too.</summary>
internal static class TlsLook
{
    private static readonly ConditionalWeakTable<Stream, Trust> Seen = [];

    /// <summary>What a server showed. One for each connection.</summary>
    internal sealed class Trust
    {
        /// <summary>Its certificate; null before it showed one.</summary>
        public X509Certificate2? Certificate { get; private set; }

        /// <summary>What is wrong.</summary>
        public SslPolicyErrors Errors { get; private set; }

        /// <summary>What is wrong with its chain.</summary>
        public X509ChainStatusFlags Chain { get; private set; }

        /// <summary>The names that it bears, as OpenSSL reads them, for people.</summary>
        public string Names => Certificate is null ? "" : string.Join(", ",
            Certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).DefaultIfEmpty(Certificate.GetNameInfo(X509NameType.SimpleName, false)));

        public bool Take(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            Certificate = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
            (Errors, Chain) = (errors, chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status) ?? X509ChainStatusFlags.NoError);
            return true;
        }
    }

    /// <summary>Puts TLS onto a connection.</summary>
    /// <param name="carrier">The connection.</param>
    /// <param name="name">The name that the certificate should bear.</param>
    /// <param name="protocol">What to ask for by ALPN (RFC 7301); null for nothing.</param>
    /// <param name="trust">Takes what the server shows.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ReachException">There is no TLS.</exception>
    public static async Task<SslStream> SecureAsync(Stream carrier, string name, string? protocol, Trust trust, CancellationToken ct)
    {
        var tls = new SslStream(carrier);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                ApplicationProtocols = protocol is null ? null : [new SslApplicationProtocol(protocol)],
#pragma warning disable CA5359 // What is wrong with it is the finding, and no password follows where something is.
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) => trust.Take(certificate, chain, errors),
#pragma warning restore CA5359
            }, ct);
            Seen.Add(tls, trust);
            return tls;
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            await tls.DisposeAsync();
            throw new ReachException($"no TLS: {e.Message}", e);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether a connection's certificate did not stand.</summary>
    public static bool IsDoubtful(Stream carrier) => !Seen.TryGetValue(carrier, out var trust) || trust.Errors != SslPolicyErrors.None;
}
