using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Commands;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Muji;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Plugins.FocusAgent.Tools;

[assembly: XmppPlugin(typeof(FocusAgentPlugin))]

namespace Parley.Plugins.FocusAgent;

/// <summary>Call rooms on <c>calls.&lt;domain&gt;</c>: lets in whoever calls, with whatever client they have, and asks the media relay for what that needs.</summary>
public sealed class FocusAgentPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<FocusServices>().AddSingleton<RoomRegistry>().AddSingleton<JmiDoor>().AddSingleton<RoomContact>().AddSingleton<GuestRooms>().AddSingleton<CallerPaces>().AddSingleton<ReservationBook>().AddSingleton<MujiCallers>()
            .AddSingleton<CallRooms>().AddSingleton<PolicyBook>().AddSingleton<ChatRoomTies>().AddSingleton<Passwords>().AddSingleton<HouseRules>().AddSingleton<ModerationDoor>().AddSingleton<ReservationCommands>().AddSingleton<ModerationCommands>()
            .AddSingleton<MediaTools>().AddSingleton<ToolCommands>().AddSingleton<RingCommand>().AddSingleton<ViewDesk>().AddSingleton<ViewCommand>().AddSingleton<RingPaces>()
            .AddSingleton<RecordingArea>().AddSingleton<RecordingBook>().AddSingleton<RecordingLinks>().AddSingleton<RecordingDesk>().AddSingleton<RecordingCommands>();
        plugin
            .AddOptions<FocusAgentOptions>(validate: FocusAgentOptions.Validate)
            .AddComponent<CallsComponent>(CallRooms.Name)
            .OnIqSet<RoomCommands>(ReservationNames.Commands, "command", IqTarget.Component, CallRooms.Name)
            .OnIqGet<ReservationHandler>(ReservationNames.Namespace, "reservation", IqTarget.Component, CallRooms.Name)
            .OnIqSet<ReservationHandler>(ReservationNames.Namespace, "reservation", IqTarget.Component, CallRooms.Name)
            .OnIqSet<ReservationHandler>(ReservationNames.Namespace, "release", IqTarget.Component, CallRooms.Name)
            .OnIqGet<ReservationHandler>(ReservationNames.Namespace, "reservations", IqTarget.Component, CallRooms.Name)
            .OnIqSet<RecordingHandler>(RecordingNames.Namespace, "record", IqTarget.Component, CallRooms.Name)
            .OnIqGet<RecordingHandler>(RecordingNames.Namespace, "recordings", IqTarget.Component, CallRooms.Name)
            .MapHttp<RecordingPages>(RecordingLinks.Prefix)
            .Contribute<IRoomRecordings, RecordingDesk>()
            .Contribute<ICallRooms, CallRooms>()
            .Contribute<IGuestRooms, GuestRooms>()
            .Contribute<IChatRoomObserver, ChatRoomWatcher>()
            .Contribute<IRosterOffers, RosterRooms>()
            .Contribute<IRoomReservations, ReservationBook>()
            .Contribute<IRoomStandIn, MujiStar>()
            .Contribute<IMediaTools, MediaTools>()
            .Contribute<IStatusSource, FocusStatus>()
            .AddHostedService<RecordingKeeper>() // before what ends the calls, so that it stops after it
            .AddHostedService<FocusMeters>()
            .AddHostedService<FocusService>();
    }
}
