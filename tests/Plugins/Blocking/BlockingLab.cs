using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Blocking;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Blocking;

/// <summary>The plugin on the real database; what it routes is kept.</summary>
internal sealed class BlockingLab : IAsyncDisposable
{
    private readonly TestTables _tables = new("Blocking", BlockStore.Steps);
    private readonly List<FakeSession> _sessions = [];
    private readonly RecordingRouter _router = new();
    private readonly BlockListHandler _get;
    private readonly BlockHandler _block;
    private readonly UnblockHandler _unblock;

    public BlockingLab(BlockingOptions? options = null)
    {
        var settings = Options.Of(options ?? new BlockingOptions());
        var directory = Substitute.For<ISessionDirectory>();
        directory.Of(default!).ReturnsForAnyArgs(c => [.. _sessions.Where(s => s.Jid.Bare == c.Arg<Jid>())]);
        directory.FindById(default!).ReturnsForAnyArgs(c => _sessions.FirstOrDefault(s => s.Id == c.Arg<string>()));
        var store = new BlockStore(_tables.Database);
        var own = new OwnWord();
        Lists = new BlockLists(store);
        var server = Substitute.For<IServerInfo>();
        server.Domains.Returns(["one.test"]);
        Stanzas = new BlockedStanzas(Lists, own, _router, server);
        var pushes = new BlockPushes(directory);
        var presence = new ContactPresence(_tables.Get<IRosterStore>(), directory, _router, own);
        _get = new BlockListHandler(Lists, pushes);
        _block = new BlockHandler(Lists, pushes, presence, new Reports(store, _router, settings, Time, NullLogger<Reports>.Instance), settings);
        _unblock = new UnblockHandler(Lists, pushes, presence);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 6, 7, 8, 9, TimeSpan.Zero));

    public BlockLists Lists { get; }

    public BlockedStanzas Stanzas { get; }

    public IPluginDatabase Database => _tables.Database;

    public async Task<BlockingLab> StartAsync()
    {
        await _tables.WithAsync("ann@one.test", "ben@one.test");
        return this;
    }

    public FakeSession Bind(string full, bool isAvailable = true)
    {
        var session = new FakeSession(full);
        if (isAvailable) session.Presence = new Presence(Parse($"<presence xmlns='jabber:client' from='{full}'><status>here</status></presence>"));
        _sessions.Add(session);
        return session;
    }

    public ValueTask SubscribeAsync(Jid account, Jid contact, bool from, bool to) =>
        _tables.Get<IRosterStore>().WriteAsync(account, new RosterItem(contact, "", [], to, from, false, null), TestContext.Current.CancellationToken);

    /// <summary>Asks in a session's name; the payload's name says which handler takes it.</summary>
    public async Task<Iq> AskAsync(FakeSession session, string payload, string? to = null)
    {
        var element = Parse(payload);
        var iq = Iq.Request(element.Name == "blocklist" ? "get" : "set", "1", session.Jid, to is null ? null : Jid.Parse(to), element);
        IIqHandler handler = element.Name switch { "blocklist" => _get, "block" => _block, _ => _unblock };
        return (await handler.HandleAsync(new IqRequest(iq, session.Sender, session.Jid.Domain), TestContext.Current.CancellationToken)).Iq!;
    }

    public async Task BlockAsync(FakeSession session, params string[] jids) =>
        Assert.Equal("result", (await AskAsync(session, $"<block xmlns='urn:xmpp:blocking'>{string.Concat(jids.Select(j => $"<item jid='{j}'/>"))}</block>")).Type);

    /// <summary>Shows a stanza at a point; whether it was kept back.</summary>
    public async Task<bool> SeeAsync(string xml, StanzaPoint point, ISession? session = null)
    {
        Assert.True(Stanza.TryRead(Parse(xml.Insert(xml.IndexOf(' ', StringComparison.Ordinal), " xmlns='jabber:client'")), out var stanza, out _));
        return await SeeAsync(stanza, point, session);
    }

    public async Task<bool> SeeAsync(Stanza stanza, StanzaPoint point, ISession? session = null)
    {
        var context = new StanzaContext(point, new SenderInfo(SenderKind.Account), "one.test", session);
        var ct = TestContext.Current.CancellationToken;
        return Interception.Handled == stanza switch
        {
            Message m => await Stanzas.OnMessageAsync(m, context, ct),
            Presence p => await Stanzas.OnPresenceAsync(p, context, ct),
            _ => await Stanzas.OnIqAsync((Iq)stanza, context, ct),
        };
    }

    public IReadOnlyList<Stanza> TakeRouted() => _router.Take();

    public static string Words(Stanza stanza) =>
        $"{stanza.Element.Name} {stanza.Type ?? "available"} {stanza.From} {stanza.To}{(stanza.IsError ? " " + StanzaError.Of(stanza).Condition : "")}";

    public static Element Parse(string xml) => XmlStreamParser.ForFrames(new XmlStreamLimits()).Advance(Encoding.UTF8.GetBytes(xml), out _).Element!;

    public ValueTask DisposeAsync() => _tables.DisposeAsync();
}
