using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Muji;

/// <summary>
/// Makes a star of a mesh (XEP-0272 section 8): in a chat room of this server the focus announces the call and nobody else is seen to, so that each client calls the focus alone, as whoever comes later calls those
/// who are there (section 4). The call of <c>room@rooms.domain</c> is <c>room@calls.domain</c>, where call pages and one-to-one clients are too (docs/legs/muji.md).
/// </summary>
public sealed class MujiStar(FocusServices services, RoomRegistry rooms, CallRooms calls, MujiCallers callers) : IRoomStandIn
{
    private const string Nick = "Call";

    // The numbers that Dino and browsers give these codecs: a client lists only what everybody lists by the same number (section 4).
    private static readonly Element Announcement = new Element("muji", Ns.Muji)
        .Add(Content("audio", new Element("payload-type", Ns.JingleRtp).Attr("id", "111").Attr("name", "opus").Attr("clockrate", "48000").Attr("channels", "2")))
        .Add(Content("video", new Element("payload-type", Ns.JingleRtp).Attr("id", "98").Attr("name", "VP8").Attr("clockrate", "90000")));

    /// <inheritdoc/>
    public string Name => "muji";

    /// <inheritdoc/>
    public string Namespace => Ns.Muji;

    /// <inheritdoc/>
    public StandIn? Choose(Jid room)
    {
        if (ModeOf(room) == MujiMode.Mesh || CallOf(room) is not { } call) return null;
        if (services.Relay?.Capabilities.HasMixer == true) return new StandIn(call.WithResource(JmiDoor.Resource), Nick, Announcement);
        services.Logger.LogInformation("A group call in a chat room goes from client to client, as there is no mixer; with libopus (apt install libopus0) it would be a conference");
        return null;
    }

    /// <inheritdoc/>
    public void OnSaying(Jid room, Jid client)
    {
        if (CallOf(room) is { } call) callers.Add(call, client, room);
    }

    /// <inheritdoc/>
    public void OnSilent(Jid room, Jid client)
    {
        if (CallOf(room) is not { } call) return;
        // First, so that no session comes in behind the end of those that are there.
        callers.Remove(call, client);
        _ = EndAsync(call, client);
    }

    private MujiMode ModeOf(Jid room)
    {
        var options = services.Options;
        var isExcepted = options.MujiExcept.Any(e => Jid.TryParse(e, out var except) && (except.Local is null ? except.Domain == room.Domain : except == room));
        return (options.Muji == MujiMode.Star) != isExcepted ? MujiMode.Star : MujiMode.Mesh;
    }

    // The chat rooms' domain belongs to the served domain that it ends in; one of the operator's choice to the first.
    private Jid? CallOf(Jid room)
    {
        var domains = services.Server.Domains;
        var served = domains.Where(d => room.Domain.EndsWith("." + d, StringComparison.Ordinal)).MaxBy(d => d.Length) ?? domains[0];
        return calls.DomainOf(served) is { } domain && Jid.TryCreate(room.Local, domain, null, out var call) ? call : null;
    }

    private async Task EndAsync(Jid call, Jid client)
    {
        try
        {
            await rooms.PostAsync(call, mayOpen: false, room => room.OnMujiSilent(client), CancellationToken.None);
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "A call could not be ended whose caller left the chat room");
        }
    }

    private static Element Content(string media, Element codec) => new Element("content", Ns.Jingle).Attr("creator", "initiator").Attr("name", media)
        .Add(new Element("description", Ns.JingleRtp).Attr("media", media).Add(codec));
}
