using System.Collections.Concurrent;
using Parley.Media.Control;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Recording;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Recording;

/// <summary>
/// A conference's recording between the worker, where packets come, and the recorder's thread, where they become files. Changes and packets go there through queues with one writer and one reader,
/// wishes for keyframes come back as work, so that nothing is locked and a slow disk holds nobody up: what then finds no room is missing in the file.
/// </summary>
/// <param name="spec">What was asked for.</param>
/// <param name="conference">The conference's id.</param>
/// <param name="ntp">The worker's clock.</param>
/// <param name="post">Runs work on the worker's thread.</param>
/// <param name="events">Takes how it stands.</param>
internal sealed class ConferenceRecording(RecordingSpec spec, string conference, NtpClock ntp, Func<Action, bool> post, Conferences.IRelayEvents events)
{
    private const int Packets = 4_096, MaxFiles = 500;
    private const long ReportEveryMs = 2_000;
    private const string Extension = ".webm", Mix = "mix", Everybody = "";
    private const int MaxOmissions = 1_000;
    private const long ComposedHoldMs = Conferences.RecordedPictures.DelayMs + 300;

    private readonly ConcurrentQueue<Action<long>> _changes = new();
    private readonly PacketPipe _pipe = new(Packets);
    private readonly Dictionary<int, (RecordedStream Stream, EndpointFile File)> _streams = [];
    private readonly Dictionary<int, Action> _keyframes = []; // how to ask for one; the worker's
    private readonly Dictionary<string, EndpointFile> _open = [];
    private readonly List<EndpointFile> _files = [];
    private readonly List<RecordedOmission> _omissions = [];
    private long _nextReportMs;
    private int _nextId;
    private RecordingTap? _mix; // the worker's
    private int _numbered, _holds;
    private bool _isLeft;
    private volatile bool _isClosed;

    /// <summary>What was asked for.</summary>
    public RecordingSpec Spec { get; } = spec;

    /// <summary>Why it has ended; null while it runs. On the recorder's thread.</summary>
    public RecordingEnd? EndedBy { get; private set; }

    /// <summary>Packets that found no room on their way.</summary>
    public long Dropped => _pipe.Dropped;

    /// <summary>Adds a track; on the worker's thread.</summary>
    public RecordingTap Add(string endpoint, TrackReceiver track)
    {
        var kind = track.Settings.IsVideo ? MediaKind.Video : MediaKind.Audio;
        var tap = Open(endpoint, kind);
        _keyframes[tap.Id] = track.RequestKeyframe;
        return tap;
    }

    /// <summary>Adds the picture of everybody to the file of the mix; on the worker's thread.</summary>
    /// <param name="requestKeyframe">Asks for a keyframe.</param>
    public RecordingTap AddComposed(Action requestKeyframe)
    {
        var tap = Open(Everybody, MediaKind.Video);
        _keyframes[tap.Id] = requestKeyframe;
        return tap;
    }

    /// <summary>The next 20 ms of what everybody says; on the worker's thread.</summary>
    /// <param name="payload">In Opus.</param>
    /// <param name="timeMs">When it was said.</param>
    public void PutMix(ReadOnlySpan<byte> payload, long timeMs)
    {
        _mix ??= Open(Everybody, MediaKind.Audio);
        _mix.PutMade(RecordedCodec.Opus, marker: false, payload, timeMs);
    }

    /// <summary>Removes a track; on the worker's thread.</summary>
    public void Remove(RecordingTap tap)
    {
        _keyframes.Remove(tap.Id);
        _changes.Enqueue(_ => End(tap.Id));
    }

    /// <summary>An endpoint is gone: its file is finished. On the worker's thread.</summary>
    public void Finish(string endpoint) => _changes.Enqueue(_ => Finish(_open.GetValueOrDefault(endpoint)));

    /// <summary>Something of it is still to be made when the worker is done with it; on the worker's thread.</summary>
    public void Hold() => _holds++;

    /// <summary>What was still to be made is there.</summary>
    public void Release()
    {
        _holds--;
        if (_isLeft) Close();
    }

    /// <summary>The worker is done with it; once nothing holds it any more it ends.</summary>
    public void Close()
    {
        _isLeft = true;
        if (_holds == 0) CloseNow();
    }

    /// <summary>It ends as it is. From any thread.</summary>
    public void CloseNow() => _isClosed = true;

    /// <summary>Writes what came; on the recorder's thread. False once it has ended.</summary>
    public bool Tick(long nowMs)
    {
        var isLast = _isClosed; // before the queue is emptied: what was put in before is taken
        Drain(nowMs);
        foreach (var file in _files) file.Tick(nowMs);
        foreach (var (id, one) in _streams)
        {
            if (one.Stream.WantsKeyframe(nowMs)) post(() => Ask(id));
        }

        if (nowMs >= _nextReportMs)
        {
            _nextReportMs = nowMs + ReportEveryMs;
            if (IsFull) End(RecordingEnd.StorageFull);
            else if (!isLast) Report();
        }

        if (isLast) End(RecordingEnd.Stopped);
        return EndedBy is null;
    }

    /// <summary>Ends it: what is there is finished as well as can be. On the recorder's thread.</summary>
    public void End(RecordingEnd why)
    {
        if (EndedBy is not null) return;
        EndedBy = why;
        try
        {
            foreach (var file in _files) Finish(file);
        }
        finally
        {
            foreach (var file in _files) file.Dispose();
            Report();
        }
    }

    private bool IsFull => _files.Sum(f => f.Bytes) > Spec.MaxBytes || new DriveInfo(Spec.Directory).AvailableFreeSpace < Spec.MinFreeBytes;

    // In between of packets and changes there is no order, and none is needed: a packet of a stream that is not yet, or no longer, there is one of hundreds.
    private void Drain(long nowMs)
    {
        while (_changes.TryDequeue(out var change)) change(nowMs);
        while (_pipe.TryRead(out var head, out var payload))
        {
            if (_streams.TryGetValue(head.Id, out var one))
            {
                var packet = new RecordedPacket(head.Position, head.Timestamp, (RecordedCodec)(head.PayloadType & 0x7F), (head.PayloadType & RecordingTap.MarkerBit) != 0, head.ArrivalMs,
                    head.CaptureMs == RecordingTap.Unknown ? null : head.CaptureMs);
                one.Stream.Put(packet, payload);
            }

            _pipe.Release();
        }
    }

    private void Ask(int id)
    {
        if (_keyframes.TryGetValue(id, out var request)) request();
    }

    private RecordingTap Open(string endpoint, MediaKind kind)
    {
        var id = _nextId++;
        _changes.Enqueue(now => Begin(id, endpoint, kind == MediaKind.Video, now));
        return new(id, _pipe, ntp, codec => _changes.Enqueue(_ => Omit(new(endpoint, kind, codec))));
    }

    private void Omit(RecordedOmission omission)
    {
        if (_omissions.Count < MaxOmissions && !_omissions.Contains(omission)) _omissions.Add(omission);
    }

    private void Begin(int id, string endpoint, bool isVideo, long nowMs)
    {
        if (_open.TryGetValue(endpoint, out var file) && !file.IsReadyFor(isVideo, nowMs) && _files.Count < MaxFiles / 2)
        {
            GoOn(file, nowMs);
            file = _open.GetValueOrDefault(endpoint);
        }

        if (file is not null) _streams.Add(id, (file.Add(isVideo), file));
        else BeginFile(id, endpoint, isVideo, nowMs);
    }

    // All that the endpoint sends goes on in another file.
    private void GoOn(EndpointFile file, long nowMs)
    {
        var going = _streams.Where(s => s.Value.File == file).Select(s => (s.Key, s.Value.Stream.IsVideo)).ToList();
        Finish(file);
        foreach (var (id, isVideo) in going)
        {
            if (_open.TryGetValue(file.Endpoint, out var next)) _streams.Add(id, (next.Add(isVideo), next));
            else BeginFile(id, file.Endpoint, isVideo, nowMs);
        }
    }

    // A relay that was restarted goes on with a recording: what is there stays.
    private void BeginFile(int id, string endpoint, bool isVideo, long nowMs)
    {
        if (_files.Count >= MaxFiles) return;
        var name = endpoint.Length == 0 ? Mix : $"{++_numbered:000}";
        var free = name;
        for (var i = 2; File.Exists(Path.Combine(Spec.Directory, free + Extension)); i++) free = $"{name}-{i}";
        var file = new EndpointFile(free + Extension, endpoint, Spec.Directory, ntp.Epoch, nowMs, endpoint.Length == 0 || Spec.Media.HasFlag(RecordedMedia.Audio), endpoint.Length == 0 && Spec.Composed ? ComposedHoldMs : 0);
        _open.Add(endpoint, file);
        _files.Add(file);
        _streams.Add(id, (file.Add(isVideo), file));
    }

    private void End(int id)
    {
        if (_streams.Remove(id, out var one)) one.File.Remove(one.Stream);
    }

    private void Finish(EndpointFile? file)
    {
        if (file is null) return;
        _open.Remove(file.Endpoint);
        foreach (var (id, _) in _streams.Where(s => s.Value.File == file).ToList()) _streams.Remove(id);
        file.Finish();
    }

    private void Report()
    {
        var files = _files.Select(f => f.Describe(ntp.Epoch)).OfType<RecordedFile>().ToList();
        List<RecordedOmission> omissions = [.. _omissions];
        events.Publish(epoch => new RecordingChanged(epoch, conference, Spec.Id, files, EndedBy, omissions));
    }
}
