namespace Parley.Plugins.FocusAgent.Conferences;

/// <summary>Who is there, what they send, and who speaks. Knows no wire format; used by one thread at a time.</summary>
public sealed class Conference
{
    private readonly List<Participant> _participants = [];
    private IReadOnlyList<string> _speakers = [];

    /// <summary>Everybody, in order of arrival.</summary>
    public IReadOnlyList<Participant> Participants => _participants;

    /// <summary>Every leg, superseded ones too.</summary>
    public IEnumerable<Leg> Legs => _participants.SelectMany(p => p.Legs);

    /// <summary>Rises with every change that participants are told of.</summary>
    public long Revision { get; private set; }

    /// <summary>Whether an account of this server is there.</summary>
    public bool HasAccount => _participants.Any(p => p.IsAccount);

    /// <summary>The recording that the relay is to make; null for none.</summary>
    public Parley.Media.Control.RecordingSpec? Recording { get; set; }

    /// <summary>Notes that participants have something new to be told.</summary>
    public void Touch() => Revision++;

    /// <summary>Adds a leg, and its participant with the first.</summary>
    public void Add(Leg leg)
    {
        if (leg.Participant.Legs.Count == 0) _participants.Add(leg.Participant);
        leg.Participant.Legs.Add(leg);
        Touch();
    }

    /// <summary>Removes a leg, and its participant with the last.</summary>
    public bool Remove(Leg leg)
    {
        if (!leg.Participant.Legs.Remove(leg)) return false;
        if (leg.Participant.Legs.Count == 0) _participants.Remove(leg.Participant);
        Touch();
        return true;
    }

    /// <summary>The leg of an id; null if there is none.</summary>
    public Leg? FindLeg(string id) => Legs.FirstOrDefault(l => l.Id == id);

    /// <summary>Everybody present but one.</summary>
    public IEnumerable<Participant> Others(Participant self) => _participants.Where(p => p != self && p.IsPresent);

    /// <summary>Notes who spoke, by leg, newest first.</summary>
    public void NoteSpeakers(IEnumerable<string> legIds) =>
        _speakers = [.. legIds.Select(FindLeg).OfType<Leg>().Select(l => l.Participant.Id).Distinct()];

    /// <summary>How recently somebody spoke: 0 for the latest, the number of known speakers for those who are not among them.</summary>
    public int SpeakerRank(Participant participant)
    {
        for (var i = 0; i < _speakers.Count; i++)
        {
            if (_speakers[i] == participant.Id) return i;
        }

        return _speakers.Count;
    }
}
