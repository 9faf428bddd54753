using Parley.Plugin.Abstractions;
using Parley.Plugins.ExtDisco;
using Parley.Xmpp.Core;

[assembly: XmppPlugin(typeof(ExtDiscoPlugin))]

namespace Parley.Plugins.ExtDisco;

/// <summary>External service discovery (XEP-0215): tells clients which STUN and TURN servers to use, with credentials.</summary>
public sealed class ExtDiscoPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin) => plugin
        .OnIqGet<ServicesHandler>(Ns.ExtDisco, "services")
        .OnIqGet<CredentialsHandler>(Ns.ExtDisco, "credentials");
}
