using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Archive;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Archive;

[assembly: XmppPlugin(typeof(ArchivePlugin))]

namespace Parley.Plugins.Archive;

/// <summary>Keeps the messages of accounts and rooms (XEP-0313) under stable ids (XEP-0359), durable before they go on, and each once however often it is sent.</summary>
public sealed class ArchivePlugin : IXmppPlugin
{
    // Behind whatever refuses a message, before whatever copies or stores it.
    private const int Order = 50;

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services
            .AddSingleton<ArchiveStore>().AddSingleton<PreferenceStore>().AddSingleton<Retractions>().AddSingleton<Redelivery>()
            .AddSingleton<ArchivedMessages>().AddSingleton<BouncedMessages>().AddSingleton<Retention>();
        plugin
            .AddOptions<ArchiveOptions>(validate: ArchiveOptions.Validate)
            .AddTables(ArchiveSchema.Steps)
            .OnMessage<SentMessages>(StanzaPoint.FromLocalSession, Order)
            .OnMessage<ReceivedMessages>(StanzaPoint.FromRemote, Order)
            .OnMessage<ReceivedMessages>(StanzaPoint.ToLocalAccount, Order)
            .OnMessage<LocalBounces>(StanzaPoint.ToSession, Order)
            .OnIqSet<QueryHandler>(Ns.Archive, "query", IqTarget.Account)
            .OnIqGet<QueryFormHandler>(Ns.Archive, "query", IqTarget.Account)
            .OnIqGet<MetadataHandler>(Ns.Archive, "metadata", IqTarget.Account)
            .OnIqGet<PreferencesGetHandler>(Ns.Archive, "prefs", IqTarget.Account)
            .OnIqSet<PreferencesSetHandler>(Ns.Archive, "prefs", IqTarget.Account)
            .Contribute<IPortableData, ArchivePortableData>()
            .Contribute<IMessageArchive, ArchiveStore>()
            .Contribute<ISentMessageIds, ArchivedMessages>()
            .Contribute<IAccountObserver, PreferenceStore>()
            .Contribute<IStatusSource, ArchiveStatus>()
            .AddHostedService<Settling>()
            .AddHostedService<Retention>()
            .AddHostedService<ArchiveMeters>();
        foreach (var feature in new[] { ArchiveFeatures.Extended, ArchiveFeatures.GroupchatField, Ns.StanzaIds, Retractions.Namespace, Retractions.TombstoneFeature }) plugin.AddFeature(feature, IqTarget.Account);
        plugin.AddFeature(Ns.StanzaIds).AddFeature(Retractions.Namespace);
        // The account is the one to ask (XEP-0313 section 7), but many clients ask the domain alone (profanity among them), and then believe that there is no archive.
        plugin.AddFeature(Ns.Archive).AddFeature(ArchiveFeatures.Extended);
    }
}
