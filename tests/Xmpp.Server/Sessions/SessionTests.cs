using Parley.Plugin.Abstractions;
using Parley.tests.Xmpp.Server.Routing;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.tests.Xmpp.Server.Sessions;

/// <summary>Binding, addresses, presence state and the end of a session.</summary>
public sealed class SessionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ann@one.test/a", null)]
    [InlineData("ann@one.test", null)]
    [InlineData("ANN@one.test", null)]
    [InlineData("ann@one.test/b", "invalid-from")]
    [InlineData("ben@one.test", "invalid-from")]
    [InlineData("one.test", "invalid-from")]
    [InlineData("@@", "invalid-from")]
    public async Task A_claimed_sender_must_be_the_session_itself(string from, string? error)
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        Assert.Equal(error, await ann.SendAsync($"<message from='{from}' to='ben@one.test'><body>x</body></message>"));
        if (error is null) Assert.Equal("ann@one.test/a", ben.Stream.One().Element["from"]);
        else ben.Stream.Nothing();
    }

    [Theory]
    [InlineData("<stanza/>")]
    [InlineData("<message xmlns='jabber:server'/>")]
    [InlineData("<features xmlns='http://etherx.jabber.org/streams'/>")]
    public async Task What_is_no_stanza_ends_the_stream(string xml)
    {
        await using var server = new TestServer();
        Assert.Equal("unsupported-stanza-type", await (await server.BindAsync("ann@one.test/a")).SendAsync(xml));
    }

    [Fact]
    public async Task A_newcomer_takes_the_resource_after_everybody_heard_of_the_old_ones_end()
    {
        await using var server = new TestServer();
        var seen = new List<string>();
        server.OnPresence(StanzaPoint.FromLocalSession, (p, c) =>
        {
            seen.Add($"{p.Type ?? "available"} {c.Session!.Id}");
            return Interception.Continue;
        });
        var old = await server.BindAsync("ann@one.test/a");
        var young = await server.BindAsync("ann@one.test/a");
        Assert.Equal("conflict", old.Stream.Closed);
        Assert.Equal([$"available {old.Session.Id}", $"unavailable {old.Session.Id}", $"available {young.Session.Id}"], seen);
        await old.Bound.EndAsync(); // as its stream does, later: the newcomer stays
        Assert.Same(young.Bound, server.Sessions.Find("ann@one.test/a"));
        Assert.Null(server.Sessions.FindById(old.Session.Id));
        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public async Task Resources_are_checked_made_and_counted()
    {
        await using var server = new TestServer(new StreamLimits { ResourcesPerAccount = 2 });
        var binder = server.Get<ISessionBinder>();
        Jid ann = "ann@one.test";
        Assert.Equal(StanzaCondition.BadRequest, (await binder.BindAsync(new FakeStream(), ann, SenderKind.Account, "a\u0001b", Ct)).Refusal);
        var (first, _) = await binder.BindAsync(new FakeStream(), ann, SenderKind.Account, null, Ct);
        var (second, _) = await binder.BindAsync(new FakeStream(), ann, SenderKind.Account, "", Ct);
        Assert.NotEqual(first!.Jid, second!.Jid);
        Assert.True(first.Jid.Resource!.Length >= 12);
        Assert.Equal(StanzaCondition.ResourceConstraint, (await binder.BindAsync(new FakeStream(), ann, SenderKind.Account, "third", Ct)).Refusal);
        Assert.NotNull((await binder.BindAsync(new FakeStream(), ann, SenderKind.Account, first.Jid.Resource, Ct)).Session); // in its own place
        Assert.NotNull((await binder.BindAsync(new FakeStream(), "ann@two.test", SenderKind.Account, "third", Ct)).Session);
    }

    [Fact]
    public async Task An_account_that_was_removed_since_it_authenticated_binds_nothing()
    {
        await using var server = new TestServer();
        var stream = new FakeStream();
        var (session, refusal) = await server.Get<ISessionBinder>().BindAsync(stream, "gone@one.test", SenderKind.Account, "a", Ct);
        Assert.Null(session);
        Assert.Equal((StanzaCondition.NotAuthorized, "not-authorized"), (refusal, stream.Closed));
        Assert.Empty(server.Sessions.Of("gone@one.test"));
        Assert.NotNull((await server.Get<ISessionBinder>().BindAsync(new FakeStream(), "g@guest.one.test", SenderKind.Guest, "a", Ct)).Session); // guests have none to lose
    }

    [Fact]
    public async Task Presence_makes_a_session_available_and_unavailable()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a", presence: null);
        Assert.Null(ann.Session.Presence);
        Assert.False(ann.Session.IsAvailable);
        await ann.SendAsync("<presence to='ben@one.test'/>"); // directed: not a broadcast
        Assert.False(ann.Session.IsAvailable);
        await ann.SendAsync("<presence><show>away</show><priority>3</priority></presence>");
        Assert.True(ann.Session.IsAvailable);
        Assert.Equal((3, ann.Jid), (ann.Session.Presence!.Priority, ann.Session.Presence.From));
        await ann.SendAsync("<presence type='unavailable'><status>gone</status></presence>");
        Assert.False(ann.Session.IsAvailable);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Those_told_by_directed_presence_are_told_of_the_end(bool politely)
    {
        await using var server = new TestServer();
        var calls = server.AddComponent();
        var ann = await server.BindAsync("ann@one.test/a", presence: null);
        var ben = await server.BindAsync("ben@one.test/b");
        await ann.SendAsync("<presence to='room@calls.one.test/ann'/>");
        await ann.SendAsync("<presence to='ben@one.test'/>");
        await ann.SendAsync("<presence to='ben@one.test'><show>dnd</show></presence>");
        await ann.SendAsync("<presence to='cyd@one.test'/>");
        await ann.SendAsync("<presence to='cyd@one.test' type='unavailable'/>");
        var cyd = await server.BindAsync("cyd@one.test/c");
        Assert.Equal(2, ben.Stream.Take().Count);
        await calls.NextAsync();
        if (politely) await ann.SendAsync("<presence type='unavailable'/>");
        await ann.Bound.EndAsync();
        var last = ben.Stream.One();
        Assert.Equal(("unavailable", ann.Jid), (last.Type, last.From));
        var left = await calls.NextAsync();
        Assert.Equal(("unavailable", "room@calls.one.test/ann"), (left.Type, left.To!.ToString()));
        cyd.Stream.Nothing(); // told already
    }

    [Fact]
    public async Task Who_was_told_through_the_router_is_not_told_twice()
    {
        await using var server = new TestServer();
        server.OnPresence(StanzaPoint.FromLocalSession, (p, c) =>
        {
            // As the Roster plugin does for each subscriber.
            if (p is { To: null, Type: "unavailable" }) server.Router.RouteAsync(p.WithAddresses(to: "ben@one.test")).AsTask().Wait();
            return Interception.Continue;
        });
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        await ann.SendAsync("<presence to='ben@one.test/b'/>");
        ben.Stream.One();
        await ann.Bound.EndAsync();
        Assert.Equal("unavailable", ben.Stream.One().Type);
    }

    [Fact]
    public async Task Directed_presence_is_bounded()
    {
        await using var server = new TestServer(new StreamLimits { DirectedPresences = 2 });
        server.AddComponent();
        var ann = await server.BindAsync("ann@one.test/a");
        await ann.SendAsync("<presence to='r1@calls.one.test'/>");
        await ann.SendAsync("<presence to='r2@calls.one.test'/>");
        await ann.SendAsync("<presence to='r1@calls.one.test'/>");
        ann.Stream.Nothing();
        Assert.Equal(StanzaCondition.ResourceConstraint, await ann.RefusedAsync("<presence to='r3@calls.one.test'/>"));
        await ann.SendAsync("<presence to='r1@calls.one.test' type='unavailable'/>");
        await ann.SendAsync("<presence to='r3@calls.one.test'/>");
        ann.Stream.Nothing();
    }

    [Fact]
    public async Task Subscription_stanzas_carry_bare_addresses()
    {
        await using var server = new TestServer();
        Presence? seen = null;
        server.OnPresence(StanzaPoint.ToLocalAccount, (p, _) =>
        {
            seen = p;
            return Interception.Handled;
        });
        var ann = await server.BindAsync("ann@one.test/a");
        await ann.SendAsync("<presence to='ben@one.test/b' type='subscribe' from='ann@one.test/a'/>");
        Assert.Equal(("ann@one.test", "ben@one.test"), (seen!.Element["from"], seen.Element["to"]));
    }

    [Fact]
    public async Task What_was_sent_before_the_end_still_arrives()
    {
        await using var server = new TestServer();
        var gate = new TaskCompletionSource();
        server.Handle("get", "urn:t", "q", async (iq, _) =>
        {
            await gate.Task;
            return iq.Result();
        });
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        await ann.SendAsync("<iq to='one.test' type='get' id='1'><q xmlns='urn:t'/></iq>");
        await ann.SendAsync("<message to='ben@one.test'><body>bye</body></message>");
        var ending = ann.Bound.EndAsync();
        Assert.Empty(server.Sessions.Of("ann@one.test"));
        gate.SetResult();
        await ending;
        Assert.Equal("bye", ((Message)ben.Stream.One()).Body);
    }

    [Fact]
    public async Task The_host_ends_sessions_of_an_account_and_all_of_them()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var ann2 = await server.BindAsync("ann@one.test/b");
        var ben = await server.BindAsync("ben@one.test/b");
        var control = server.Get<ISessionControl>();
        Assert.Equal(3, control.Streams);
        Assert.Equal(2, control.EndSessions("ann@one.test", "not-authorized"));
        Assert.Equal(("not-authorized", "not-authorized", null), (ann.Stream.Closed, ann2.Stream.Closed, ben.Stream.Closed));
        await ann.Bound.EndAsync();
        await ann2.Bound.EndAsync();
        var closing = control.CloseAllAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("system-shutdown", ben.Stream.Closed);
        Assert.False(closing.IsCompleted);
        await ben.Bound.EndAsync();
        await closing;
    }

    [Fact]
    public async Task A_change_of_the_account_ends_the_sessions_of_what_counted_before_it()
    {
        await using var server = new TestServer();
        var (former, newer, latest) = (await server.BindAsync("ann@one.test/a"), await server.BindAsync("ann@one.test/b"), await server.BindAsync("ann@one.test/c"));
        (former.Stream.Proven, newer.Stream.Proven, latest.Stream.Proven) = (6, 7, 8);
        Assert.Equal(1, server.Get<ISessionControl>().EndSessions("ann@one.test", "not-authorized", 7));
        Assert.Equal(("not-authorized", null, null), (former.Stream.Closed, newer.Stream.Closed, latest.Stream.Closed));
    }

    [Fact]
    public async Task A_stopping_server_ends_the_session_of_a_client_that_does_not_go()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var mute = await server.BindAsync("ben@one.test/b");
        mute.Stream.IsManaged = true;
        await ann.SendAsync("<message to='ben@one.test' type='chat' id='1'><body>x</body></message>");
        var stored = new List<string?>();
        server.OnMessage(StanzaPoint.ToLocalAccount, (message, _) =>
        {
            stored.Add(message.Id);
            return Interception.Handled;
        });
        var closing = server.Get<ISessionControl>().CloseAllAsync(TimeSpan.FromSeconds(2));
        await ann.Bound.EndAsync();
        server.Time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Empty(stored);
        server.Time.Advance(TimeSpan.FromSeconds(0.2));
        await closing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(["1"], stored);
    }
}
