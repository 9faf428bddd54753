using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Commands;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Plugins.FocusAgent.Tools;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent;

/// <summary>The subdomain of call rooms. Everybody who calls <c>room@calls.domain</c> is in the conference of that name.</summary>
public sealed class CallsComponent(RoomRegistry rooms, JmiDoor jmi, ReservationBook reservations, RoomContact contact, ModerationDoor moderation, CallerPaces paces, ViewDesk views, FocusServices services) : IComponent
{
    private static readonly DiscoInfo ServiceInfo = new([new DiscoIdentity("conference", "audio-video", "Calls")], [Ns.AvConferences]);

    /// <inheritdoc/>
    public DiscoInfo? Describe(Jid address, string? node) => address.Local is not null && (node is null || contact.IsNode(node)) ? contact.Info : node is not null ? ToolCommands.Describe(node, address, services.Options.RawUdp) ?? RoomCommands.Describe(node, address) : ServiceInfo;

    /// <inheritdoc/>
    public IReadOnlyList<DiscoItem> Items(Jid address, string? node) => node == ReservationNames.Commands ? [.. RoomCommands.ItemsOf(address), .. ToolCommands.ItemsOf(address, services.Options.RawUdp)] : [];

    /// <inheritdoc/>
    public ValueTask OnStanzaAsync(Stanza stanza, StanzaContext context, CancellationToken ct) => stanza switch
    {
        Iq { IsRequest: true } iq => OnRequestAsync(iq, context, ct),
        Message message => OnMessageAsync(message, context, ct),
        Presence presence => OnPresenceAsync(presence, context, ct),
        // Answers come back through IIqClient.
        _ => default,
    };

    private async ValueTask OnRequestAsync(Iq iq, StanzaContext context, CancellationToken ct)
    {
        await paces.WaitAsync(iq, ct);
        if (await JudgeAsync(iq, context, ct) is { } error) await services.Router.RouteAsync(iq.ErrorReply(error), ct);
    }

    private async ValueTask<StanzaError?> JudgeAsync(Iq iq, StanzaContext context, CancellationToken ct)
    {
        if (iq is { From: not null, To.Local: not null, Payload.Namespace: ModerationNames.Namespace }) return await moderation.TakeAsync(iq, context.Sender, ct);
        if (iq.From is null || iq.To?.Local is null || iq.Payload is not { } payload || iq.Type != "set" || !payload.Is("jingle", Ns.Jingle)) return new StanzaError(StanzaCondition.ServiceUnavailable);
        if (!JingleMessage.TryRead(payload, out var message, out var fault)) return new StanzaError(StanzaCondition.BadRequest, fault);
        var isCall = message.Action == JingleAction.SessionInitiate;
        // An account may come whether or not it is; for anybody else it is asked before the room is opened.
        var isReserved = isCall && context.Sender.Kind == SenderKind.Guest && await reservations.IsReservedAsync(iq.To.Bare, ct);
        var tie = isCall ? await moderation.LookAsync(iq.To.Bare, iq.From, ct) : null;
        var caller = new Caller(context.Sender.Kind, context.Sender.RemoteAddress, isReserved, tie);
        if (await rooms.PostAsync(iq.To.Bare, isCall, room => room.OnJingle(iq, message, caller), ct)) return null;
        return isCall ? new StanzaError(StanzaCondition.ResourceConstraint) : JingleErrors.UnknownSession();
    }

    // Presence says nothing about calls, as media decides who is there; but a room is a contact for whoever wants it as one.
    private async ValueTask OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct)
    {
        if (presence.From is null || presence.To?.Local is null) return;
        await paces.WaitAsync(presence, ct);
        foreach (var answer in contact.Answer(presence, context.Sender.Kind)) await services.Router.RouteAsync(answer, ct);
    }

    private async ValueTask OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        // Errors bring back what could not be delivered; answering them, or waiting for a full room, would make a circle.
        if (message.From is null || message.To?.Local is null) return;
        if (message.IsError)
        {
            if (message.Id is not null) await rooms.PostAsync(message.To.Bare, false, room => room.Rings.TakeError(message), ct);
            return;
        }

        await paces.WaitAsync(message, ct);
        if (message.Type == "groupchat" && message.Body is { Length: > 0 })
        {
            if (!await rooms.PostAsync(message.To.Bare, false, room => room.OnChat(message), ct))
                await services.Router.RouteAsync(message.ErrorReply(new StanzaError(StanzaCondition.ItemNotFound, "nobody is in that call")), ct);
            return;
        }

        if (message.Type != "groupchat" && JmiMessages.Read(message) is { } jingle)
        {
            var isProposal = jingle.Said.Name == "propose";
            if (isProposal && jmi.TryAnswer(message, context.Sender.Kind) is { } answer) _ = ObserveAsync(answer);
            await rooms.PostAsync(message.To.Bare, false, room =>
            {
                // Whoever calls the room need not be called.
                if (isProposal) room.Rings.Yield(message.From);
                else room.Rings.Take(message, jingle.Said, jingle.Id);
            }, ct);
        }
        else if (message is { Type: not "groupchat", Body: { } said } && moderation.TryTakePassword(message, said, context.Sender) is { } reply) await services.Router.RouteAsync(reply, ct);
        else if (message.Type != "groupchat" && message.Body is { } words && await views.TakeAsync(message, words, ct) is { } told) await services.Router.RouteAsync(told, ct);
        else if (message.Type != "groupchat" && message.Body is not null) await services.Router.RouteAsync(message.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable)), ct);
    }

    private async Task ObserveAsync(Task answer)
    {
        try
        {
            await answer;
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "A call by message could not be answered.");
        }
    }
}
