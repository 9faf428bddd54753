using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>Takes what people ask of a room about moderation: acts, what holds, and passwords that are given ahead of a call.</summary>
public sealed class ModerationDoor(RoomRegistry rooms, HouseRules rules, FocusServices services)
{
    /// <summary>What a caller is to the chat room that a call room is tied to; null where none is.</summary>
    public ValueTask<ChatRoomTie?> LookAsync(Jid room, Jid caller, CancellationToken ct) => rules.Ties.LookAsync(room, caller, ct);

    /// <summary>Takes a request in our namespace and answers it, unless it returns the error to answer.</summary>
    public async ValueTask<StanzaError?> TakeAsync(Iq iq, SenderInfo sender, CancellationToken ct)
    {
        switch (iq)
        {
            case { Type: "set", Payload.Name: "moderate" }:
                if (iq.Payload.Children.Take(2).ToList() is not [var act] || act.Namespace != ModerationNames.Namespace) return new StanzaError(StanzaCondition.BadRequest, "moderate has one child: what is to be done");
                if (await ActAsync(iq, act, sender.Kind, ct) is { } error) return error;
                break;
            case { Payload.Name: "policy" }:
                if (!await MayModerateAsync(iq.To!.Bare, iq.From!, sender.Kind, ct)) return new StanzaError(StanzaCondition.Forbidden, "Only moderators may do that.");
                if (iq.Type == "get")
                {
                    await services.Router.RouteAsync(iq.Result(PolicyElement.Write(rules.Policies.Of(iq.To.Bare))), ct);
                    return null;
                }

                if (PolicyElement.Read(iq.Payload, rules.Policies.Of(iq.To.Bare), out var fault) is not { } policy) return new StanzaError(StanzaCondition.BadRequest, fault);
                if (await SetAsync(iq.To.Bare, policy, iq.From!, ct) is { } refused) return refused;
                break;
            default:
                return new StanzaError(StanzaCondition.FeatureNotImplemented);
        }

        await services.Router.RouteAsync(iq.Result(), ct);
        return null;
    }

    /// <summary>Does an act in a live room.</summary>
    /// <returns>The error; null when done.</returns>
    public async ValueTask<StanzaError?> ActAsync(Iq iq, Element act, SenderKind kind, CancellationToken ct)
    {
        var standing = (await rules.Ties.LookAsync(iq.To!.Bare, iq.From!, ct))?.Standing;
        return await AskAsync(iq.To.Bare, room => new Answer<StanzaError?>(room.OnAct(iq, act, kind, standing)), ct) is { } answer ? answer.Value : new StanzaError(StanzaCondition.ItemNotFound, "Nobody is in that call.");
    }

    /// <summary>Says what is to hold in a room.</summary>
    /// <returns>The error; null when done.</returns>
    /// <param name="room">The room.</param>
    /// <param name="policy">What is to hold.</param>
    /// <param name="from">The moderator who says so.</param>
    /// <param name="ct">Gives up waiting.</param>
    public async ValueTask<StanzaError?> SetAsync(Jid room, RoomPolicy policy, Jid from, CancellationToken ct)
    {
        if (!rules.Policies.Lasts(room)) return new StanzaError(StanzaCondition.UnexpectedRequest, "Nobody is in that call, and nobody has reserved the room: it would be forgotten at once.");
        var (before, moderators) = (rules.Policies.Of(room).Password, rules.Policies.Of(room).Moderators);
        // Those whom moderators made ones make no more, for the call or for longer.
        if (!moderators.ToHashSet().SetEquals(policy.Moderators) && await AskAsync(room, r => new Answer<bool>(r.Participants.Any(p => p.Legs.Any(l => l.Peer == from) && r.Moderation.IsOnlyGranted(p))), ct) is { Value: true })
            return new StanzaError(StanzaCondition.NotAllowed, "Those whom a moderator made one name no others.");
        if (!await rules.Policies.SetAsync(room, policy, ct)) return new StanzaError(StanzaCondition.NotAllowed, "The operator of this server says otherwise.");
        if (before != policy.Password) rules.Passwords.Forget(room);
        await rooms.PostAsync(room, mayOpen: false, r => r.OnPolicyChanged(), ct);
        return null;
    }

    /// <summary>Whether somebody moderates a room, whether or not anybody is in it.</summary>
    public async ValueTask<bool> MayModerateAsync(Jid room, Jid from, SenderKind kind, CancellationToken ct)
    {
        var live = await AskAsync(room, r => new Answer<bool>(r.Participants.FirstOrDefault(p => p.Legs.Any(l => l.Peer == from)) is { } own ? r.Moderation.IsModerator(own) : kind != SenderKind.Guest && r.Moderation.IsModerator(from.Bare)), ct);
        if (live is not null && live.Value) return true;
        if (kind == SenderKind.Guest) return false;
        var tie = await rules.Ties.LookAsync(room, from, ct);
        if (tie is not null) return tie.Standing is { IsModerator: true } || IsNamed(room, from.Bare);
        return live is null && (IsNamed(room, from.Bare) || (services.Options.Moderators != Moderators.Named && rules.Reservations.FirstOf(room)?.Account == from.Bare));
    }

    /// <summary>
    /// Of whoever moderates a room, since when it is theirs: always, where the operator says so, or the chat room that the operator tied it to; else since it was reserved, or since the call began, as anybody may
    /// reserve a room, make a chat room of its name, or be the first in it who was in none of the calls before.
    /// </summary>
    public async ValueTask<DateTimeOffset> SinceAsync(Jid room, Jid from, CancellationToken ct)
    {
        var account = from.Bare;
        if (IsAdmin(account) || rules.Policies.Configured(room)?.Moderators.Any(m => Jid.Parse(m) == account) == true) return DateTimeOffset.UnixEpoch;
        if (await rules.Ties.LookAsync(room, from, ct) is { Standing.IsModerator: true, IsFixed: true }) return DateTimeOffset.UnixEpoch;
        var live = await AskAsync(room, r => new Answer<DateTimeOffset>(r.Moderation.Begun), ct);
        var since = live?.Value ?? services.Clock.GetUtcNow();
        return rules.Reservations.FirstOf(room) is { } first && first.Since < since && (first.Account == account || rules.Policies.Of(room).Moderators.Contains(account)) ? first.Since : since;
    }

    /// <summary>Asks a live room; null if there is none.</summary>
    public async ValueTask<T?> AskAsync<T>(Jid room, Func<CallRoom, T> question, CancellationToken ct) where T : class
    {
        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isTaken = await rooms.PostAsync(
            room,
            mayOpen: false,
            r =>
            {
                try
                {
                    answer.SetResult(question(r));
                }
                catch (Exception e)
                {
                    answer.SetException(e);
                    throw;
                }
            },
            ct);
        return isTaken ? await answer.Task.WaitAsync(ct) : null;
    }

    /// <summary>Takes a message to a room that has a password, by which clients without a place for one give it ahead of calling.</summary>
    /// <returns>What the room answers; null if it has no password, and the message is nothing to it.</returns>
    public Stanza? TryTakePassword(Message message, string said, SenderInfo sender)
    {
        var room = message.To!.Bare;
        if (rules.Policies.Of(room).Password is not { } expected) return null;
        // Nobody is told whether a room that is not open to them has the password that they guess.
        if (!Admission.Admits(services.Options.OpenTo, services.Server.IsLoopbackOnly, sender.Kind, isHosted: true)) return null;
        var result = rules.Passwords.Judge(expected, said.Length <= RoomPolicy.MaxPassword + 2 ? said.Trim() : "", message.From!, new Caller(sender.Kind, sender.RemoteAddress));
        // An error, which nobody answers: a client that answers by itself would else talk to the room for ever.
        if (result == PasswordResult.TooMany) return message.ErrorReply(new StanzaError(StanzaCondition.ResourceConstraint, StanzaErrorType.Wait, "Too many wrong passwords: try again in a minute."));
        if (result == PasswordResult.Wrong) return RoomMessages.Write(room, message.From!, "That is not the password of this room.");
        rules.Passwords.Give(room, message.From!);
        return RoomMessages.Write(room, message.From!, $"Thank you. Call within {Passwords.Ahead.TotalMinutes:0} minutes.");
    }

    private bool IsNamed(Jid room, Jid account) => IsAdmin(account) || rules.Policies.Of(room).Moderators.Contains(account);

    private bool IsAdmin(Jid account) => services.Options.Admins.Any(a => Jid.Parse(a) == account);

    private sealed record Answer<T>(T Value);
}
