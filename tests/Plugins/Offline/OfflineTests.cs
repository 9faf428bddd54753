using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Offline;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Offline;

/// <summary>XEP-0160: what is kept, and how it is delivered.</summary>
public sealed class OfflineTests
{
    private static readonly Jid Ben = "ben@one.test";
    private readonly List<(long Id, Message Message, DateTimeOffset Received)> _kept = [];
    private readonly List<FakeSession> _sessions = [];
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));
    private readonly Store _store;
    private readonly OfflineStorage _storage;
    private readonly OfflineRetrieval _retrieval;
    private bool _isFull;

    public OfflineTests()
    {
        _store = new Store(this);
        var directory = Substitute.For<ISessionDirectory>();
        directory.Of(default!).ReturnsForAnyArgs(c => [.. _sessions.Where(s => s.Jid.Bare == c.Arg<Jid>())]);
        var accounts = Substitute.For<IAccountStore>();
        accounts.ExistsAsync(default!, default).ReturnsForAnyArgs(c => c.Arg<Jid>() == Ben);
        var delivery = new OfflineDelivery(_store, directory, _time, NullLogger<OfflineDelivery>.Instance);
        _storage = new OfflineStorage(_store, accounts, delivery, _time);
        _retrieval = new OfflineRetrieval(delivery);
    }

    [Theory]
    [InlineData(null, "body", true)]
    [InlineData("chat", "body", true)]
    [InlineData("unheard-of", "body", true)]
    [InlineData("chat", "composing", false)]
    [InlineData("chat", "thread", false)]
    [InlineData("chat", null, false)]
    [InlineData("normal", "x", true)]
    [InlineData("groupchat", "body", false)]
    [InlineData("headline", "body", false)]
    [InlineData("error", "body", false)]
    [InlineData("chat", "body no-store", false)]
    [InlineData("chat", "body no-permanent-store", false)]
    [InlineData("chat", "store", true)]
    public async Task Only_what_is_worth_it_is_kept(string? type, string? children, bool kept)
    {
        var message = new Element("message", "jabber:client").Attr("to", Ben.ToString()).Attr("from", "ann@one.test/a").Attr("type", type);
        foreach (var child in children?.Split(' ') ?? [])
        {
            message.Add(new Element(child, child switch
            {
                "body" or "thread" => "jabber:client",
                "composing" => "http://jabber.org/protocol/chatstates",
                "x" => "http://jabber.org/protocol/muc#user",
                _ => "urn:xmpp:hints",
            }));
        }

        Assert.Equal(kept ? Interception.Handled : Interception.Continue, await ReceiveAsync(new Message(message)));
        Assert.Equal(kept ? 1 : 0, _kept.Count);
    }

    [Fact]
    public async Task Kept_messages_come_in_order_with_their_time_and_are_forgotten()
    {
        for (var i = 0; i < 250; i++)
        {
            await ReceiveAsync(Chat($"{i}"));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        var ben = await BecomeAvailableAsync("<presence/>");
        var delivered = ben.Take().Cast<Message>().ToList();
        Assert.Equal(Enumerable.Range(0, 250).Select(i => $"{i}"), delivered.Select(m => m.Body));
        var delay = delivered[1].Element.Child("delay", "urn:xmpp:delay")!;
        Assert.Equal(("one.test", "2026-01-02T03:04:05.679Z"), (delay["from"], delay["stamp"]));
        Assert.Empty(_kept);
        Assert.Empty((await BecomeAvailableAsync("<presence/>")).Take());
    }

    [Fact]
    public async Task A_session_that_takes_no_messages_leaves_them_where_they_are()
    {
        await ReceiveAsync(Chat("x"));
        Assert.Empty((await BecomeAvailableAsync("<presence><priority>-1</priority></presence>", -1)).Take());
        Assert.Equal(Interception.Handled, await ReceiveAsync(Chat("y"))); // it is there, but not for messages
        Assert.Equal(2, _kept.Count);
    }

    [Fact]
    public async Task With_an_available_resource_nothing_is_kept()
    {
        await BecomeAvailableAsync("<presence/>");
        Assert.Equal(Interception.Continue, await ReceiveAsync(Chat("x")));
        Assert.Empty(_kept);
    }

    [Fact]
    public async Task A_full_store_and_a_missing_account_leave_the_message_to_be_refused()
    {
        Assert.Equal(Interception.Continue, await ReceiveAsync(Chat("x", "nobody@one.test")));
        _isFull = true;
        Assert.Equal(Interception.Continue, await ReceiveAsync(Chat("x")));
    }

    [Fact]
    public async Task A_resource_that_comes_while_a_message_is_kept_receives_it()
    {
        var late = new FakeSession("ben@one.test/late");
        _store.OnAdd = () =>
        {
            late.Presence = new Presence(new Element("presence", "jabber:client"));
            _sessions.Add(late);
        };
        await ReceiveAsync(Chat("x"));
        Assert.Equal("x", ((Message)Assert.Single(late.Take())).Body);
        Assert.Empty(_kept);
    }

    [Fact]
    public async Task What_a_broken_session_may_not_have_received_is_delivered_again()
    {
        await ReceiveAsync(Chat("1"));
        await ReceiveAsync(Chat("2"));
        await BecomeAvailableAsync("<presence/>", breaks: true);
        Assert.Equal(["1", "2"], (await BecomeAvailableAsync("<presence/>")).Take().Select(m => ((Message)m).Body));
    }

    [Fact]
    public async Task A_stamp_that_claims_to_be_ours_is_taken_off()
    {
        var forged = Chat("x").Element.Copy().Add(new Element("delay", "urn:xmpp:delay").Attr("from", "one.test").Attr("stamp", "1999-01-01T00:00:00Z"));
        await ReceiveAsync(new Message(forged));
        var delay = Assert.Single((await BecomeAvailableAsync("<presence/>")).Take()).Element.ChildrenNamed("delay", "urn:xmpp:delay");
        Assert.StartsWith("2026-", Assert.Single(delay)["stamp"]);
    }

    [Fact]
    public async Task A_message_is_forgotten_once_it_arrived_and_meanwhile_given_to_nobody_else()
    {
        await ReceiveAsync(Chat("1"));
        await ReceiveAsync(Chat("2"));
        var arrivals = new Queue<TaskCompletionSource<bool>>([new(), new()]);
        TaskCompletionSource<bool>[] both = [.. arrivals];
        var phone = await BecomeAvailableAsync("<presence/>", arrives: _ => arrivals.Dequeue().Task);
        Assert.Equal(["1", "2"], Bodies(phone));
        Assert.Equal(2, _kept.Count);
        var laptop = await BecomeAvailableAsync("<presence/>");
        Assert.Empty(laptop.Take());

        // The phone had the first, and is gone: the laptop, which is there, has the second.
        phone.IsOver = true;
        both[0].SetResult(true);
        both[1].SetResult(false);
        for (var i = 0; i < 500 && _kept.Count > 0; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Empty(_kept);
        Assert.Equal(["2"], Bodies(laptop));
    }

    [Fact]
    public async Task A_message_that_came_before_and_is_kept_only_now_has_its_first_time()
    {
        var first = _time.GetUtcNow().AddMinutes(-3);
        var context = new StanzaContext(StanzaPoint.ToLocalAccount, new SenderInfo(SenderKind.Account), "one.test") { Received = first };
        Assert.Equal(Interception.Handled, await _storage.OnMessageAsync(Chat("x"), context, TestContext.Current.CancellationToken));
        Assert.Equal(first, Assert.Single(_kept).Received);
    }

    [Theory]
    [InlineData(10, "", "propose c1, body")] // it may still ring
    [InlineData(10, "retract", "body, retract c1")]
    [InlineData(10, "finish", "body, finish c1")]
    [InlineData(70, "", "body")]
    [InlineData(70, "retract", "body, retract c1")]
    public async Task A_call_that_is_over_does_not_ring_but_may_show_as_missed(int seconds, string end, string expected)
    {
        await ReceiveAsync(Call("propose"));
        for (var i = 0; i < 120; i++) await ReceiveAsync(Chat("body")); // more than is read at once
        if (end.Length > 0) await ReceiveAsync(Call(end));
        _time.Advance(TimeSpan.FromSeconds(seconds));
        var ben = await BecomeAvailableAsync("<presence/>");
        var heard = ben.Take().Cast<Message>().Select(m => m.Element.Children.First(c => c.Name != "delay") is { Name: not "body" } c ? $"{c.Name} {c["id"]}" : "body");
        Assert.Equal(expected, string.Join(", ", heard.Distinct()));
        Assert.Empty(_kept);
    }

    private static Message Call(string verb) =>
        new(new Element("message", "jabber:client").Attr("to", "ben@one.test").Attr("from", "ann@one.test/a").Attr("type", "chat").Add(new Element(verb, "urn:xmpp:jingle-message:0").Attr("id", "c1")));

    private static IEnumerable<string?> Bodies(FakeSession session) => [.. session.Take().Select(m => ((Message)m).Body)];

    private static Message Chat(string body, string to = "ben@one.test") =>
        new(new Element("message", "jabber:client").Attr("to", to).Attr("from", "ann@one.test/a").Attr("type", "chat").Add("body", b => b.Text(body)));

    private async Task<Interception> ReceiveAsync(Message message) =>
        await _storage.OnMessageAsync(message, new StanzaContext(StanzaPoint.ToLocalAccount, new SenderInfo(SenderKind.Account), "one.test"), TestContext.Current.CancellationToken);

    private async Task<FakeSession> BecomeAvailableAsync(string presence, int priority = 0, bool breaks = false, Func<Stanza, Task<bool>>? arrives = null)
    {
        var session = new FakeSession($"ben@one.test/{_sessions.Count}");
        session.OnSend = _ => session.IsOver = breaks;
        session.Arrives = arrives;
        var element = new Element("presence", "jabber:client").Attr("from", session.Jid.ToString());
        if (presence.Contains("priority", StringComparison.Ordinal)) element.Add("priority", p => p.Text($"{priority}"));
        session.Presence = new Presence(element);
        _sessions.Add(session);
        await _retrieval.OnPresenceAsync(session.Presence, new StanzaContext(StanzaPoint.FromLocalSession, session.Sender, "one.test", session), TestContext.Current.CancellationToken);
        return session;
    }

    private sealed class Store(OfflineTests tests) : IOfflineStore
    {
        private long _id;

        public Action? OnAdd { get; set; }

        public ValueTask<bool> AddAsync(Jid account, Message message, DateTimeOffset received, CancellationToken ct = default)
        {
            OnAdd?.Invoke();
            if (!tests._isFull) tests._kept.Add((++_id, message, received));
            return new(!tests._isFull);
        }

        public ValueTask<IReadOnlyList<(long Id, Message Message, DateTimeOffset Received)>> ReadAsync(Jid account, int limit, long after = 0, CancellationToken ct = default) =>
            new([.. tests._kept.Where(k => k.Id > after).Take(limit)]);

        public ValueTask RemoveAsync(Jid account, IReadOnlyList<long> ids, CancellationToken ct = default)
        {
            tests._kept.RemoveAll(k => ids.Contains(k.Id));
            return ValueTask.CompletedTask;
        }
    }
}
