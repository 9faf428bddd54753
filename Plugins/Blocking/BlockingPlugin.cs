using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Blocking;

[assembly: XmppPlugin(typeof(BlockingPlugin))]

namespace Parley.Plugins.Blocking;

/// <summary>Lets people be left alone by whom they block (XEP-0191), and tell the operator why (XEP-0377).</summary>
public sealed class BlockingPlugin : IXmppPlugin
{
    /// <summary>The namespace of the blocking command.</summary>
    internal const string Namespace = "urn:xmpp:blocking";

    // Before whatever stores, copies or answers.
    private const int Order = -1000;

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<BlockStore>().AddSingleton<BlockLists>().AddSingleton<BlockPushes>().AddSingleton<OwnWord>().AddSingleton<ContactPresence>().AddSingleton<Reports>();
        plugin
            .AddOptions<BlockingOptions>(validate: BlockingOptions.Validate)
            .AddTables(BlockStore.Steps)
            .AddFeature(Namespace)
            .AddFeature(Report.Namespace)
            .OnIqGet<BlockListHandler>(Namespace, "blocklist", IqTarget.Account)
            .OnIqSet<BlockHandler>(Namespace, "block", IqTarget.Account)
            .OnIqSet<UnblockHandler>(Namespace, "unblock", IqTarget.Account)
            .Contribute<IAccountObserver, BlockListsOfRemoved>()
            .Contribute<IBlockedAddresses, BlockedAddresses>()
            .Contribute<IStatusSource, BlockingStatus>();
        foreach (var point in (StanzaPoint[])[StanzaPoint.FromLocalSession, StanzaPoint.FromLocalAccount, StanzaPoint.ToLocalAccount, StanzaPoint.ToSession])
        {
            plugin.OnMessage<BlockedStanzas>(point, Order).OnPresence<BlockedStanzas>(point, Order).OnIq<BlockedStanzas>(point, Order);
        }

        plugin.OnMessage<BlockedStanzas>(StanzaPoint.FromRemote, Order);
    }
}
