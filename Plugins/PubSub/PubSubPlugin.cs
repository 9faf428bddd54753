using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub;
using Parley.Plugins.PubSub.Caps;
using Parley.Plugins.PubSub.Component;
using Parley.Plugins.PubSub.Delivery;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Operations;
using Parley.Plugins.PubSub.Requests;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core;

[assembly: XmppPlugin(typeof(PubSubPlugin))]

namespace Parley.Plugins.PubSub;

/// <summary>Publish-subscribe (XEP-0060): each account publishes to nodes of its own (XEP-0163), and at a component are nodes for everybody.</summary>
public sealed class PubSubPlugin : IXmppPlugin
{
    // Behind the Roster plugin, whose presence of contacts goes out first; and before it where subscriptions end with it.
    private const int Late = 100, Early = -100;

    // Before archives and copies.
    private const int First = -10_000;

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<PubSubEngine>().AddSingleton<PubSubRequests>().AddSingleton<Notifier>().AddSingleton<Recipients>().AddSingleton<LastItems>()
            .AddSingleton<SerialWork>().AddSingleton<Interests>().AddSingleton(new CapsCache()).AddSingleton(s => new RemoteResources(s.GetRequiredService<Interests>()));
        plugin
            .AddOptions<PubSubOptions>(validate: PubSubOptions.Validate)
            .AddTables(Schema.Steps)
            .AddIdentity(new DiscoIdentity("pubsub", "pep"), IqTarget.Account)
            .AddIdentity(new DiscoIdentity("pubsub", "pep")) // XEP-0163 as it was before 1.2 has clients look there, and XEP-0223 still has
            .OnIqGet<AccountHandler>(PubSubNames.Namespace, "pubsub", IqTarget.Account)
            .OnIqSet<AccountHandler>(PubSubNames.Namespace, "pubsub", IqTarget.Account)
            .OnIqGet<AccountHandler>(PubSubNames.Owner, "pubsub", IqTarget.Account)
            .OnIqSet<AccountHandler>(PubSubNames.Owner, "pubsub", IqTarget.Account)
            .AddComponent<ServiceComponent>(ServiceComponent.Name, enabled: nameof(PubSubOptions.Service))
            .OnIqGet<ServiceHandler>(PubSubNames.Namespace, "pubsub", IqTarget.Component, ServiceComponent.Name)
            .OnIqSet<ServiceHandler>(PubSubNames.Namespace, "pubsub", IqTarget.Component, ServiceComponent.Name)
            .OnIqGet<ServiceHandler>(PubSubNames.Owner, "pubsub", IqTarget.Component, ServiceComponent.Name)
            .OnIqSet<ServiceHandler>(PubSubNames.Owner, "pubsub", IqTarget.Component, ServiceComponent.Name)
            .OnIqGet<ServiceInfo>(Ns.DiscoInfo, "query", IqTarget.Component, ServiceComponent.Name)
            .OnIqGet<ServiceItems>(Ns.DiscoItems, "query", IqTarget.Component, ServiceComponent.Name)
            .OnPresence<LocalPresence>(StanzaPoint.FromLocalSession, Late)
            .OnPresence<ArrivingPresence>(StanzaPoint.ToLocalAccount, Early)
            .OnMessage<Authorizations>(StanzaPoint.FromLocalSession)
            .OnMessage<DisplayedAssist>(StanzaPoint.FromLocalSession, First)
            .AddFeature(DisplayedAssist.Feature, IqTarget.Account)
            .Contribute<IAccountDiscovery, NodeDiscovery>()
            .Contribute<IPersonalEvents, PersonalEvents>()
            .Contribute<IPortableData, PortableNodes>();
        foreach (var feature in Features.OfAccounts) plugin.AddFeature(feature, IqTarget.Account).AddFeature(feature);
    }
}
