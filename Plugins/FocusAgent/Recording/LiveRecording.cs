using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>A recording that runs: what the room, the relay and the clock tell of it, gathered for the index. From any thread.</summary>
/// <param name="spec">What the relay is asked for.</param>
/// <param name="room">The room.</param>
/// <param name="startedBy">Who began it.</param>
/// <param name="start">When.</param>
/// <param name="hasAddresses">Whether people's addresses are kept.</param>
/// <param name="wake">Has its room look at it.</param>
/// <param name="missing">What was asked for and cannot be made here.</param>
public sealed class LiveRecording(RecordingSpec spec, Jid room, string startedBy, DateTimeOffset start, bool hasAddresses, Action wake, IReadOnlyList<IndexedOmission> missing)
{
    /// <summary>The word for one that could not be written.</summary>
    public const string Failed = "failed";

    private const int MaxTurns = 20_000, MaxPeople = 5_000;

    private readonly Lock _gate = new();
    private readonly List<IndexedParticipant> _people = [];
    private readonly Dictionary<string, string> _byLeg = [];
    private readonly List<IndexedTurn> _turns = [];
    private IReadOnlyList<RecordedFile> _files = [];
    private IReadOnlyList<RecordedOmission> _omissions = [];
    private DateTimeOffset? _end;
    private RecordingEnd? _endedBy;
    private bool _isChanged = true;

    /// <summary>What the relay is asked for.</summary>
    public RecordingSpec Spec { get; } = spec;

    /// <summary>The room.</summary>
    public Jid Room { get; } = room;

    /// <summary>Who began it.</summary>
    public string StartedBy { get; } = startedBy;

    /// <summary>When it began.</summary>
    public DateTimeOffset Start { get; } = start;

    /// <summary>Why it ended; null while it runs.</summary>
    public RecordingEnd? EndedBy
    {
        get
        {
            lock (_gate) return _endedBy;
        }
    }

    /// <summary>When it ended; null while it runs.</summary>
    public DateTimeOffset? End
    {
        get
        {
            lock (_gate) return _end;
        }
    }

    /// <summary>The relay has told the end: the files are as they stay.</summary>
    public bool IsFinal { get; private set; }

    /// <summary>Whether the relay told of anything to play.</summary>
    public bool HasFiles
    {
        get
        {
            lock (_gate) return _files.Count > 0;
        }
    }

    /// <summary>What its files take.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _files.Sum(f => f.Bytes);
        }
    }

    /// <summary>Notes who is there.</summary>
    public void NotePeople(IEnumerable<Participant> participants, DateTimeOffset now)
    {
        lock (_gate)
        {
            var present = new HashSet<string>();
            foreach (var participant in participants.Where(p => p.IsPresent))
            {
                present.Add(participant.Id);
                foreach (var leg in participant.Legs) _byLeg[leg.Id] = participant.Id;
                if (_people.Exists(p => p.Id == participant.Id && p.Left is null) || _people.Count >= MaxPeople) continue;
                _people.Add(new(participant.Id, participant.Name, hasAddresses && !participant.IsGuest ? participant.Address.Bare.ToString() : null, Seconds(now), null));
                _isChanged = true;
            }

            for (var i = 0; i < _people.Count; i++)
            {
                if (_people[i].Left is not null || present.Contains(_people[i].Id)) continue;
                _people[i] = _people[i] with { Left = Seconds(now) };
                _isChanged = true;
            }
        }
    }

    /// <summary>Notes who speaks.</summary>
    /// <param name="leg">The speaker's leg; null for nobody.</param>
    /// <param name="now">The time.</param>
    public void NoteSpeaker(string? leg, DateTimeOffset now)
    {
        lock (_gate)
        {
            var speaker = leg is null ? null : _byLeg.GetValueOrDefault(leg);
            if (_turns.Count > 0 && _turns[^1].To is null)
            {
                if (_turns[^1].Participant == speaker) return;
                _turns[^1] = _turns[^1] with { To = Seconds(now) };
            }

            if (speaker is not null && _turns.Count < MaxTurns) _turns.Add(new(speaker, Seconds(now), null));
            _isChanged = true;
        }
    }

    /// <summary>Takes what the relay tells.</summary>
    public void Take(RecordingChanged news, DateTimeOffset now)
    {
        lock (_gate)
        {
            (_files, _omissions) = (news.Files, news.Omissions ?? []);
            _isChanged = true;
            if (news.EndedBy is not { } why) return;
            IsFinal = true;
            Finish(why, now);
        }
    }

    /// <summary>It is no longer wanted.</summary>
    public void Stop(DateTimeOffset now, RecordingEnd why = RecordingEnd.Stopped)
    {
        lock (_gate) Finish(why, now);
    }

    /// <summary>Has its room see how it stands.</summary>
    public void Tell() => wake();

    /// <summary>The index of this moment; null while it is the one that was taken before.</summary>
    public RecordingIndex? TakeIndex()
    {
        lock (_gate)
        {
            if (!_isChanged) return null;
            _isChanged = false;
            return ToIndex();
        }
    }

    /// <summary>The index of this moment.</summary>
    public RecordingIndex ToIndex()
    {
        lock (_gate)
        {
            return new(Spec.Id, Room.ToString(), StartedBy, Start, _end, _endedBy is { } why ? Word(why) : null, [.. _people], [.. _files.Select(Write)], [.. _turns], [.. missing, .. _omissions.Select(Write)]);
        }
    }

    private static string Word(RecordingEnd why) => why switch
    {
        RecordingEnd.StorageFull => "storage-full",
        RecordingEnd.Failed => Failed,
        _ => "stopped",
    };

    private IndexedFile Write(RecordedFile file) => new(file.Name, file.EndpointId is { } leg ? Owner(leg) : null, Seconds(file.Begin), Round(file.Duration), file.Bytes, file.Codecs, file.LostPackets,
        [.. file.Gaps.Select(g => new IndexedGap(Word(g.Kind), Seconds(file.Begin + g.From), Seconds(file.Begin + g.To)))]);

    private IndexedOmission Write(RecordedOmission one) =>
        new(Owner(one.EndpointId), Word(one.Kind), one.Codec.ToUpperInvariant(), $"WebM has no {one.Codec.ToUpperInvariant()}, and it is not translated here.");

    private string Owner(string leg) => _byLeg.GetValueOrDefault(leg) ?? leg;

    private static string Word(MediaKind kind) => kind == MediaKind.Video ? "video" : "audio";

    private void Finish(RecordingEnd why, DateTimeOffset now)
    {
        if (_end is not null) return;
        (_end, _endedBy, _isChanged) = (now, why, true);
        if (_turns.Count > 0 && _turns[^1].To is null) _turns[^1] = _turns[^1] with { To = Seconds(now) };
    }

    private double Seconds(DateTimeOffset time) => Round(time - Start);

    private static double Round(TimeSpan span) => Math.Round(span.TotalSeconds, 3);
}
