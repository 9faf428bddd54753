using System.Net;
using System.Security.Cryptography;
using Parley.Doctor.Call;
using Parley.Doctor.Network;
using Parley.Media.Relay.Native;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Doctor.Steps;

/// <summary>Two participants call a room of their own, and each must hear the other.</summary>
internal sealed class CallStep() : Step("call")
{
    /// <inheritdoc/>
    protected override TimeSpan Limit => TimeSpan.FromSeconds(25);

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart is { Clients.Count: > 1, Calls: not null };

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        if (!OpenSsl.TryLoad(out var reason))
        {
            findings.Warn(Causes.MediaFailed, $"this machine cannot carry a call itself: {reason}");
            return;
        }

        try
        {
            var room = Jid.Parse($"doctor-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}@{chart.Calls!.Domain}");
            Judge(chart, findings, await CallTrial.RunAsync(chart.Clients[0], chart.Clients[1], room, ct));
        }
        catch (ReachException e)
        {
            findings.Fail(Causes.CallRefused, $"the call does not come about: {e.Message}", "look at Plugins:FocusAgent:OpenTo, at Plugins:MediaRelay:Enabled, and at the server's log");
        }
    }

    private static void Judge(Chart chart, Findings findings, CallOutcome outcome)
    {
        var inside = chart.Patient.Inside;
        if (outcome.Paths[0].Candidates is not [var first, ..])
        {
            findings.Fail(Causes.MediaFailed, "the server offers no address for media", "look at the server's log");
            return;
        }

        var answered = outcome.Paths.SelectMany(p => p.Answered).ToHashSet();
        if (outcome.State == MediaState.NoPath)
        {
            NoPath(chart, findings, first);
            return;
        }

        // One that ICE found a way to without any of these is told as the first.
        var at = answered.FirstOrDefault() ?? first;
        if (answered.Count > 0 && !answered.Contains(first))
        {
            if (inside is not null && !Chart.IsOwn(first.Address)) findings.Warn(Causes.NotSeenFromHere, $"media are not to be reached at {first} from this machine, but at {at}; many routers lead nobody back in", $"forward UDP {Ports(inside, first)}, and try from outside: ./parley doctor --server {chart.Patient.Domain}");
            else if (!chart.Has(Causes.AdvertisedWrong) && !chart.Has(Causes.AdvertisedPrivate)) findings.Fail(Causes.AdvertisedWrong, $"media are offered at {first} first, which does not answer; {at} does", "set Server:AdvertisedAddress to the address that others reach the server at");
        }

        if (outcome.State == MediaState.NoKeys) findings.Fail(Causes.MediaFailed, $"media reach {at}, but no keys are agreed on (DTLS{(outcome.Fault is null ? "" : ": " + outcome.Fault)}): calls stay silent", "see that no firewall drops long UDP packets, and look at the server's log");
        else if (!outcome.IsHeard) findings.Fail(Causes.MediaFailed, "two join a call, but do not hear each other", "look at the server's log");
        else findings.Ok($"two join a call at {at} and hear each other");
    }

    private static void NoPath(Chart chart, Findings findings, IPEndPoint first)
    {
        var inside = chart.Patient.Inside;
        if (chart.Has(Causes.AdvertisedWrong) || chart.Has(Causes.AdvertisedPrivate))
        {
            findings.Fail(chart.Has(Causes.AdvertisedWrong) ? Causes.AdvertisedWrong : Causes.AdvertisedPrivate, $"a call has no sound and no picture: media are offered at {first}, where nothing answers", "set Server:AdvertisedAddress to the address that others reach the server at");
            return;
        }

        findings.Fail(Causes.MediaPortBlocked, $"a call has no sound and no picture: media are offered at {first}, and nothing answers there", $"open UDP {Ports(inside, first)} (Media:FirstPort, a port for each worker) in the server's firewall");
    }

    private static string Ports(InsideFacts? inside, IPEndPoint first) => inside?.MediaPorts is { Length: > 0 } ports ? ports : first.Port.ToString(System.Globalization.CultureInfo.InvariantCulture) + " and those behind it";
}
