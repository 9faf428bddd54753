using System.Net;
using Parley.Doctor.Network;
using Parley.Doctor.Turn;
using Parley.Media.Core;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Doctor.Steps;

/// <summary>Asks STUN over UDP at each listed address, and where that is silent finds out whether the address is wrong or the port blocked.</summary>
internal sealed class StunStep() : Step("stun")
{
    /// <inheritdoc/>
    protected override TimeSpan Limit => TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart.Services.Any(s => s.Transport == "udp");

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        foreach (var same in chart.Services.Where(s => s.Transport == "udp").GroupBy(s => s.EndPoint))
        {
            if (await AskAsync(chart, same.Key, ct) is { } seen) findings.Ok($"STUN answers over UDP at {same.Key}, and sees this machine at {seen}");
            else await ExplainAsync(chart, findings, same.First(), ct);
        }
    }

    private static async Task<AddressKey?> AskAsync(Chart chart, IPEndPoint at, CancellationToken ct)
    {
        if (chart.Stun.TryGetValue(at, out var known)) return known;
        try
        {
            await using var client = new TurnClient(await TurnCarrier.OpenAsync("udp", at.Address, at.Port, "", new(), ct));
            return chart.Stun[at] = await client.BindAsync(ct);
        }
        catch (ReachException)
        {
            return chart.Stun[at] = null;
        }
    }

    private static async Task ExplainAsync(Chart chart, Findings findings, ListedService silent, CancellationToken ct)
    {
        var inside = chart.Patient.Inside;
        if (chart.Has(Causes.AdvertisedPrivate) && PublicReach.IsPrivate(silent.Address!)) return; // said already
        var elsewhere = chart.Domain.Where(d => !d.Equals(silent.Address) && d.AddressFamily == silent.Address!.AddressFamily).ToList();
        // The server at its domain's address, that is where the mistake is in what it says of itself.
        foreach (var address in elsewhere)
        {
            if (await AskAsync(chart, new(address, silent.Port), ct) is null && !await IsOpenThereAloneAsync(chart, silent, address, ct)) continue;
            findings.Fail(Causes.AdvertisedWrong, $"STUN does not answer at {silent.EndPoint}, where clients are sent, but the server is at {address}: calls have no sound and no picture", $"set Server:AdvertisedAddress to {address}");
            return;
        }

        if (inside is not null && !inside.Here.Equals(silent.Address) && !Chart.IsOwn(silent.Address!) && await AskAsync(chart, new(inside.Here, silent.Port), ct) is not null)
        {
            findings.Warn(Causes.NotSeenFromHere, $"STUN answers on this machine, but not at {silent.EndPoint} as seen from here; many routers lead nobody back in, so that says little",
                $"open UDP {silent.Port} in the firewall and forward it, and try from outside: ./parley doctor --server {chart.Patient.Domain}");
            return;
        }

        findings.Fail(Causes.TurnPortBlocked, $"STUN does not answer over UDP at {silent.EndPoint}: nobody behind a strict router gets through", $"open UDP {silent.Port} (Turn:Port) in the firewall of {silent.Host}{(inside is null ? ", and of the network that this machine is in" : "")}");
    }

    // UDP may be blocked there besides; TURN's TCP port then tells where the server is.
    private static async Task<bool> IsOpenThereAloneAsync(Chart chart, ListedService silent, IPAddress there, CancellationToken ct) =>
        chart.Services.Any(s => s.Transport == "tcp" && s.EndPoint.Equals(silent.EndPoint))
        && await Reach.TryConnectAsync(silent.Address!, silent.Port, ct) is not null && await Reach.TryConnectAsync(there, silent.Port, ct) is null;
}
