using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Offline;

[assembly: XmppPlugin(typeof(OfflinePlugin))]

namespace Parley.Plugins.Offline;

/// <summary>Keeps messages for accounts without an available resource, and delivers them when one comes (XEP-0160).</summary>
public sealed class OfflinePlugin : IXmppPlugin
{
    // Behind others at the same point: an archive sees a message first, and contacts' presence is spread before old messages are.
    private const int Order = 100;

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<OfflineDelivery>();
        plugin
            .AddFeature("msgoffline")
            .OnMessage<OfflineStorage>(StanzaPoint.ToLocalAccount, Order)
            .OnPresence<OfflineRetrieval>(StanzaPoint.FromLocalSession, Order);
    }
}
