using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Media.Control;
using Parley.Media.Relay;
using Parley.Media.Relay.Workers;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Workers;

/// <summary>A worker whose loop ends by a fault: its conferences are told as ended and can be made again on another worker.</summary>
public sealed class WorkerFailureTests
{
    [Fact]
    public async Task Whoever_was_on_a_worker_that_fails_is_told_and_comes_back_on_another()
    {
        var log = new FullDisk();
        using var relay = new SocketRelay(settings: SettingsOf(log, workers: 2), log: log);
        var one = await relay.FillAsync("one", 2);
        var two = await relay.FillAsync("two", 2, firstSeed: 11);
        one[0].Ice.TryGetPath(out _, out var path);
        var failing = relay.Service.Ports.ToList().IndexOf(path.Port);

        log.Failing = failing;
        Assert.True(relay.Until(() => relay.Events.OfType<TransportEnded>().Count(e => e is { ConferenceId: "one", Why: TransportEnd.WorkerFailed }) == 2), "nobody was told");
        Assert.DoesNotContain(relay.Events, e => e is TransportEnded { ConferenceId: "two" });
        Assert.True(relay.Until(() => relay.Service.ReadLoad().Conferences == 1));

        // The same conference once more, as a focus that keeps its desired state asks for it.
        var again = relay.AddPeer("p1", 21);
        var state = await relay.Service.ModifyConferenceAsync(new("one", [Specs.Leg(again, [])], ["p2"]), TestContext.Current.CancellationToken);
        var transport = Rooms.StateOf(state, again);
        Assert.Equal(relay.Service.Ports[1 - failing], transport.Candidates[0].Address.Port);
        again.Connect(transport, Parley.Media.Core.AddressKey.Of(transport.Candidates[0].Address), SocketRelay.NowMs);
        Assert.True(relay.Until(() => again.IsConnected));
        two[0].SendFrame(isKeyframe: true);
        Assert.True(relay.Until(() => two[1].On(Specs.SlotSsrc(0)).Count == 3)); // the others never noticed
    }

    [Fact]
    public async Task Where_no_worker_is_left_the_relay_is_unavailable()
    {
        var log = new FullDisk();
        using var relay = new SocketRelay(settings: SettingsOf(log, workers: 1), log: log);
        await relay.FillAsync("one", 2);
        log.Failing = 0;
        Assert.True(relay.Until(() => relay.Events.OfType<TransportEnded>().Count() == 2));
        var refused = await Assert.ThrowsAsync<MediaRelayException>(() => relay.Service.ModifyConferenceAsync(new("two", [], []), TestContext.Current.CancellationToken));
        Assert.Equal(RelayFault.Unavailable, refused.Fault);
    }

    private static MediaRelaySettings SettingsOf(FullDisk log, int workers) => new()
    {
        Workers = workers,
        FirstPort = 0,
        BindAddress = IPAddress.Loopback,
        AdvertisedAddress = IPAddress.Loopback,
        IsLoopbackOnly = true,
        Parts = worker => [new Part(log, worker.Index)],
    };

    // Its fault is caught and logged, as any part's is; what ends the loop is that the log fails over it.
    private sealed class Part(FullDisk log, int index) : IWorkerPart
    {
        public void Start(IWorkerLoop loop)
        {
        }

        public long Tick(long nowMs) => log.Failing == index ? throw new InvalidOperationException("the part fails") : nowMs + 10;

        public void Flush()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class FullDisk : ILoggerFactory, ILogger
    {
        private int _failing = -1;

        public int Failing
        {
            get => Volatile.Read(ref _failing);
            set => Volatile.Write(ref _failing, value);
        }

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error && exception?.Message == "the part fails") throw new IOException("the disk of the log is full");
        }
    }
}
