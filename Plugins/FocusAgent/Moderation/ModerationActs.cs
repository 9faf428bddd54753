using System.Net;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>What moderators do to people in a conference, and what everybody may do: raise a hand. Who may is judged here, whatever a client shows.</summary>
/// <param name="conference">Who is in.</param>
/// <param name="moderation">Who moderates.</param>
/// <param name="doorway">Where people come in.</param>
/// <param name="lobby">Where they wait.</param>
/// <param name="end">Ends a leg.</param>
public sealed class ModerationActs(Conference conference, RoomModeration moderation, Doorway doorway, Lobby lobby, Action<Leg, LegEnd?> end)
{
    private long _hands;

    /// <summary>Does one act: the only child of a <c>moderate</c> element.</summary>
    /// <returns>The error to answer; null when done.</returns>
    /// <param name="iq">The request.</param>
    /// <param name="act">What is to be done.</param>
    /// <param name="kind">Who asks.</param>
    /// <param name="standing">What they are to the chat room that the call is tied to; null where it is tied to none. They need not be in the call.</param>
    public StanzaError? Take(Iq iq, Element act, SenderKind kind, ChatRoomStanding? standing)
    {
        var actor = conference.Participants.FirstOrDefault(p => p.Legs.Any(l => l.Peer == iq.From));
        var rank = actor is not null ? RankOf(actor) : standing is { IsModerator: true } || (kind != SenderKind.Guest && moderation.IsModerator(iq.From!.Bare)) ? Rank.Moderator : Rank.None;
        if (act.Name == "hand" && actor is not null && (act["participant"] ?? actor.Id) == actor.Id) return Raise(actor, act);
        if (rank == Rank.None) return new StanzaError(StanzaCondition.Forbidden, "Only moderators may do that.");
        var by = actor?.Name ?? iq.From!.Local ?? "A moderator";
        switch (act.Name)
        {
            case "kick":
                return With(act, target => Kick(target, rank, by));
            case "mute" when Flag(act, "everybody"):
                return Silence(conference.Participants.Where(p => p != actor && RankOf(p) == Rank.None), act, by);
            case "mute" or "unmute":
                return With(act, target => act.Name == "mute" && Flag(act, "held") && RankOf(target) >= rank ? Unequal() : Silence([target], act, by));
            case "admit":
                return Decide(act, doorway.LetIn);
            case "deny":
                return Decide(act, caller => lobby.Terminate(caller, JingleCondition.Decline, $"{by} did not let you in."));
            case "allow":
                return act["ban"] is { } id && moderation.People.Allow(id) ? Done() : Missing();
            case "grant" or "revoke":
                return With(act, target => Grant(target, act.Name == "grant", rank));
            case "hand":
                return With(act, target => Raise(target, act));
            case "end":
                EndAll($"{by} ended the call.");
                return Done();
            default:
                return new StanzaError(StanzaCondition.FeatureNotImplemented);
        }
    }

    /// <summary>Puts somebody out who is told why.</summary>
    public void PutOut(Participant target, string words)
    {
        foreach (var leg in target.Legs.ToList())
        {
            leg.Farewell = words;
            end(leg, LegEnd.Removed);
        }
    }

    /// <summary>Ends the call for everybody, and for those who wait.</summary>
    public void EndAll(string words)
    {
        doorway.Close(JingleCondition.Gone, words);
        foreach (var leg in conference.Legs.ToList())
        {
            leg.Farewell = words;
            end(leg, LegEnd.ConferenceGone);
        }
    }

    /// <summary>Raises somebody's own hand, or takes it down.</summary>
    public void SwitchHand(Participant participant)
    {
        participant.Rights.Hand = participant.Rights.Hand is null ? ++_hands : null;
        conference.Touch();
    }

    private StanzaError? Kick(Participant target, Rank rank, string by)
    {
        // The person is meant, and so are its other clients and the tools that it brought.
        var key = target.Rights.Key;
        List<Participant> all = [.. conference.Participants.Where(p => p == target || p.Rights.Key == key || p.Rights.Owner == key)];
        if (all.Max(RankOf) >= rank) return Unequal();
        if (!moderation.People.Ban(key, target.Name, all.Select(p => p.Network).OfType<IPAddress>())) return new StanzaError(StanzaCondition.ResourceConstraint, "As many are kept out as there may be.");
        var words = $"{by} removed you from the call.";
        foreach (var one in all)
        {
            if (!one.Current.IsListening) one.Current.Notify(new Element("kicked", ModerationNames.Namespace), words);
            PutOut(one, words);
        }

        doorway.TurnAway(c => c.Key == key, JingleCondition.Decline, words);
        return Done();
    }

    private StanzaError? Silence(IEnumerable<Participant> targets, Element act, string by)
    {
        MediaKind[]? kinds = act["media"] switch
        {
            null or "audio" => [MediaKind.Audio],
            "video" => [MediaKind.Video],
            "both" => [MediaKind.Audio, MediaKind.Video],
            _ => null,
        };
        if (kinds is null) return new StanzaError(StanzaCondition.BadRequest, "'media' is audio, video or both");
        var silence = act.Name == "unmute" ? Moderation.Silence.None : Flag(act, "held") ? Moderation.Silence.Held : Moderation.Silence.Muted;
        foreach (var target in targets)
        {
            foreach (var kind in kinds) Silence(target, kind, silence, by);
            moderation.People.Keep(target.Rights);
        }

        return Done();
    }

    private static void Silence(Participant target, MediaKind kind, Silence silence, string by)
    {
        // A held stream is not loosened by muting everybody.
        if (silence == Moderation.Silence.Muted && target.Rights.Kept(kind) == Moderation.Silence.Held) return;
        if (!target.Rights.Set(kind, silence)) return;
        var (media, device) = kind == MediaKind.Audio ? ("audio", "microphone") : ("video", "camera");
        var words = silence switch
        {
            Moderation.Silence.None => kind == MediaKind.Audio ? $"{by} lets you speak again." : $"{by} lets you show your camera again.",
            Moderation.Silence.Held => $"{by} muted your {device}. Only moderators can lift that.",
            _ => $"{by} muted your {device}. To be {(kind == MediaKind.Audio ? "heard" : "seen")} again, switch it off and on.",
        };
        var info = new Element(silence == Moderation.Silence.None ? "unmute" : "mute", ModerationNames.Namespace).Attr("media", media).Attr("held", silence == Moderation.Silence.Held ? "true" : null).Attr("by", by);
        target.Current.Notify(info, words);
    }

    private StanzaError? Decide(Element act, Action<PendingCall> decide)
    {
        if (!Flag(act, "everybody"))
        {
            if (lobby.Take(act["caller"]) is not { } caller) return Missing();
            decide(caller);
            return Done();
        }

        foreach (var one in lobby.Callers.ToList())
        {
            if (lobby.Take(one.Id) is { } caller) decide(caller);
        }

        return Done();
    }

    private StanzaError? Grant(Participant target, bool isGranted, Rank rank)
    {
        if (rank == Rank.Granted) return Unequal();
        target.Rights.IsGranted = isGranted;
        moderation.People.Keep(target.Rights);
        return Done();
    }

    private StanzaError? Raise(Participant target, Element act)
    {
        var isRaised = Flag(act, "raised");
        if (isRaised != target.Rights.Hand is not null) target.Rights.Hand = isRaised ? ++_hands : null;
        return Done();
    }

    private StanzaError? With(Element act, Func<Participant, StanzaError?> work) =>
        act["participant"] is { } id && conference.Participants.FirstOrDefault(p => p.Id == id) is { } target ? work(target) : Missing();

    private StanzaError? Done()
    {
        conference.Touch();
        return null;
    }

    private static StanzaError Missing() => new(StanzaCondition.ItemNotFound, "There is nobody of that id.");

    private static StanzaError Unequal() => new(StanzaCondition.NotAllowed, "Moderators cannot do that to one another.");

    private static bool Flag(Element act, string name) => act[name] is "true" or "1";

    private Rank RankOf(Participant participant) =>
        !moderation.IsModerator(participant) ? Rank.None : moderation.IsOnlyGranted(participant) ? Rank.Granted : Rank.Moderator;

    private enum Rank
    {
        None,
        Granted,
        Moderator,
    }
}
