using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Push;

[assembly: XmppPlugin(typeof(PushPlugin))]

namespace Parley.Plugins.Push;

/// <summary>Wakes phones: tells the app servers that clients named of what nobody would see now (XEP-0357).</summary>
public sealed class PushPlugin : IXmppPlugin
{
    internal const string Namespace = "urn:xmpp:push:0";

    // Behind an archive, before offline storage takes the message.
    private const int Order = 90;

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<RegistrationStore>().AddSingleton<Registrations>().AddSingleton<PushSender>().AddSingleton<PushQueues>();
        plugin
            .AddOptions<PushOptions>(validate: PushOptions.Validate)
            .AddTables(RegistrationStore.Steps)
            .AddFeature(Namespace)
            .OnIqSet<EnableHandler>(Namespace, "enable", IqTarget.Account)
            .OnIqSet<DisableHandler>(Namespace, "disable", IqTarget.Account)
            .OnMessage<PushedMessages>(StanzaPoint.ToLocalAccount, Order)
            .OnMessage<PushedMessages>(StanzaPoint.ToSession, Order)
            .Contribute<IAccountObserver, RegistrationsOfRemoved>()
            .Contribute<ISilenceObserver, UnheardMessages>()
            .Contribute<IStatusSource, PushStatus>();
    }
}
