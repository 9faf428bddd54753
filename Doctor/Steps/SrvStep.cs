using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using Parley.Doctor.Network;

namespace Parley.Doctor.Steps;

/// <summary>What DNS tells clients of ports (RFC 6120 section 3.2.1, XEP-0368, RFC 5928).</summary>
internal sealed class SrvStep() : Step("srv")
{
    private const int StandardPort = 5222;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    // Each with the listener that it must lead to.
    private static readonly (string Name, string Key, bool? IsTlsClient)[] Records =
    [
        ("_xmpp-client._tcp", "Listeners:C2S:Port", false),
        ("_xmpps-client._tcp", "Listeners:C2STls:Port", true),
        ("_stun._udp", "Turn:Port", null),
        ("_turn._udp", "Turn:Port", null),
        ("_turn._tcp", "Turn:Port", null),
        ("_turns._tcp", "Turn:TlsPort", null),
    ];

    /// <inheritdoc/>
    protected override TimeSpan Limit => TimeSpan.FromSeconds(25);

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => !chart.Patient.IsLoopbackOnly && (chart.Patient.Inside is null || chart.Patient.IsPublicDomain);

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        var dns = new LookupClient(new LookupClientOptions { Timeout = Patience, Retries = 1, UseCache = false, ThrowDnsErrors = false });
        foreach (var (name, key, isTls) in Records)
        {
            IReadOnlyList<SrvRecord> found;
            try
            {
                var answer = await dns.QueryAsync($"{name}.{chart.Patient.Domain}.", QueryType.SRV, cancellationToken: ct);
                found = [.. answer.Answers.SrvRecords().OrderBy(r => r.Priority).ThenByDescending(r => r.Weight)];
            }
            catch (Exception e) when (e is DnsResponseException or SocketException or InvalidOperationException)
            {
                Unanswered(chart, findings);
                return;
            }

            await JudgeAsync(chart, findings, (name, key, isTls), found, ct);
        }
    }

    private static void Unanswered(Chart chart, Findings findings)
    {
        const string Meanwhile = "clients then come to port 5222 of the domain";
        if (chart.Patient.IsPublicDomain) findings.Warn(Causes.DnsUnanswered, $"no DNS server answers this machine, so SRV records cannot be looked at; {Meanwhile}", "look at /etc/resolv.conf");
        else findings.Ok($"no DNS server knows of {chart.Patient.Domain}, a name for tests; {Meanwhile}");
    }

    private static async Task JudgeAsync(Chart chart, Findings findings, (string Name, string Key, bool? IsTlsClient) record, IReadOnlyList<SrvRecord> found, CancellationToken ct)
    {
        var domain = chart.Patient.Domain;
        var port = chart.Patient.Inside?.PortOf(record.Key);
        if (found.Count == 0)
        {
            // Port 5222 is where clients come without being told (RFC 6120 section 3.2.2); TURN they are told of by XEP-0215.
            if (record.IsTlsClient == false && port is > 0 and not StandardPort)
            {
                findings.Fail(Causes.SrvMissing, $"clients come to port {StandardPort}, and the server listens at {port}", $"add the DNS record {record.Name}.{domain}. SRV 0 5 {port} {domain}.");
            }

            return;
        }

        foreach (var srv in found)
        {
            var target = srv.Target.Value.TrimEnd('.');
            var text = $"{record.Name} leads to {(target.Length == 0 ? "nothing (\".\")" : $"{target} port {srv.Port}")}";
            var addresses = target.Length == 0 ? [] : await Addresses.ResolveAsync(target, ct);
            if (target.Length > 0 && addresses.Count == 0) findings.Fail(Causes.SrvWrong, $"{text}, which has no address", $"change the record, or add one for {target}");
            else if (port is > 0 && port != srv.Port && target.Length > 0) findings.Warn(Causes.SrvWrong, $"{text}, but {record.Key} is {port}", "change the DNS record or the key, unless something before this server forwards the one to the other");
            else findings.Ok(text);
            if (record.IsTlsClient is { } isTls) chart.Told.AddRange(addresses.Select(a => new ClientWay(a, srv.Port, isTls)));
        }
    }
}
