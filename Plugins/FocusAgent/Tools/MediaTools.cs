using System.Collections.Concurrent;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Tools;

/// <summary>Who brings a tool into a room, by a command of theirs.</summary>
/// <param name="Address">Their full address.</param>
/// <param name="Caller">What is known of them, as of a caller.</param>
public sealed record ToolOwner(Jid Address, Caller Caller);

/// <summary>Connects programs without XMPP, for operators and whom they allow.</summary>
public sealed class MediaTools(RoomRegistry rooms, FocusServices services, CallRooms callRooms) : IMediaTools
{
    private const string UsualName = "Media tool";

    private readonly ConcurrentDictionary<string, (ToolLeg Leg, Jid Room)> _tools = [];
    private int _count;

    /// <inheritdoc/>
    public IReadOnlyList<MediaTool> List() => [.. _tools.Select(t => new MediaTool(t.Key, t.Value.Room, t.Value.Leg.Participant.Name, t.Value.Leg.IsConnected)).OrderBy(t => t.Room.ToString(), StringComparer.Ordinal).ThenBy(t => t.Id, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public ValueTask<MediaToolConnection> ConnectAsync(MediaToolRequest request, CancellationToken ct = default) => ConnectAsync(request, null, ct);

    /// <summary>Brings a tool into a room in somebody's name.</summary>
    public async ValueTask<MediaToolConnection> ConnectAsync(MediaToolRequest request, ToolOwner? by, CancellationToken ct)
    {
        var options = services.Options.RawUdp;
        if (!options.Enabled) return new(MediaToolResult.Off, "Media without encryption are off: Plugins:FocusAgent:RawUdp:Enabled.");
        if (services.Relay is not { } relay) return new(MediaToolResult.Off, "There is no media relay.");
        var (room, address) = (request.Room.Bare, RawTransports.Normal(request.Address));
        if (room.Local is null || !services.Server.Domains.Any(d => callRooms.DomainOf(d) == room.Domain)) return new(MediaToolResult.NoRoom, $"{room} is no call room's address.");
        if (!options.Allows(address)) return new(MediaToolResult.NotAllowed, $"{address} is in none of Plugins:FocusAgent:RawUdp:AllowedNetworks.");
        if (ReadStreams(request, relay.Capabilities, out var fault) is not { } streams) return new(MediaToolResult.Impossible, fault);
        if (Interlocked.Increment(ref _count) > options.MaxTools)
        {
            Interlocked.Decrement(ref _count);
            return new(MediaToolResult.TooMany, $"There are {options.MaxTools} tools already: Plugins:FocusAgent:RawUdp:MaxTools.");
        }

        var participant = new Participant(Ids.New()) { Name = NameOf(request.Name) };
        participant.Rights.Owner = by?.Address.Bare.ToString();
        var slots = new MixedSlots(relay.Capabilities.HasVideoMixer, services.Options.MixedVideo);
        var leg = new ToolLeg(participant, room, address, streams, options, slots, () => Forget(participant.Id));
        _tools[participant.Id] = (leg, room);
        try
        {
            if (await rooms.PostAsync(room, mayOpen: true, r => r.OnTool(leg, by), ct)) return await leg.Answer.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            await DisconnectAsync(participant.Id, CancellationToken.None); // whoever asked has gone, and knows no port to send to
            throw;
        }

        Forget(participant.Id);
        return new(MediaToolResult.TooMany, "There are as many conferences as there may be.");
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DisconnectAsync(string id, CancellationToken ct = default)
    {
        if (!_tools.TryGetValue(id, out var tool)) return false;
        if (!await rooms.PostAsync(tool.Room, mayOpen: false, r => r.OnToolEnd(tool.Leg), ct)) Forget(id); // the room is over, and it with it
        return true;
    }

    private void Forget(string id)
    {
        if (_tools.TryRemove(id, out _)) Interlocked.Decrement(ref _count);
    }

    private static List<ToolStream>? ReadStreams(MediaToolRequest request, RelayCapabilities capabilities, out string fault)
    {
        fault = "A tool has audio, video or both.";
        var streams = new List<ToolStream>();
        foreach (var (kind, wish) in new[] { (MediaKind.Audio, request.Audio), (MediaKind.Video, request.Video) })
        {
            if (wish is null) continue;
            if (ToolStream.Read(kind, wish, capabilities, out fault) is not { } stream) return null;
            streams.Add(stream);
        }

        if (streams.Count == 2 && Math.Abs(streams[0].Wish.Port - streams[1].Wish.Port) < 2)
        {
            fault = "Audio and video need ports of their own, RTCP's beside them.";
            return null;
        }

        if (!capabilities.HasMixer && streams.Any(s => s.Kind == MediaKind.Audio && s.Receives))
        {
            fault = "Audio cannot be mixed here: libopus is missing. A tool may still send it.";
            return null;
        }

        return streams.Count > 0 ? streams : null;
    }

    private static string NameOf(string wish)
    {
        var name = new string([.. wish.Where(c => !char.IsControl(c)).Take(Doorway.MaxName)]).Trim();
        return name.Length > 0 ? name : UsualName;
    }
}
