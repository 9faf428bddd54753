using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Commands;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Muji;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Plugins.FocusAgent.Tools;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>The plugin with everything around it substituted: what it sends is kept, clients answer as they are told to.</summary>
internal sealed class CallLab : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Stanza> _sent = [];
    private readonly FocusService _service;
    private readonly FaultLog _log = new();
    private readonly bool _isOwnDirectory;
    private int _ids;

    /// <param name="options">The settings.</param>
    /// <param name="isLoopbackOnly">Whether only this machine reaches the server.</param>
    /// <param name="hasRelay">Whether there is a relay.</param>
    /// <param name="burst">How much a sender may say at once: anything, since time stands still here.</param>
    /// <param name="directory">A data directory that is kept; null for one of this lab's own.</param>
    public CallLab(FocusAgentOptions? options = null, bool isLoopbackOnly = false, bool hasRelay = true, int burst = int.MaxValue, string? directory = null)
    {
        _isOwnDirectory = directory is null;
        Directory = directory ?? System.IO.Directory.CreateTempSubdirectory("parley-calls-").FullName;
        Options = options ?? new FocusAgentOptions();
        var monitor = Substitute.For<IOptionsMonitor<FocusAgentOptions>>();
        monitor.CurrentValue.Returns(_ => Options);
        var server = Substitute.For<IServerInfo>();
        server.IsLoopbackOnly.Returns(isLoopbackOnly);
        server.Domains.Returns(["example.org"]);
        server.DataDirectory.Returns(Directory);
        server.HttpsPort.Returns(5281);
        Accounts.ExistsAsync(default!, default).ReturnsForAnyArgs(true);
        var relays = Substitute.For<IContributions<IMediaRelay>>();
        HasRelay = hasRelay;
        relays.Items.Returns(_ => HasRelay ? [Relay] : []);
        var iqs = Substitute.For<IIqClient>();
        iqs.RequestAsync(default!, default!, default!, default!).ReturnsForAnyArgs(c =>
        {
            var iq = Iq.Request(c.ArgAt<string>(0), $"q{Interlocked.Increment(ref _ids)}", c.ArgAt<Jid>(1), c.ArgAt<Jid>(2), c.ArgAt<Element>(3));
            Keep(iq);
            return Answer(iq);
        });
        server.IsLocal(default!).ReturnsForAnyArgs(c => c.Arg<Jid>().Domain.EndsWith("example.org", StringComparison.Ordinal));
        Sessions.Of(default!).ReturnsForAnyArgs([]);
        Services = new FocusServices(new Router(Keep), iqs, relays, server, Sessions, monitor, Clock, Guests, MujiCallers, _log);
        var addresses = new CallRooms(new ConfigurationBuilder().Build(), server);
        Reservations = new ReservationBook(Services, addresses, Accounts);
        Policies = new PolicyBook(Services, Reservations, addresses);
        var chats = Substitute.For<IContributions<IChatRooms>>();
        chats.Items.Returns(_ => Chats is null ? [] : [Chats]);
        var ties = new ChatRoomTies(Services, Policies, addresses, chats);
        var rules = Rules = new HouseRules(Policies, Reservations, ties, new Passwords(Services));
        var area = new RecordingArea(server);
        Recordings = new RecordingBook(area, Services);
        Rooms = new RoomRegistry(Services, rules, Recordings);
        Tools = new MediaTools(Rooms, Services, addresses);
        Star = new MujiStar(Services, Rooms, addresses, MujiCallers);
        Watcher = new ChatRoomWatcher(Rooms, ties, Services);
        Moderation = new ModerationDoor(Rooms, rules, Services);
        Component = new CallsComponent(Rooms, new JmiDoor(Services), Reservations, new RoomContact(Services), Moderation, new CallerPaces(Clock, burst), new ViewDesk(Rooms, Services), Services);
        var links = new RecordingLinks(Services);
        Desk = new RecordingDesk(Recordings, links, Moderation, Services);
        Keeper = new RecordingKeeper(Recordings, area, Services);
        Pages = new RecordingPages(Recordings, area, links, Services);
        _service = new FocusService(Rooms, Recordings, Services);
        _service.StartAsync(default).GetAwaiter().GetResult();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public FakeRelay Relay { get; } = new();

    public string Directory { get; }

    public GuestRooms Guests { get; } = new();

    public MujiCallers MujiCallers { get; } = new();

    public MujiStar Star { get; }

    public IAccountStore Accounts { get; } = Substitute.For<IAccountStore>();

    public ISessionDirectory Sessions { get; } = Substitute.For<ISessionDirectory>();

    public ReservationBook Reservations { get; }

    public PolicyBook Policies { get; }

    public ModerationDoor Moderation { get; }

    public RecordingBook Recordings { get; }

    public RecordingDesk Desk { get; }

    public RecordingKeeper Keeper { get; }

    public RecordingPages Pages { get; }

    /// <summary>The chat rooms; null while that plugin is off.</summary>
    public IChatRooms? Chats { get; set; }

    /// <summary>Hears what happens in them.</summary>
    public ChatRoomWatcher Watcher { get; }

    public RoomCommands Commands => field ??= new RoomCommands(new ReservationCommands(Reservations, Services), new ModerationCommands(Moderation, Policies), new(Desk), new(Tools, Services, Rules), new RingCommand(Rooms, new RingPaces(Services), Accounts, Moderation, Services), new ViewCommand(new ViewDesk(Rooms, Services)));

    /// <summary>What was logged as an error; a test that brings one about takes it out.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Faults => _log.Faults;

    public bool HasRelay { get; set; }

    public FocusAgentOptions Options { get; }

    public FocusServices Services { get; }

    public HouseRules Rules { get; }

    public MediaTools Tools { get; }

    public RoomRegistry Rooms { get; }

    public CallsComponent Component { get; }

    /// <summary>Answers requests to clients; by default each gets an empty result, and disco lists nothing.</summary>
    public Func<Iq, Task<Iq>> Answer { get; set; } = iq => Task.FromResult(iq.Result(iq.Payload!.Is("query", Ns.DiscoInfo) ? new Element("query", Ns.DiscoInfo) : null));

    public IReadOnlyList<Stanza> Sent
    {
        get
        {
            lock (_gate) return [.. _sent];
        }
    }

    /// <summary>Lets somebody say something to the component, and waits until everything has come to rest.</summary>
    public async Task SayAsync(Stanza stanza, SenderKind kind = SenderKind.Account, IPAddress? network = null)
    {
        await Component.OnStanzaAsync(stanza, new StanzaContext(StanzaPoint.FromLocalSession, new SenderInfo(kind, "s1", network), "example.org"), CancellationToken.None);
        await SettleAsync();
    }

    public async Task TellAsync(RelayEvent e)
    {
        await EventuallyAsync(() => Relay.Watchers > 0);
        Relay.Tell(e);
        await EventuallyAsync(() => Relay.IsHeard);
        await SettleAsync();
    }

    public async Task AdvanceAsync(TimeSpan time)
    {
        await SettleAsync();
        Clock.Advance(time);
        await SettleAsync();
    }

    /// <summary>Lets gathered changes be told.</summary>
    public Task TickAsync() => AdvanceAsync(TimeSpan.FromMilliseconds(50));

    /// <summary>Waits until every room is idle and stays so.</summary>
    public async Task SettleAsync()
    {
        for (var quiet = 0; quiet < 3; quiet++)
        {
            var before = Count();
            await Task.Delay(2);
            foreach (var room in Rooms.Rooms)
            {
                var done = new TaskCompletionSource();
                if (await room.PostAsync(done.SetResult)) await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
            }

            if (Count() != before) quiet = -1;
        }

        Assert.Empty(_log.Faults);
    }

    public static async Task EventuallyAsync(Func<bool> condition)
    {
        for (var i = 0; i < 1000 && !condition(); i++) await Task.Delay(5);
        Assert.True(condition(), "What was expected did not come.");
    }

    public async Task StopAsync()
    {
        await _service.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        Assert.Empty(_log.Faults);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _service.Dispose();
        Keeper.Dispose();
        Policies.Dispose();
        Reservations.Dispose();
        if (_isOwnDirectory) System.IO.Directory.Delete(Directory, recursive: true);
    }

    private int Count()
    {
        lock (_gate) return _sent.Count + Relay.Requests.Count;
    }

    private void Keep(Stanza stanza)
    {
        lock (_gate) _sent.Add(stanza);
    }

    private sealed class Router(Action<Stanza> keep) : IStanzaRouter
    {
        public ValueTask RouteAsync(Stanza stanza, CancellationToken ct = default)
        {
            keep(stanza);
            return default;
        }
    }

    // An error in the log is a fault of ours: no input may cause one.
    private sealed class FaultLog : ILogger<FocusServices>
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Faults { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error) Faults.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }
}
