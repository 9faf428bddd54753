using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Rooms;

[assembly: XmppPlugin(typeof(FocusAgentPlugin))]

namespace Parley.Plugins.FocusAgent;

/// <summary>Call rooms on <c>calls.&lt;domain&gt;</c>: lets in whoever calls, with whatever client they have, and asks the media relay for what that needs.</summary>
public sealed class FocusAgentPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<FocusServices>().AddSingleton<RoomRegistry>().AddSingleton<JmiDoor>();
        plugin
            .AddOptions<FocusAgentOptions>(validate: FocusAgentOptions.Validate)
            .AddComponent<CallsComponent>(CallRooms.Name)
            .Contribute<ICallRooms, CallRooms>()
            .Contribute<IStatusSource, FocusStatus>()
            .AddHostedService<FocusService>();
    }
}
