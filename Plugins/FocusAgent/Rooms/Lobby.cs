using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>Callers who wait until a moderator lets them in. It costs no media: to them it rings, and the call page says what it waits for.</summary>
public sealed class Lobby(FocusServices services, Conference conference, RoomModeration moderation, Outbox outbox)
{
    /// <summary>How long clients other than the call page wait: about as long as they ring.</summary>
    public static readonly TimeSpan RingingTime = TimeSpan.FromMinutes(1);

    // A page that is gone says nothing: it is asked now and then.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(20);
    private readonly List<PendingCall> _callers = [];

    /// <summary>Who waits, in order.</summary>
    public IReadOnlyList<PendingCall> Callers => _callers;

    /// <summary>Makes a caller wait.</summary>
    /// <returns>The error to answer; null if it waits.</returns>
    public StanzaError? Add(PendingCall caller)
    {
        // Whoever comes again waits once, in its place.
        var place = _callers.FindIndex(c => c.Key == caller.Key || c.Call.Peer == caller.Call.Peer);
        if (place < 0 && _callers.Count >= services.Options.LobbyPlaces) return new StanzaError(StanzaCondition.ResourceConstraint, "Too many wait to be let in.");
        var waiting = caller with { Call = caller.Call with { IsAcknowledged = true } };
        if (!caller.Call.IsAcknowledged) outbox.Send(caller.Call.Request!.Result());
        if (place >= 0)
        {
            Terminate(_callers[place], JingleCondition.Expired, null);
            _callers[place] = waiting;
        }
        else
        {
            _callers.Add(waiting);
        }

        conference.Touch();
        Ring(waiting);
        // By its id, so that nothing of a caller is kept who gave up long before.
        var id = waiting.Id;
        outbox.After(caller.Marker is null ? RingingTime : services.Options.LobbyTime, () =>
        {
            if (Take(id) is { } late) Terminate(late, JingleCondition.Timeout, "Nobody let you in.");
        });
        return null;
    }

    /// <summary>Takes a caller out of the lobby, by the id that moderators know; null if there is none.</summary>
    public PendingCall? Take(string? id) => _callers.Find(c => c.Id == id) is { } caller && Remove(caller) ? caller : null;

    /// <summary>Forgets a caller, who gave up; false if it does not wait.</summary>
    public bool Remove(PendingCall caller)
    {
        if (_callers.RemoveAll(c => ReferenceEquals(c, caller)) == 0) return false;
        conference.Touch();
        return true;
    }

    /// <summary>Turns a caller away, if it still waits.</summary>
    public void TurnAway(PendingCall caller, JingleCondition why, string? words)
    {
        if (Remove(caller)) Terminate(caller, why, words);
    }

    /// <summary>Ends a call that was not answered.</summary>
    public void Terminate(PendingCall caller, JingleCondition why, string? words) => outbox.Terminate(caller.Call, caller.Message, why, words, caller.Marker is not null);

    // XEP-0167 section 8.1: the device rings. The page is told what for, and whether anybody could hear it.
    private void Ring(PendingCall caller)
    {
        var info = caller.Marker is null ? new RtpInfo(RtpInfoKind.Ringing).ToElement()
            : new Element("waiting", ModerationNames.Namespace).Attr("moderators", moderation.ModeratorCount.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Ask(caller, new JingleMessage(JingleAction.SessionInfo, caller.Message.Sid) { Extras = [info] }, error =>
        {
            // What it does not understand it need not: only that it is no longer there counts.
            if (error is { Condition: StanzaCondition.ItemNotFound or StanzaCondition.RecipientUnavailable or StanzaCondition.ServiceUnavailable or StanzaCondition.RemoteServerTimeout }) Remove(caller);
        });
        if (caller.Marker is null) return;
        var id = caller.Id;
        outbox.After(Look, () =>
        {
            if (_callers.Find(c => c.Id == id) is { } still) Ring(still);
        });
    }

    private void Ask(PendingCall caller, JingleMessage message, Action<StanzaError?>? onAnswer = null) => outbox.Ask(caller.Call.Room, caller.Call.Peer, message.ToElement(), onAnswer);
}
