using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc;
using Parley.Plugins.Muc.Service;
using Parley.Plugins.Muc.Storage;
using Parley.Xmpp.Core;

[assembly: XmppPlugin(typeof(MucPlugin))]

namespace Parley.Plugins.Muc;

/// <summary>Chat rooms on <c>rooms.&lt;domain&gt;</c> (XEP-0045).</summary>
public sealed class MucPlugin : IXmppPlugin
{
    /// <summary>The component's name, the first label of its domain.</summary>
    internal const string Name = "rooms";

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<MucServices>().AddSingleton<RoomStore>().AddSingleton<RoomRegistry>();
        plugin
            .AddOptions<MucOptions>(validate: MucOptions.Validate)
            .AddTables(RoomSchema.Steps)
            .AddComponent<RoomsComponent>(Name)
            .OnIqGet<ServiceInfo>(Ns.DiscoInfo, "query", IqTarget.Component, Name)
            .OnIqGet<ServiceItems>(Ns.DiscoItems, "query", IqTarget.Component, Name)
            .Contribute<IChatRooms, ChatRooms>()
            .Contribute<IStatusSource, MucStatus>()
            .Contribute<IAccountObserver, RemovedAccounts>()
            .AddHostedService<MucHosting>();
    }
}
