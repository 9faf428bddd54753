using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.ExtDisco;
using Parley.Xmpp.Core;

[assembly: XmppPlugin(typeof(ExtDiscoPlugin))]

namespace Parley.Plugins.ExtDisco;

/// <summary>External service discovery (XEP-0215): tells clients which STUN and TURN servers to use, with credentials, and what changes.</summary>
public sealed class ExtDiscoPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<ServiceCatalogue>().AddSingleton<ServiceAccess>().AddSingleton<Askers>();
        plugin
            .AddOptions<ExtDiscoOptions>(validate: ExtDiscoOptions.Validate)
            .OnIqGet<ServicesHandler>(Ns.ExtDisco, "services")
            .OnIqGet<CredentialsHandler>(Ns.ExtDisco, "credentials")
            // lib-jitsi-meet and clients of before 2016 ask in the first version.
            .OnIqGet<ServicesHandler>(Ns.ExtDisco1, "services")
            .OnIqGet<CredentialsHandler>(Ns.ExtDisco1, "credentials")
            .Contribute<IStatusSource, DiscoStatus>()
            .AddHostedService<ServicePushes>();
    }
}
