using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Microsoft.Extensions.Logging;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>Keeps one call in step with the chat room that it is tied to: whoever may not be there is out of the call. Used by one thread at a time.</summary>
/// <param name="address">The call room.</param>
/// <param name="services">Where faults are told.</param>
/// <param name="ties">Knows the chat room.</param>
/// <param name="conference">Who is in the call.</param>
/// <param name="doorway">Who waits.</param>
/// <param name="rings">Whom the room calls.</param>
/// <param name="acts">Puts people out.</param>
/// <param name="post">Brings work to the room.</param>
public sealed class ChatRoomBond(Jid address, FocusServices services, ChatRoomTies ties, Conference conference, Doorway doorway, RingDesk rings, ModerationActs acts, Func<Action, ValueTask<bool>> post)
{
    /// <summary>Takes what somebody is to the chat room now.</summary>
    public void Take(Jid account, ChatRoomStanding standing, bool isPutOut)
    {
        if (ties.Find(address) is not { } tie) return;
        if (account.Local is null)
        {
            // All of a domain: what each of them is, is asked.
            foreach (var one in Everybody().Where(a => a.Domain == account.Domain).Distinct().ToList()) Confirm(one, isPutOut);
            return;
        }

        rings.OnChatRoom(account, standing, isPutOut);
        var isOut = isPutOut || !ChatRoomTie.Admits(tie.Entry, standing);
        foreach (var participant in conference.Participants.Where(p => p.Address.Bare == account).ToList())
        {
            participant.Rights.Standing = standing;
        }

        if (!isOut)
        {
            conference.Touch();
            return;
        }

        // With the tools that they brought.
        var words = $"You are no longer in {tie.ChatRoom}.";
        foreach (var participant in conference.Participants.Where(p => p.Address.Bare == account || p.Rights.Owner == account.ToString()).ToList()) acts.PutOut(participant, words);
        doorway.TurnAway(c => c.Call.Peer.Bare == account, JingleCondition.Decline, words);
    }

    /// <summary>Asks what somebody is who has just come: it may have been put out of the chat room while its call was on the way, which nobody then could be told.</summary>
    /// <param name="account">Who.</param>
    /// <param name="isPutOut">Whether all of its domain were put out of the chat room.</param>
    public void Confirm(Jid account, bool isPutOut = false) => _ = ConfirmAsync(account, isPutOut);

    private async Task ConfirmAsync(Jid account, bool isPutOut)
    {
        try
        {
            if (await ties.LookAsync(address, account, CancellationToken.None) is not { } tie) return;
            // Of a domain that was put out some may stay, whom the chat room names by themselves.
            var standing = tie.Standing ?? new ChatRoomStanding(false, false, false, false);
            await post(() => Take(account, standing, isPutOut && !ChatRoomTie.Admits(tie.Entry, standing)));
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "It could not be found out whether somebody is still in a call's chat room.");
        }
    }

    private IEnumerable<Jid> Everybody() => conference.Participants.Select(p => p.Address.Bare).Concat(doorway.Waiting.Select(c => c.Call.Peer.Bare)).Concat(rings.Callees);
}
