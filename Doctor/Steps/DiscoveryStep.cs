using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Doctor.Steps;

/// <summary>What the server says that it can do (XEP-0030), and where its call rooms are.</summary>
internal sealed class DiscoveryStep() : Step("discovery")
{
    private const int MaxItems = 50;

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart.Clients.Count > 0;

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        if (chart.Patient.Inside is { CallsDomain: null }) return; // said already
        foreach (var candidate in await CandidatesAsync(chart, ct))
        {
            var info = await chart.Clients[0].AskAsync("get", candidate, new Element("query", Ns.DiscoInfo), ct);
            if (info.IsError || info.Payload?.ChildrenNamed("feature", Ns.DiscoInfo).Any(f => f["var"] == Ns.AvConferences) != true) continue;
            chart.Calls = candidate;
            findings.Ok($"call rooms are at {candidate}");
            return;
        }

        findings.Fail(Causes.NoCallRooms, "the server tells of no call rooms", "set Plugins:FocusAgent:Enabled to true");
    }

    private static async Task<IReadOnlyList<Jid>> CandidatesAsync(Chart chart, CancellationToken ct)
    {
        if (chart.Patient.Inside?.CallsDomain is { } known) return [Jid.Parse(known)];
        var items = await chart.Clients[0].AskAsync("get", Jid.Parse(chart.Patient.Domain), new Element("query", Ns.DiscoItems), ct);
        var named = items.IsError ? [] : items.Payload?.ChildrenNamed("item", Ns.DiscoItems).Select(i => Jid.TryParse(i["jid"], out var jid) ? jid : null).OfType<Jid>().Where(j => j.Local is null).Take(MaxItems) ?? [];
        return [.. named.Append(Jid.Parse("calls." + chart.Patient.Domain)).Distinct()];
    }
}
