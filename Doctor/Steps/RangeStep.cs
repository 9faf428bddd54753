using System.Net.Sockets;
using Parley.Doctor.Network;
using Parley.Doctor.Turn;

namespace Parley.Doctor.Steps;

/// <summary>From outside: whether a peer without TURN of its own reaches an allocation, which the ports of <c>Turn:RelayPorts</c> must be open for.</summary>
internal sealed class RangeStep() : Step("relay-ports")
{
    private const int Forbidden = 403;

    /// <inheritdoc/>
    protected override TimeSpan Limit => TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart.Patient is { Inside: null, Login.IsGuest: false } && Service(chart) is not null && !chart.Has(Causes.RelayRangeBlocked);

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        var service = Service(chart)!;
        try
        {
            await using var client = new TurnClient(await TurnCarrier.OpenAsync("udp", service.Address!, service.Port, service.Host, new(), ct), service.Username, service.Password);
            var relayed = (await client.AllocateAsync(ct)).ToIPEndPoint();
            // Permissions are by address alone, so that whatever port a router gives the peer will do.
            await client.PermitAsync(chart.Stun[service.EndPoint]!.Value, ct);
            using var peer = new Socket(relayed.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (await Echo.SendAsync(async token => await peer.SendToAsync(Echo.Ping, relayed, token), client, ct)) findings.Ok($"a peer without TURN reaches the allocation at {relayed}");
            else
            {
                findings.Fail(Causes.RelayRangeBlocked, $"what a peer sends to the allocation at {relayed} does not arrive: calls in which one side alone has TURN have no sound and no picture",
                    "open UDP 49152-65535 (Turn:RelayPorts) in the server's firewall, and see that this machine's network lets UDP out");
            }

            await client.EndAsync(ct);
        }
        catch (TurnRefusedException e) when (e.Code == Forbidden)
        {
            findings.Ok($"this machine has a private or reserved address, which TURN rightly refuses as a peer: whether {service.Host} is open for peers shows from elsewhere only");
        }
        catch (Exception e) when (e is TurnRefusedException or ReachException or SocketException)
        {
            findings.Warn(Causes.TurnFailed, $"whether peers reach allocations cannot be told: {e.Message}");
        }
    }

    private static ListedService? Service(Chart chart) =>
        chart.Services.FirstOrDefault(s => s is { Type: "turn", Transport: "udp" } && chart.Stun.GetValueOrDefault(s.EndPoint) is not null);
}
