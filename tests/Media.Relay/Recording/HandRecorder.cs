using Parley.Media.Control;
using Parley.Media.Relay.Recording;
using Parley.Media.Relay.Transports;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Recording;

/// <summary>A recorder that runs when it is told to.</summary>
internal sealed class HandRecorder : IRecorder
{
    private readonly List<ConferenceRecording> _running = [];

    public VirtualRelay? Relay { get; set; }

    public ConferenceRecording? Last { get; private set; }

    public ConferenceRecording Open(RecordingSpec spec, string conference)
    {
        _running.Add(Last = new(spec, conference, NtpClock.Of(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), 1_000_000), Post, Relay!));
        return Last;
    }

    public void Tick(long nowMs) => _running.RemoveAll(r => !r.Tick(nowMs));

    private static bool Post(Action work)
    {
        work();
        return true;
    }
}
