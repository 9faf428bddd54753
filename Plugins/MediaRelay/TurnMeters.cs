using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Turn;

namespace Parley.Plugins.MediaRelay;

/// <summary>The TURN server's load as meters, read when somebody asks: of all together, and of the accounts that relayed most.</summary>
public sealed class TurnMeters(TurnSetup turn, IMeterFactory meters) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.Create("Parley.Turn");
        meter.CreateObservableGauge("parley.turn.allocations", () => Read(l => [new(l.Allocations)]), "{allocation}", "Live TURN allocations.");
        meter.CreateObservableCounter("parley.turn.allocations_made", () => Read(l => [new(l.AllocationsMade)]), "{allocation}", "TURN allocations made.");
        meter.CreateObservableCounter("parley.turn.allocations_refused", () => Read(l => [new(l.Refused)]), "{allocation}", "TURN allocations refused for a limit.");
        meter.CreateObservableCounter("parley.turn.packets", () => Read(l => [new(l.ToPeers, Way("peer")), new(l.ToClients, Way("client"))]), "{packet}", "Datagrams relayed, by where to.");
        meter.CreateObservableCounter("parley.turn.bytes", () => Read(l => [new(l.BytesToPeers, Way("peer")), new(l.BytesToClients, Way("client"))]), "By", "Bytes of data relayed, by where to.");
        meter.CreateObservableCounter("parley.turn.dropped", () => Read(l => l.Dropped.Select(d => new Measurement<long>(d.Value, new KeyValuePair<string, object?>("reason", d.Key)))), "{packet}", "Datagrams dropped, by reason.");
        meter.CreateObservableGauge("parley.turn.account.allocations", () => ReadAccounts(a => [new(a.Allocations, Of(a))]), "{allocation}", "Live TURN allocations of an account.");
        meter.CreateObservableCounter("parley.turn.account.packets", () => ReadAccounts(a => [new(a.ToPeers, Of(a), Way("peer")), new(a.ToClients, Of(a), Way("client"))]), "{packet}", "Datagrams relayed for an account.");
        meter.CreateObservableCounter("parley.turn.account.bytes", () => ReadAccounts(a => [new(a.BytesToPeers, Of(a), Way("peer")), new(a.BytesToClients, Of(a), Way("client"))]), "By", "Bytes of data relayed for an account.");
        meter.CreateObservableCounter("parley.turn.account.refused", () => ReadAccounts(a => [new(a.Refused, Of(a))]), "{allocation}", "Allocations refused to an account for a limit.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static KeyValuePair<string, object?> Way(string to) => new("to", to);

    private static KeyValuePair<string, object?> Of(AccountLoad account) => new("account", account.Account);

    private IEnumerable<Measurement<long>> Read(Func<TurnLoad, IEnumerable<Measurement<long>>> figures) => turn.ReadLoad() is { } load ? figures(load) : [];

    private IEnumerable<Measurement<long>> ReadAccounts(Func<AccountLoad, IEnumerable<Measurement<long>>> figures) => turn.Relay is { } relay ? TurnStatus.Top(relay).SelectMany(figures) : [];
}
