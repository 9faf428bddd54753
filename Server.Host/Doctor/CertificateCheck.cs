using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Parley.Server.Host.Doctor;

/// <summary>Looks at the certificate as a browser would.</summary>
internal static class CertificateCheck
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public static async Task<Finding> RunAsync(Patient patient, CancellationToken ct)
    {
        var (domain, port) = (patient.Settings.Domains[0], patient.Settings.Listeners.Https.Port);
        X509Certificate2? shown = null;
        var errors = SslPolicyErrors.None;
        var fault = await Reach.ConnectAsync(patient.Here, port, ct, async (stream, over) =>
        {
            await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = domain,
#pragma warning disable CA5359 // What is wrong with it is the finding.
                RemoteCertificateValidationCallback = (_, certificate, _, found) =>
                {
                    (shown, errors) = (certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()), found);
                    return true;
                },
#pragma warning restore CA5359
            }, over);
        });
        using (shown)
        {
            if (fault is not null || shown is null) return Finding.Failure($"Listeners:Https:Port: no TLS at {patient.Here} port {port} ({fault})");
            return Judge(patient, shown, errors);
        }
    }

    private static Finding Judge(Patient patient, X509Certificate2 certificate, SslPolicyErrors errors)
    {
        var domain = patient.Settings.Domains[0];
        var ends = certificate.NotAfter.ToUniversalTime();
        if (ends < DateTime.UtcNow) return Finding.Failure($"Server:Certificate: ended at {ends:u}; get a new one");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return Finding.Failure($"Server:Certificate: does not bear the name {domain}");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return patient.Settings.IsLoopbackOnly
                ? Finding.Ok("TLS works, with a certificate that this server made itself")
                : Finding.Warning("Server:Certificate: browsers and clients will not trust the certificate (it is self-signed, or its chain is incomplete); get one from an authority and name it here");
        }

        return ends - DateTime.UtcNow < Soon ? Finding.Warning($"Server:Certificate: ends at {ends:u}") : Finding.Ok($"the certificate is trusted for {domain} until {ends:u}");
    }
}
