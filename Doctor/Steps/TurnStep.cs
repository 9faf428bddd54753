using Parley.Doctor.Network;
using Parley.Doctor.Turn;

namespace Parley.Doctor.Steps;

/// <summary>Relays through TURN over one transport as a call does: two allocations, a permission each, a channel, data both ways (RFC 8656).</summary>
/// <param name="transport"><c>udp</c>, <c>tcp</c> or <c>tls</c>.</param>
internal sealed class TurnStep(string transport) : Step("turn-" + transport)
{
    private const ushort Channel = 0x4000;

    private string Shown => transport.ToUpperInvariant();

    /// <inheritdoc/>
    protected override TimeSpan Limit => TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart.Services.Any(IsMine);

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        foreach (var service in chart.Services.Where(IsMine))
        {
            // That it is silent over UDP, or that nobody is there, has been said already.
            if (chart.Stun.TryGetValue(service.EndPoint, out var seen) && seen is null && (transport == "udp" || chart.Has(Causes.AdvertisedWrong) || chart.Has(Causes.AdvertisedPrivate))) continue;
            await TryAsync(chart, findings, service, ct);
        }
    }

    private bool IsMine(ListedService service) => service.Type is "turn" or "turns" && service.Transport == transport;

    private async Task TryAsync(Chart chart, Findings findings, ListedService service, CancellationToken ct)
    {
        try
        {
            var trust = new TlsLook.Trust();
            await using var a = await OpenAsync(service, trust, ct);
            await using var b = await OpenAsync(service, new(), ct);
            if (transport == "tls" && trust.Errors.HasFlag(System.Net.Security.SslPolicyErrors.RemoteCertificateNameMismatch))
                findings.Warn(Causes.CertificateName, $"TURN over TLS at {service.Host} port {service.Port} shows a certificate of {trust.Names}: clients hang up", "set Turn:TlsHost to one of the certificate's names");
            await RelayAsync(chart, findings, service, a, b, ct);
        }
        catch (TurnRefusedException e) when (e.Code == 401)
        {
            findings.Fail(Causes.TurnSecretWrong, $"{service} refuses credentials that were made just now (401): it does not know the secret by which they were made",
                "give both servers the same secret: Plugins:TurnCredentials:Secret of that server (coturn: static-auth-secret) and the Secret of its entry in Plugins:ExtDisco:Services here; and let both clocks be right");
        }
        catch (TurnRefusedException e)
        {
            findings.Fail(Causes.TurnFailed, $"{service}: {e.Message}", e.Code is 486 or 508 ? "look at Turn:AllocationsPerAccount and its siblings" : "look at the log of that server");
        }
        catch (ReachException e)
        {
            Unreachable(chart, findings, service, e);
        }
    }

    private async Task<TurnClient> OpenAsync(ListedService service, TlsLook.Trust trust, CancellationToken ct) =>
        new(await TurnCarrier.OpenAsync(transport, service.Address!, service.Port, service.Host, trust, ct), service.Username, service.Password);

    private async Task RelayAsync(Chart chart, Findings findings, ListedService service, TurnClient a, TurnClient b, CancellationToken ct)
    {
        var (ours, theirs) = (await a.AllocateAsync(ct), await b.AllocateAsync(ct));
        if (chart.Patient.Login!.IsGuest)
        {
            // Guests reach media ports alone (design section 5).
            findings.Ok($"TURN over {Shown} at {service.EndPoint} gives a guest an allocation; that it relays shows with an account only");
        }
        else if (chart.Has(Causes.RelayRangeBlocked) || findings.HasFailed)
        {
            findings.Ok($"TURN over {Shown} at {service.EndPoint} makes allocations");
        }
        else
        {
            await a.PermitAsync(theirs, ct);
            await b.PermitAsync(ours, ct);
            await a.BindChannelAsync(Channel, theirs, ct);
            if (await Echo.SendAsync(token => a.SendAsync(Channel, Echo.Ping, token), b, ct) && await Echo.SendAsync(token => b.SendAsync(ours, Echo.Pong, token), a, ct)) findings.Ok($"TURN over {Shown} at {service.EndPoint} relays both ways");
            else
            {
                findings.Fail(Causes.RelayRangeBlocked, $"TURN over {Shown} at {service.EndPoint} makes allocations ({ours}), but what is sent to them does not arrive: calls that need TURN have no sound and no picture",
                    $"open UDP {(chart.Patient.Inside?.RelayPorts is { Length: > 0 } range ? range : "49152-65535")} (Turn:RelayPorts) in the server's firewall");
            }
        }

        await a.EndAsync(ct);
        await b.EndAsync(ct);
    }

    private void Unreachable(Chart chart, Findings findings, ListedService service, ReachException why)
    {
        var inside = chart.Patient.Inside;
        if (inside is not null && !Chart.IsOwn(service.Address!) && inside.Advertised.Equals(service.Address))
        {
            findings.Warn(Causes.NotSeenFromHere, $"TURN over {Shown} is not to be reached at {service.EndPoint} from here ({why.Message}); many routers lead nobody back in", $"forward TCP {service.Port}, and try from outside: ./parley doctor --server {chart.Patient.Domain}");
            return;
        }

        var text = $"TURN over {Shown} is not to be reached at {service.Host} port {service.Port} ({why.Message})";
        var change = $"open {(transport == "udp" ? "UDP" : "TCP")} {service.Port} in the firewall ({(transport == "tls" ? "Turn:TlsPort, or Listeners:Https:Port" : "Turn:Port")})";
        if (transport == "udp") findings.Fail(Causes.TurnPortBlocked, text, change);
        else findings.Warn(Causes.TurnPortBlocked, $"{text}: callers whose network lets no UDP out have no way in", change);
    }
}
