using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Roster;
using Parley.Xmpp.Core;

[assembly: XmppPlugin(typeof(RosterPlugin))]

namespace Parley.Plugins.Roster;

/// <summary>Contact lists, subscriptions and the presence that follows from them (RFC 6121 sections 2 to 4).</summary>
public sealed class RosterPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<RosterState>().AddSingleton<PresenceSender>().AddSingleton<OutboundSubscriptions>().AddSingleton<InboundSubscriptions>().AddSingleton<PresenceBroadcast>().AddSingleton<Probes>();
        plugin
            .AddFeature(Ns.PreApproval)
            .AddFeature(Ns.RosterVersions)
            .AddOptions<RosterOptions>(validate: RosterOptions.Validate)
            .OnIqGet<RosterGetHandler>(Ns.Roster, "query", IqTarget.Account)
            .OnIqSet<RosterSetHandler>(Ns.Roster, "query", IqTarget.Account)
            .OnPresence<OutboundPresence>(StanzaPoint.FromLocalSession)
            .OnPresence<InboundPresence>(StanzaPoint.ToLocalAccount);
    }
}
