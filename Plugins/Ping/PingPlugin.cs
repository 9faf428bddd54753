using Parley.Plugin.Abstractions;
using Parley.Plugins.Ping;
using Parley.Xmpp.Core;

[assembly: XmppPlugin(typeof(PingPlugin))]

namespace Parley.Plugins.Ping;

/// <summary>Answers pings (XEP-0199) to the server, and to an account by its own clients.</summary>
public sealed class PingPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin) => plugin
        .OnIqGet<ServerPingHandler>(Ns.Ping, "ping")
        .OnIqGet<AccountPingHandler>(Ns.Ping, "ping", IqTarget.Account);
}
