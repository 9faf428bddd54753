using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Archive;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;

namespace Parley.tests.Plugins.Archive;

/// <summary>The archive on the server's own database, with two accounts, Ann and Ben, and their clients.</summary>
internal sealed class ArchiveLab : IAsyncDisposable
{
    public static readonly Jid Ann = "ann@one.test", Ben = "ben@one.test", Room = "room@conference.one.test", Eve = "eve@two.test";
    public static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private ArchiveLab(TestTables tables, DateTimeOffset start)
    {
        (Tables, Database) = (tables, new HeldDatabase(tables.Database));
        Time = new FakeTimeProvider(start);
        var server = Substitute.For<IServerInfo>();
        server.Domains.Returns(["one.test"]);
        var sessions = Substitute.For<ISessionDirectory>();
        sessions.Find(default!).ReturnsForAnyArgs(c => Sessions.Find(s => s.Jid == c.Arg<Jid>()));
        sessions.FindById(default!).ReturnsForAnyArgs(c => Sessions.Find(s => s.Id == c.Arg<string>()));
        sessions.Of(default!).ReturnsForAnyArgs(c => [.. Sessions.Where(s => s.Jid.Bare == c.Arg<Jid>())]);
        Store = new ArchiveStore(Database, server, Plugins.Options.Of(Options), Time);
        Preferences = new PreferenceStore(tables.Get<IPrivateStore>(), tables.Get<IRosterStore>(), Plugins.Options.Of(Options));
        Retractions = new Retractions(Store);
        Retention = new Retention(Database, Plugins.Options.Of(Options), Time, NullLogger<Retention>.Instance);
        Blocked = Substitute.For<IBlockedAddresses>();
        var blocked = Substitute.For<IContributions<IBlockedAddresses>>();
        blocked.Items.Returns([Blocked]);
        Messages = new ArchivedMessages(Store, Preferences, Retractions, new Redelivery(tables.Get<IOfflineStore>(), Time), server, blocked, sessions, Time);
        var bounced = new BouncedMessages(Store, Preferences);
        (Sent, Received, Bounces) = (new SentMessages(Messages, sessions), new ReceivedMessages(Messages, bounced), new LocalBounces(bounced));
        Query = new QueryHandler(Store, sessions);
        Sessions.AddRange(Phone, Laptop, BensPhone);
    }

    public TestTables Tables { get; }
    public HeldDatabase Database { get; }
    public FakeTimeProvider Time { get; }
    public ArchiveOptions Options { get; } = new();
    public ArchiveStore Store { get; }
    public PreferenceStore Preferences { get; }
    public Retractions Retractions { get; }
    public Retention Retention { get; }
    public IBlockedAddresses Blocked { get; }
    public ArchivedMessages Messages { get; }
    public SentMessages Sent { get; }
    public ReceivedMessages Received { get; }
    public LocalBounces Bounces { get; }
    public QueryHandler Query { get; }
    public List<FakeSession> Sessions { get; } = [];
    public FakeSession Phone { get; } = new("ann@one.test/phone");
    public FakeSession Laptop { get; } = new("ann@one.test/laptop");
    public FakeSession BensPhone { get; } = new("ben@one.test/phone");

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<ArchiveLab> StartAsync(StorageProvider? provider = null) => new(await (provider is { } one ? new TestTables(one, "Archive", ArchiveSchema.Steps) : new TestTables("Archive", ArchiveSchema.Steps)).WithAsync(Ann, Ben), Noon);

    /// <summary>The server started anew on the same database.</summary>
    public ArchiveLab Restart() => new(Tables, Time.GetUtcNow().AddSeconds(1));

    public static Message Message(Jid from, Jid? to, string content = "<body>hi</body>", string? type = "chat", string? id = null, string? origin = null) =>
        new(Xml($"<message{(type is null ? "" : $" type='{type}'")}{(id is null ? "" : $" id='{id}'")} from='{from}'{(to is null ? "" : $" to='{to}'")}>{content}{(origin is null ? "" : $"<origin-id xmlns='urn:xmpp:sid:0' id='{origin}'/>")}</message>"));

    public static Element Xml(string xml)
    {
        var parser = XmlStreamParser.ForStream(new XmlStreamLimits { StanzaBytes = 1_000_000 });
        parser.Advance("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"u8, out _);
        return parser.Advance(System.Text.Encoding.UTF8.GetBytes(xml), out _).Element ?? throw new ArgumentException("No element.", nameof(xml));
    }

    /// <summary>A client of an account sends; what goes on, null for nothing.</summary>
    public async Task<Message?> SendAsync(FakeSession session, Message message) =>
        Next(message, await EndAsync(await BeginAsync(session, message)));

    /// <summary>A client of an account sends; what is decided, perhaps later.</summary>
    public ValueTask<Interception> BeginAsync(FakeSession session, Message message, CancellationToken? ct = null) =>
        Sent.OnMessageAsync(message, new StanzaContext(StanzaPoint.FromLocalSession, session.Sender, "one.test", session), ct ?? Ct);

    /// <summary>What is decided in the end.</summary>
    public static async Task<Interception> EndAsync(Interception begun)
    {
        if (begun.Deferred is not { } deferral) return begun;
        await deferral.Until.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await deferral.Decide();
    }

    /// <summary>A message comes from elsewhere; what goes on, null for nothing.</summary>
    public async Task<Message?> ReceiveAsync(Message message, StanzaPoint point = StanzaPoint.FromRemote, SenderInfo? sender = null) =>
        Next(message, await Received.OnMessageAsync(message, new StanzaContext(point, sender ?? new SenderInfo(SenderKind.Remote), "one.test"), Ct));

    /// <summary>The bodies of all that an account has.</summary>
    public async Task<IReadOnlyList<string?>> BodiesAsync(Jid owner, ArchiveQuery? query = null) => [.. (await ReadAsync(owner, query)).Entries.Select(e => e.Message.Body)];

    public async Task<ArchivePage> ReadAsync(Jid owner, ArchiveQuery? query = null) => await Store.ReadAsync(owner, query ?? new ArchiveQuery(), Ct) ?? throw new InvalidOperationException("An id is not there.");

    public static IEnumerable<(string By, string Id)> IdsOf(Message message) => message.Element.ChildrenNamed("stanza-id", Ns.StanzaIds).Select(c => (c["by"]!, c["id"]!));

    public ValueTask DisposeAsync()
    {
        Store.Dispose();
        return Tables.DisposeAsync();
    }

    /// <summary>What goes on, null for nothing.</summary>
    public static Message? Next(Message message, Interception result) => result.IsHandled ? null : result.Replacement ?? message;
}

/// <summary>A database whose writes can be held, and are counted.</summary>
internal sealed class HeldDatabase(IPluginDatabase database) : IPluginDatabase
{
    /// <summary>Before the write.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    /// <summary>Between the write and its answer.</summary>
    public Task HoldAnswer { get; set; } = Task.CompletedTask;

    public int Writes { get; private set; }

    public ValueTask<T> ReadAsync<T>(Func<System.Data.Common.DbConnection, T> read, CancellationToken ct = default) => database.ReadAsync(read, ct);

    public async ValueTask<T> WriteAsync<T>(Func<System.Data.Common.DbConnection, T> write, CancellationToken ct = default)
    {
        Writes++;
        await Hold;
        var result = await database.WriteAsync(write, ct);
        await HoldAnswer;
        return result;
    }
}
