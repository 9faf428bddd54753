using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Parley.Doctor.Network;
using Parley.Doctor.Xmpp;
using Parley.Xmpp.Core;

namespace Parley.Doctor.Steps;

/// <summary>The certificate, as clients and browsers judge it.</summary>
internal sealed class TlsStep() : Step("tls")
{
    private const string Key = "Server:Certificate";
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    /// <inheritdoc/>
    protected override TimeSpan Limit => TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart.Ways.Count > 0 || chart.Https is not null;

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        var ways = chart.Ways.Select(w => (End: new System.Net.IPEndPoint(w.Address, w.Port), Protocol: w.IsTls ? "xmpp-client" : null)).ToList();
        if (chart.Https is { } https) ways.Add((https, "http/1.1"));
        foreach (var domain in chart.Patient.FurtherDomains.Prepend(chart.Patient.Domain))
        {
            var shown = new List<(int Port, TlsLook.Trust Trust)>();
            foreach (var way in ways.ToList())
            {
                var trust = new TlsLook.Trust();
                try
                {
                    await LookAsync(domain, way.End, way.Protocol, trust, ct);
                    shown.Add((way.End.Port, trust));
                }
                catch (ReachException e)
                {
                    findings.Fail(Causes.TlsFailed, $"port {way.End.Port}: {e.Message}", $"look at {Key} and Server:CertificateKey, and at the server's log");
                    ways.Remove(way); // for the other domains it will be no better
                }
            }

            // Everywhere the same, as a rule: then it is told of once.
            foreach (var same in shown.Where(s => s.Trust.Certificate is not null).GroupBy(s => s.Trust.Certificate!.Thumbprint))
            {
                Judge(chart, findings, domain, same.First().Trust, string.Join(", ", same.Select(s => s.Port)));
            }
        }
    }

    private static async Task LookAsync(string domain, System.Net.IPEndPoint end, string? protocol, TlsLook.Trust trust, CancellationToken ct)
    {
        await using var connection = await Reach.ConnectAsync(end.Address, end.Port, ct);
        if (protocol is null)
        {
            var stream = new ClientStream(connection, domain);
            if ((await stream.OpenAsync(ct)).Child("starttls", Ns.Tls) is null) throw new ReachException("the server offers no STARTTLS");
            await LoginSteps.StartTlsAsync(stream, ct);
        }

        await using var tls = await TlsLook.SecureAsync(connection, domain, protocol, trust, ct);
        if (protocol is not null && tls.NegotiatedApplicationProtocol != new SslApplicationProtocol(protocol)) throw new ReachException($"what listens there does not speak {protocol} (ALPN)");
    }

    private static void Judge(Chart chart, Findings findings, string domain, TlsLook.Trust trust, string ports)
    {
        var certificate = trust.Certificate!;
        var key = chart.Patient.FurtherDomains.Count == 0 ? Key : $"{Key}, or an entry of Server:Certificates for {domain}";
        var (begins, ends) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        var now = chart.Patient.Clock.GetUtcNow().UtcDateTime;
        // Where the two clocks differ widely the server's tells whether the certificate or this machine's clock is to blame.
        var there = now + (chart.ClockAhead ?? TimeSpan.Zero);
        var byClock = chart.Has(Causes.ClockOff) && there >= begins && there <= ends ? "; by the server's clock it is valid" : null;
        if (ends < now)
        {
            Tell(Causes.CertificateExpired, $"the certificate of {domain} (port {ports}) ended at {ends:u}", $"renew it and name it as {key}");
        }
        else if (begins > now)
        {
            Tell(Causes.CertificateNotYetValid, $"the certificate of {domain} (port {ports}) is valid from {begins:u} on, which is {ClockStep.Words(begins - now)} away", $"set this machine's clock, or get a certificate that is valid now ({key})");
        }
        else if (trust.Errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            findings.Fail(Causes.CertificateName, $"the certificate (port {ports}) bears the name {trust.Names} and not {domain}", $"get one for {domain} ({key})");
        }
        else if (trust.Errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            if (chart.Patient.IsLoopbackOnly) findings.Ok($"TLS works for {domain} (port {ports}), with a certificate that this server made itself");
            else findings.Warn(Causes.CertificateUntrusted, $"browsers and clients will not trust the certificate of {domain} (port {ports}): {Why(trust.Chain)}", $"get one from an authority and name it, with its whole chain, as {key}");
        }
        else if (ends - now < Soon)
        {
            findings.Warn(Causes.CertificateEndsSoon, $"the certificate of {domain} (port {ports}) ends at {ends:u}", $"renew it ({key})");
        }
        else
        {
            findings.Ok($"the certificate (port {ports}) is trusted for {domain} until {ends:u}");
        }

        void Tell(string cause, string text, string change)
        {
            if (byClock is null) findings.Fail(cause, text, change);
            else findings.Warn(Causes.ClockOff, text + byClock, "set the clock");
        }
    }

    private static string Why(X509ChainStatusFlags chain) =>
        chain.HasFlag(X509ChainStatusFlags.PartialChain) ? "its chain is incomplete, or its authority is not known"
        : chain.HasFlag(X509ChainStatusFlags.UntrustedRoot) ? "it is self-signed, or its authority is not trusted"
        : chain.HasFlag(X509ChainStatusFlags.Revoked) ? "it is revoked" : chain.ToString();
}
