using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>Whether a room is recorded, and that everybody in it knows. Used by one thread at a time.</summary>
/// <param name="address">The room.</param>
/// <param name="relayId">Its id in the relay.</param>
/// <param name="services">The time.</param>
/// <param name="book">All recordings.</param>
/// <param name="conference">Who is there.</param>
/// <param name="outbox">The way out.</param>
public sealed class RoomRecorder(Jid address, string relayId, FocusServices services, RecordingBook book, Conference conference, Outbox outbox)
{
    /// <summary>Who it was where no person was.</summary>
    public const string TheServer = "the server";

    private readonly HashSet<Leg> _told = [];
    private LiveRecording? _live;
    private bool _isDeclined;

    /// <summary>The recording that runs; null for none.</summary>
    public LiveRecording? Live => _live;

    /// <summary>Whether calls can be recorded here.</summary>
    public bool MayRecord => book.Options.Enabled;

    /// <summary>Whether everybody can be in one picture.</summary>
    public bool MayCompose => services.Relay?.Capabilities.HasVideoMixer == true;

    /// <summary>Begins one.</summary>
    /// <param name="by">Who wants it.</param>
    /// <param name="mix">What there is of everybody together; null for what the settings say.</param>
    /// <returns>The error; null when it runs.</returns>
    public StanzaError? Start(string by, RecordedMix? mix = null)
    {
        if (_live is not null) return null;
        if (!conference.Participants.Any(p => p.IsPresent)) return new StanzaError(StanzaCondition.ItemNotFound, "Nobody is in that call.");
        if (book.Begin(address, relayId, by, () => outbox.After(TimeSpan.Zero, static () => { }), mix, out var why) is not { } live) return new StanzaError(book.Options.Enabled ? StanzaCondition.ResourceConstraint : StanzaCondition.NotAllowed, why);
        (_live, conference.Recording) = (live, live.Spec);
        _told.Clear();
        conference.Touch();
        return null;
    }

    /// <summary>Ends it.</summary>
    /// <returns>The error; null when it has ended.</returns>
    public StanzaError? Stop()
    {
        if (_live is null) return new StanzaError(StanzaCondition.ItemNotFound, "That call is not recorded.");
        _isDeclined = true; // somebody said so: the settings do not begin it again in this call
        _live.Stop(services.Clock.GetUtcNow());
        End("The recording of this call has ended.");
        return null;
    }

    /// <summary>What everybody is told with who is there; null while nothing is recorded.</summary>
    public Element? Mark() => _live is null ? null : new Element("recording", RecordingNames.Namespace).Attr("started-by", _live.StartedBy).Attr("since", RecordingHandler.Write(_live.Start));

    /// <summary>Does what is due; before the relay is told.</summary>
    public void Update()
    {
        if (_live is { EndedBy: { } why }) Fail(why);

        if (_live is null && !_isDeclined && book.IsAlways(address) && conference.Participants.Any(p => p.IsPresent)) _isDeclined = Start(TheServer) is not null;
        if (_live is null) return;
        _live.NotePeople(conference.Participants, services.Clock.GetUtcNow());
        Say($"This call is recorded. {Capital(_live.StartedBy)} began it.");
        _told.RemoveWhere(l => !l.Participant.Legs.Contains(l));
    }

    /// <summary>The relay would not make it.</summary>
    public void Refuse()
    {
        conference.Recording = null;
        _live?.Stop(services.Clock.GetUtcNow(), RecordingEnd.Failed);
        Fail(RecordingEnd.Failed);
    }

    /// <summary>The room has ended.</summary>
    public void Close()
    {
        if (_live is null) return;
        var now = services.Clock.GetUtcNow();
        _live.NotePeople([], now);
        _live.Stop(now);
        _live = null;
    }

    private void Fail(RecordingEnd why)
    {
        _isDeclined = true;
        End(why == RecordingEnd.StorageFull ? "The recording of this call has ended: there is no room for more." : "The recording of this call has ended: it could not be written.");
    }

    private void End(string words)
    {
        _live?.NotePeople(conference.Participants, services.Clock.GetUtcNow());
        (_live, conference.Recording) = (null, null);
        _told.Clear();
        Say(words);
        _told.Clear();
        conference.Touch();
    }

    // Whoever is told who is there sees the mark with it; the others have the room as a contact, which says it as one. Those who only listen hear a tone from the relay.
    private void Say(string words)
    {
        foreach (var leg in conference.Participants.Select(p => p.Current).Where(l => l is MixedLeg && l.IsConnected && _told.Add(l))) outbox.Send(RoomMessages.Write(address, leg.Peer, words));
    }

    // As a sentence begins; a person's name stays as it is.
    private static string Capital(string name) => name.StartsWith("the ", StringComparison.Ordinal) ? "T" + name[1..] : name;
}
