using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc;
using Parley.Plugins.Muc.Service;
using Parley.Plugins.Muc.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.Muc;

/// <summary>The component with its rooms, a database and, if wanted, an archive. What is routed is kept in order.</summary>
internal sealed class MucLab : IAsyncDisposable
{
    private readonly TestTables _tables;
    private readonly bool _ownsTables;

    public MucLab(MucOptions? options = null, FakeArchive? archive = null, TestTables? tables = null)
    {
        _ownsTables = tables is null;
        _tables = tables ?? new TestTables("Muc", RoomSchema.Steps);
        Archive = archive;
        var archives = Substitute.For<IContributions<IMessageArchive>>();
        archives.Items.Returns(archive is null ? [] : [archive]);
        var standIns = Substitute.For<IContributions<IRoomStandIn>>();
        standIns.Items.Returns(_ => StandIns);
        var observers = Substitute.For<IContributions<IChatRoomObserver>>();
        observers.Items.Returns([Observer]);
        var services = new MucServices(Router, archives, standIns, observers, Options.Of(options ?? new MucOptions()), Clock, NullLogger<MucServices>.Instance);
        var store = new RoomStore(_tables.Database);
        Rooms = new RoomRegistry(services, store);
        Component = new RoomsComponent(Rooms, services);
        Items = new ServiceItems(Component, Rooms);
        Info = new ServiceInfo(Component);
        Removed = new RemovedAccounts(Rooms, store, services);
    }

    public TestTables Tables => _tables;

    public IReadOnlyList<IRoomStandIn> StandIns { get; set; } = [];

    public HeldRouter Router { get; } = new();

    public FakeArchive? Archive { get; }

    public IChatRoomObserver Observer { get; } = Substitute.For<IChatRoomObserver>();

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    public RoomRegistry Rooms { get; }

    public RoomsComponent Component { get; }

    public ServiceItems Items { get; }

    public ServiceInfo Info { get; }

    public RemovedAccounts Removed { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async Task<MucLab> LoadAsync()
    {
        await Rooms.LoadAsync(Ct);
        return this;
    }

    public async Task SendAsync(string xml, SenderKind kind = SenderKind.Account) => await Component.OnStanzaAsync(RoomLab.Parse(xml), new StanzaContext(StanzaPoint.FromLocalSession, new SenderInfo(kind), "one.test"), Ct);

    public Task EnterAsync(string who, string room = "tea", SenderKind kind = SenderKind.Account) =>
        SendAsync($"<presence from='{RoomLab.Full(who)}' to='{room}@rooms.one.test/{who.Split('@')[0]}'><x xmlns='http://jabber.org/protocol/muc'/></presence>", kind);

    public Task LeaveAsync(string who, string room = "tea") => SendAsync($"<presence type='unavailable' from='{RoomLab.Full(who)}' to='{room}@rooms.one.test/{who}'/>");

    public Task SayAsync(string who, string body, string more = "", string room = "tea") => SendAsync($"<message type='groupchat' from='{RoomLab.Full(who)}' to='{room}@rooms.one.test'><body>{body}</body>{more}</message>");

    public Task ConfigureAsync(string who, string fields = "", string room = "tea") => SendAsync(
        $"<iq type='set' id='config' from='{RoomLab.Full(who)}' to='{room}@rooms.one.test'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>{fields}</x></query></iq>");

    public static string Field(string name, string value) => $"<field var='muc#roomconfig_{name}'><value>{value}</value></field>";

    /// <summary>Waits for a stanza to somebody.</summary>
    public async Task<Stanza> HearsAsync(string who, Predicate<Stanza> what)
    {
        Stanza? found = null;
        await UntilAsync(() => (found = Router.Sent.FirstOrDefault(s => s.To == RoomLab.Full(who) && what(s))) is not null);
        return found!;
    }

    public Task<Stanza> HearsAsync(string who, string body) => HearsAsync(who, s => s is Message m && m.Body == body);

    public Task<Stanza> IsRefusedAsync(string who, string condition) => HearsAsync(who, s => s.IsError && s.Element.Child("error")!.Children.First().Name == condition);

    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 400; i++)
        {
            if (condition()) return;
            await Task.Delay(10, Ct);
        }

        Assert.Fail("It did not happen.");
    }

    public async ValueTask DisposeAsync()
    {
        await Rooms.CloseAsync(CancellationToken.None);
        if (_ownsTables) await _tables.DisposeAsync();
    }
}

/// <summary>A router of which one recipient may not read.</summary>
internal sealed class HeldRouter : IStanzaRouter
{
    private readonly List<Stanza> _sent = [];

    public Jid? Held { get; set; }

    public TaskCompletionSource Release { get; } = new();

    public IReadOnlyList<Stanza> Sent
    {
        get
        {
            lock (_sent) return [.. _sent];
        }
    }

    public async ValueTask RouteAsync(Stanza stanza, CancellationToken ct = default)
    {
        if (stanza.To == Held) await Release.Task;
        lock (_sent) _sent.Add(stanza);
    }
}

/// <summary>An archive in memory.</summary>
internal sealed class FakeArchive : IMessageArchive
{
    private readonly List<(Jid Owner, ArchiveAddition Addition, ArchiveEntry Entry)> _entries = [];

    public TaskCompletionSource? Waits { get; set; }

    public bool IsBroken { get; set; }

    public IReadOnlyList<ArchiveEntry> Entries => [.. _entries.Select(e => e.Entry)];

    public async ValueTask<IReadOnlyList<ArchivedAs?>> AddAsync(IReadOnlyList<ArchiveAddition> additions, CancellationToken ct = default)
    {
        if (Waits is { } waits) await waits.Task;
        if (IsBroken) throw new InvalidOperationException("The disk is full.");
        return [.. additions.Select(Add)];
    }

    public ValueTask<ArchivePage?> ReadAsync(Jid owner, ArchiveQuery query, CancellationToken ct = default)
    {
        var all = _entries.Where(e => e.Owner == owner).Select(e => e.Entry).ToList();
        return new(query.BeforeId == "unknown" ? null : new ArchivePage([.. all.TakeLast(query.Page.Max ?? 50)], true));
    }

    public ValueTask<ArchiveEntry?> FindAsync(Jid owner, string id, CancellationToken ct = default) => new(_entries.Where(e => e.Owner == owner).Select(e => e.Entry).FirstOrDefault(e => e.Id == id));

    public ValueTask<ArchiveBounds?> FindBoundsAsync(Jid owner, CancellationToken ct = default) => new((ArchiveBounds?)null);

    public ValueTask<bool> ReplaceAsync(Jid owner, string id, Message message, CancellationToken ct = default)
    {
        var at = _entries.FindIndex(e => e.Entry.Id == id);
        _entries[at] = _entries[at] with { Entry = _entries[at].Entry with { Message = message } };
        return new(true);
    }

    public ValueTask RemoveAsync(Jid owner, CancellationToken ct = default)
    {
        _entries.RemoveAll(e => e.Owner == owner);
        return default;
    }

    private ArchivedAs? Add(ArchiveAddition addition)
    {
        var same = addition.OriginId is null ? default : _entries.Find(e => e.Addition.OriginId == addition.OriginId && e.Addition.Author == addition.Author);
        if (same.Entry is { } known) return new ArchivedAs(known.Id, known.Time, IsDuplicate: true);
        var entry = new ArchiveEntry($"a{_entries.Count + 1}", addition.Received!.Value, addition.Author, addition.Message);
        _entries.Add((addition.Owner, addition, entry));
        return new ArchivedAs(entry.Id, entry.Time, IsDuplicate: false);
    }
}
