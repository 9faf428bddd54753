using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>The recordings that run, and the way to those that are over. From any thread.</summary>
/// <param name="area">Where they are kept.</param>
/// <param name="services">The settings, the time and the log.</param>
public sealed class RecordingBook(RecordingArea area, FocusServices services)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LiveRecording> _live = [];
    private readonly Dictionary<string, LiveRecording> _byConference = [];
    private long _written;

    /// <summary>The settings of this moment.</summary>
    public RecordingOptions Options => services.Options.Recording;

    /// <summary>Recordings that run, or have just ended.</summary>
    public IReadOnlyList<LiveRecording> Live
    {
        get
        {
            lock (_gate) return [.. _live.Values];
        }
    }

    /// <summary>Bytes that recordings have written since the start.</summary>
    public long Written
    {
        get
        {
            lock (_gate) return _written + _live.Values.Sum(l => l.Bytes);
        }
    }

    /// <summary>Whether a room is recorded by the settings, whoever is in it.</summary>
    public bool IsAlways(Jid room) => Options is { Enabled: true } options && options.Rooms.Any(r => r == "*" || r == room.Local || r == room.ToString());

    /// <summary>Begins a recording.</summary>
    /// <param name="room">The room.</param>
    /// <param name="conference">Its id in the relay.</param>
    /// <param name="by">Who begins it.</param>
    /// <param name="wake">Has the room look at it, from any thread.</param>
    /// <param name="mix">What there is of everybody together; null for what the settings say.</param>
    /// <param name="why">Why not, in words.</param>
    /// <returns>The recording; null if there is none.</returns>
    public LiveRecording? Begin(Jid room, string conference, string by, Action wake, RecordedMix? mix, out string why)
    {
        var options = Options;
        why = "";
        if (!options.Enabled)
        {
            why = "Recording is off on this server.";
            return null;
        }

        try
        {
            var left = options.StorageLimit - area.Use(options);
            if (left <= 0)
            {
                why = "There is no room left for recordings.";
                services.Logger.LogWarning("A recording does not begin: all recordings together take Plugins:FocusAgent:Recording:StorageLimit already");
                return null;
            }

            var now = services.Clock.GetUtcNow();
            var directory = area.Create(options, now);
            var together = mix ?? (options.MixVideo ? RecordedMix.Picture : options.Mix ? RecordedMix.Sound : RecordedMix.None);
            var spec = new RecordingSpec(Path.GetFileName(directory), directory, options.Video ? RecordedMedia.All : RecordedMedia.Audio, together >= RecordedMix.Sound, left, options.MinFree, together == RecordedMix.Picture);
            var live = new LiveRecording(spec, room, by, now, options.Addresses, wake, OmissionsOf(spec));
            RecordingArea.Write(directory, live.ToIndex());
            lock (_gate) (_live[spec.Id], _byConference[conference]) = (live, live);
            services.Logger.LogInformation("Recording {Recording} begins", spec.Id);
            return live;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = "The recording cannot be written.";
            services.Logger.LogError(e, "A recording does not begin: {Directory} cannot be written", area.Root(options));
            return null;
        }
    }

    // What is asked for and cannot be made here is no reason to record nothing; but it is said.
    private List<IndexedOmission> OmissionsOf(RecordingSpec spec)
    {
        List<IndexedOmission> missing = [];
        var can = services.Relay?.Capabilities;
        if (spec.Mix && can is { HasMixer: false }) missing.Add(new(null, "audio", null, "What everybody says is not mixed: this server has no libopus."));
        if (spec.Composed && can is { HasVideoMixer: false }) missing.Add(new(null, "video", null, "Everybody is not in one picture: this server has no libvpx or no libyuv."));
        foreach (var one in missing) services.Logger.LogWarning("Recording {Recording} lacks something: {What}", spec.Id, one.Why);
        return missing;
    }

    /// <summary>Takes what the relay tells: how recordings stand, and who speaks.</summary>
    public void Take(RelayEvent happened)
    {
        var now = services.Clock.GetUtcNow();
        LiveRecording? live;
        switch (happened)
        {
            case RecordingChanged news:
                lock (_gate) live = _live.GetValueOrDefault(news.RecordingId);
                live?.Take(news, now);
                break;
            case SpeakerChanged speaker:
                lock (_gate) live = _byConference.GetValueOrDefault(speaker.ConferenceId);
                live?.NoteSpeaker(speaker.IsSpeaking ? speaker.EndpointId : null, now);
                break;
        }
    }

    /// <summary>Writes the indices that have changed, and forgets what has ended.</summary>
    /// <param name="isLast">The server stops: all have ended.</param>
    public void Save(bool isLast = false)
    {
        var now = services.Clock.GetUtcNow();
        foreach (var live in Live)
        {
            if (isLast) live.Stop(now);
            // The relay's last word may be lost; a minute later it will not come.
            var isOver = live.IsFinal || now - live.End > TimeSpan.FromMinutes(1) || isLast;
            try
            {
                if (live.TakeIndex() is { } index) RecordingArea.Write(live.Spec.Directory, index);
                // Nobody came to send anything: who begins and ends recordings over and over leaves nothing behind.
                if (live is { IsFinal: true, HasFiles: false } && RecordingArea.IsEmpty(live.Spec.Directory)) Directory.Delete(live.Spec.Directory, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                services.Logger.LogError(e, "The index of recording {Recording} cannot be written", live.Spec.Id);
            }

            if (isOver) Forget(live);
        }
    }

    /// <summary>Waits a moment for the relay's last word on recordings that have ended.</summary>
    public async Task SettleAsync(CancellationToken ct)
    {
        for (var tries = 0; tries < 20 && Live.Any(l => l is { End: not null, IsFinal: false }); tries++) await Task.Delay(TimeSpan.FromMilliseconds(50), ct);
    }

    /// <summary>The indices on the disk, as they were read last.</summary>
    public IndexCache Indices { get; } = new();

    /// <summary>The recordings of a room, or of all rooms, that did not begin before a time, oldest first.</summary>
    public IReadOnlyList<RecordingIndex> List(Jid? room, DateTimeOffset since) => [.. Newest(room, since, null).Select(Read).OfType<RecordingIndex>().Reverse()];

    /// <summary>The newest of a room's recordings, or of all rooms', that did not begin before a time.</summary>
    /// <param name="room">The room; null for all.</param>
    /// <param name="since">The time.</param>
    /// <param name="before">Only recordings that are older than this one, by id; null for all.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="hasMore">Whether there are older ones.</param>
    /// <returns>Oldest first.</returns>
    public IReadOnlyList<RecordingIndex> List(Jid? room, DateTimeOffset since, string? before, int count, out bool hasMore)
    {
        List<string> found = [.. Newest(room, since, before).Take(count + 1)];
        hasMore = found.Count > count;
        return [.. found.Take(count).Select(Read).OfType<RecordingIndex>().Reverse()];
    }

    // Their names begin with the time, so that the order of names is that of beginnings.
    private IEnumerable<string> Newest(Jid? room, DateTimeOffset since, string? before)
    {
        var name = room?.ToString();
        return area.Directories(Options).Reverse().Where(d => (before is null || string.CompareOrdinal(Path.GetFileName(d), before) < 0) && Head(d) is var (about, start) && start >= since && (name is null || about == name));
    }

    private LiveRecording? Running(string directory)
    {
        lock (_gate) return _live.GetValueOrDefault(Path.GetFileName(directory));
    }

    private (string Room, DateTimeOffset Start)? Head(string directory) => Running(directory) is { } live ? (live.Room.ToString(), live.Start) : Indices.Head(directory);

    private RecordingIndex? Read(string directory) => Running(directory) is { } live ? live.ToIndex() : Indices.Read(directory);

    private void Forget(LiveRecording live)
    {
        lock (_gate)
        {
            if (_live.Remove(live.Spec.Id)) _written += live.Bytes;
            foreach (var (conference, one) in _byConference)
            {
                if (one == live) _byConference.Remove(conference);
            }
        }

        services.Logger.LogInformation("Recording {Recording} has ended", live.Spec.Id);
    }
}
