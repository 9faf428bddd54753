using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Media.Control;
using Parley.Media.Relay.Conferences;
using Parley.Media.Relay.Recording;
using Parley.Media.Relay.Transports;

namespace Parley.tests.Media.Relay.Recording;

/// <summary>The thread that writes all recordings.</summary>
public sealed class RecorderTests : IDisposable, IRelayEvents
{
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-recorder-").FullName;
    private readonly ConcurrentQueue<RecordingChanged> _events = [];
    private readonly Recorder _recorder = new(NullLogger.Instance);

    [Fact]
    public async Task One_recording_that_fails_ends_alone_and_says_so()
    {
        var ntp = NtpClock.Of(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), 0);
        var recorder = new WorkerRecorder(_recorder, this, ntp, _ => true);
        var good = recorder.Open(new("good", _directory, RecordedMedia.All, Mix: false, long.MaxValue, 0), "c");
        recorder.Open(new("bad", Path.Combine(_directory, "not", "there"), RecordedMedia.All, Mix: false, long.MaxValue, 0), "c");
        await UntilAsync(() => EndOf("bad") is not null);
        Assert.Equal(RecordingEnd.Failed, EndOf("bad"));
        await UntilAsync(() => _recorder.Count == 1);
        Assert.Null(EndOf("good"));
        good.Close();
        await UntilAsync(() => EndOf("good") is not null);
        Assert.Equal(RecordingEnd.Stopped, EndOf("good"));
        await UntilAsync(() => _recorder.Count == 0);
    }

    void IRelayEvents.Publish(Func<string, RelayEvent> make) => _events.Enqueue((RecordingChanged)make("epoch"));

    public void Dispose()
    {
        _recorder.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private RecordingEnd? EndOf(string id) => _events.LastOrDefault(e => e.RecordingId == id)?.EndedBy;

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 3_000 && !condition(); i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.True(condition(), "What was expected did not come.");
    }
}
