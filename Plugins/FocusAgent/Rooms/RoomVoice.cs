using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>What a room says to all: who is there, and what was said.</summary>
/// <param name="address">The room.</param>
/// <param name="conference">The conference.</param>
/// <param name="moderation">Who moderates.</param>
/// <param name="recorder">Whether it is recorded.</param>
/// <param name="outbox">The way out.</param>
/// <param name="clock">The time.</param>
public sealed class RoomVoice(Jid address, Conference conference, ModerationView moderation, RoomRecorder recorder, Outbox outbox, TimeProvider clock)
{
    /// <summary>How long changes gather before everybody is told.</summary>
    public static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    /// <summary>How long they gather where they come in such numbers that telling each would drown everybody: a mute costs its author one stanza, and us one for each listener.</summary>
    public static readonly TimeSpan SlowGathering = TimeSpan.FromMilliseconds(500);

    private readonly ChatHistory _history = new();
    private readonly Pace _pace = new(clock);
    private readonly Dictionary<Participant, Pace> _paces = [];
    private readonly HashSet<Leg> _greeted = [];
    private long _version;
    private long _told;
    private bool _isGathering;

    /// <summary>Says what is due.</summary>
    public void Speak()
    {
        foreach (var leg in Listeners().Where(_greeted.Add).ToList())
        {
            foreach (var line in _history.Lines) outbox.Send(ChatMessages.Write(line, address, leg.Peer, isHistory: true));
        }

        _greeted.RemoveWhere(l => !l.Participant.Legs.Contains(l));
        foreach (var gone in _paces.Keys.Where(p => p.Legs.Count == 0).ToList()) _paces.Remove(gone);
        if (_isGathering || conference.Revision == _told) return;
        _isGathering = true;
        outbox.After(_pace.TryPass() ? Gathering : SlowGathering, Tell);
    }

    /// <summary>Takes a line of chat.</summary>
    public void Take(Message message)
    {
        var author = conference.Participants.FirstOrDefault(p => p.Legs.Any(l => l.Peer == message.From));
        if (Refusal(author, message) is { } refusal)
        {
            outbox.Send(message.ErrorReply(refusal));
            return;
        }

        var id = message.Id is { Length: <= 256 } given ? given : null;
        var line = new ChatLine(author!.Id, author.Name, id, message.Body!, clock.GetUtcNow());
        _history.Add(line);
        foreach (var leg in Listeners()) outbox.Send(ChatMessages.Write(line, address, leg.Peer, isHistory: false));
    }

    private StanzaError? Refusal(Participant? author, Message message)
    {
        if (author is null) return new StanzaError(StanzaCondition.NotAcceptable, "only those in the call may talk");
        if (message.Body!.Length > ChatHistory.MaxLength) return new StanzaError(StanzaCondition.PolicyViolation, $"a line has at most {ChatHistory.MaxLength} characters");
        if (!_paces.TryGetValue(author, out var pace)) _paces[author] = pace = new Pace(clock);
        return pace.TryPass() ? null : new StanzaError(StanzaCondition.PolicyViolation, StanzaErrorType.Wait, "too many lines at once");
    }

    private void Tell()
    {
        _isGathering = false;
        _told = conference.Revision;
        _version++;
        moderation.Begin();
        // Nobody cares for the answers: that one is missing says nothing about its media (design section 6).
        foreach (var leg in Listeners()) outbox.Ask(address, leg.Peer, CoinState.Write(conference, moderation, recorder, leg, address, _version).ToElement());
    }

    private IEnumerable<Leg> Listeners() => conference.Participants.Select(p => p.Current).Where(l => l.IsListening);
}
