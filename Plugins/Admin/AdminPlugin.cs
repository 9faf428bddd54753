using Parley.Plugin.Abstractions;
using Parley.Plugins.Admin;
using Parley.Plugins.Admin.Commands;
using Parley.Xmpp.Core.AdHoc;

[assembly: XmppPlugin(typeof(AdminPlugin))]

namespace Parley.Plugins.Admin;

/// <summary>Lets accounts that the operator names administer the server from their clients (XEP-0133).</summary>
public sealed class AdminPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.Add(new(typeof(Administrators), typeof(Administrators), Microsoft.Extensions.DependencyInjection.ServiceLifetime.Singleton));
        plugin
            .AddOptions<AdminOptions>(validate: AdminOptions.Validate)
            .AddFeature(AdHocCommand.Namespace)
            .Contribute<IServerCommand, AddUser>()
            .Contribute<IServerCommand, DeleteUser>()
            .Contribute<IServerCommand, ChangePassword>()
            .Contribute<IServerCommand, EndSession>()
            .Contribute<IServerCommand, Announce>()
            .Contribute<IServerCommand, OnlineUsers>()
            .Contribute<IServerCommand, OnlineNumber>()
            .Contribute<IServerCommand, RegisteredUsers>()
            .Contribute<IServerCommand, RegisteredNumber>();
    }
}
