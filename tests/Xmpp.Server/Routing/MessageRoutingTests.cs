using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>RFC 6121 section 8.5, messages.</summary>
public sealed class MessageRoutingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("type='chat'")]
    [InlineData("type='headline'")]
    [InlineData("type='unheard-of'")]
    public async Task A_message_to_an_account_reaches_every_available_resource_of_no_negative_priority(string type)
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var desk = await server.BindAsync("ben@one.test/desk");
        var phone = await server.BindAsync("ben@one.test/phone", "<presence><priority>5</priority></presence>");
        var bot = await server.BindAsync("ben@one.test/bot", "<presence><priority>-1</priority></presence>");
        var silent = await server.BindAsync("ben@one.test/silent", presence: null);
        await ann.SendAsync($"<message to='ben@one.test' {type}><body>hi</body></message>");
        foreach (var client in new[] { desk, phone })
        {
            var message = Assert.IsType<Message>(client.Stream.One());
            Assert.Equal(("hi", ann.Jid), (message.Body, message.From));
        }

        bot.Stream.Nothing();
        silent.Stream.Nothing();
        ann.Stream.Nothing();
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("type='chat'", true)]
    [InlineData("type='groupchat'", true)]
    [InlineData("type='headline'", false)]
    [InlineData("type='error'", false)]
    public async Task Without_an_available_resource_the_sender_hears_of_it_unless_nobody_should(string type, bool refused)
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var bot = await server.BindAsync("ben@one.test/bot", "<presence><priority>-1</priority></presence>");
        await ann.SendAsync($"<message to='ben@one.test' id='1' {type}><body>hi</body></message>");
        bot.Stream.Nothing();
        if (refused) Assert.Equal(StanzaCondition.ServiceUnavailable, StanzaError.Of(ann.Stream.One()).Condition);
        else ann.Stream.Nothing();
    }

    [Fact]
    public async Task Resources_that_do_not_read_are_waited_for_together()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = new[] { await server.BindAsync("ben@one.test/b"), await server.BindAsync("ben@one.test/c") };
        var cut = new TaskCompletionSource<bool>();
        foreach (var one in ben) one.Stream.Room = cut.Task;

        await ann.SendAsync("<message to='ben@one.test' id='m' type='chat'><body>x</body></message>");
        Assert.All(ben, one => Assert.Equal(1, one.Stream.Waited));
        cut.SetResult(false);
        Assert.Equal(StanzaCondition.ServiceUnavailable, StanzaError.Of(await ann.Stream.NextAsync()).Condition);
    }

    [Fact]
    public async Task A_groupchat_message_to_an_account_is_refused_though_it_is_there()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        Assert.Equal(StanzaCondition.ServiceUnavailable, await ann.RefusedAsync("<message to='ben@one.test' type='groupchat'><body>x</body></message>"));
        ben.Stream.Nothing();
    }

    [Theory]
    [InlineData("chat", "account")]
    [InlineData("normal", "refused")]
    [InlineData("groupchat", "refused")]
    [InlineData("headline", "nothing")]
    [InlineData("error", "nothing")]
    public async Task A_message_to_a_resource_that_is_not_there_follows_its_type(string type, string becomes)
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        await ann.SendAsync($"<message to='ben@one.test/away' type='{type}'><body>x</body></message>");
        if (becomes == "account") Assert.Equal("x", ((Message)ben.Stream.One()).Body);
        else ben.Stream.Nothing();
        if (becomes == "refused") Assert.Equal(StanzaCondition.ServiceUnavailable, StanzaError.Of(ann.Stream.One()).Condition);
        else ann.Stream.Nothing();
    }

    [Fact]
    public async Task A_message_to_a_resource_reaches_it_whatever_its_presence()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b", presence: null);
        await ann.SendAsync("<message to='ben@one.test/b' type='groupchat'><body>x</body></message>");
        Assert.Equal("x", ((Message)ben.Stream.One()).Body);
    }

    [Fact]
    public async Task A_message_without_an_addressee_is_for_ones_own_account()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        await ann.SendAsync("<message><body>note</body></message>");
        var message = (Message)ann.Stream.One();
        Assert.Equal(("note", ann.Jid, ann.Jid.Bare), (message.Body, message.From, message.To));
    }

    [Theory]
    [InlineData("nobody@one.test", StanzaCondition.ServiceUnavailable)]
    [InlineData("one.test", StanzaCondition.ServiceUnavailable)]
    [InlineData("one.test/x", StanzaCondition.ServiceUnavailable)]
    [InlineData("someone@elsewhere.test", StanzaCondition.RemoteServerNotFound)]
    [InlineData("a b@one.test", StanzaCondition.JidMalformed)]
    public async Task What_cannot_be_delivered_is_refused_with_its_own_condition(string to, StanzaCondition condition)
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var answer = await ann.AskAsync($"<message to='{to}' id='7'><body>x</body></message>");
        Assert.Equal((condition, "7", ann.Jid), (StanzaError.Of(answer).Condition, answer.Id, answer.To));
        Assert.Null(answer.Element.Child("body"));
        await ann.SendAsync($"<message to='{to}' type='error'/>");
        ann.Stream.Nothing();
    }

    [Fact]
    public async Task Interceptors_see_a_message_at_their_point_in_their_order_and_may_take_it()
    {
        await using var server = new TestServer();
        var seen = new List<string>();
        server.OnMessage(StanzaPoint.FromLocalSession, (m, c) => Note("from 2", c.Session), order: 2);
        server.OnMessage(StanzaPoint.FromLocalSession, (m, c) => Note("from 1", c.Session), order: 1);
        server.OnMessage(StanzaPoint.ToLocalAccount, (m, c) => m.Body == "mine" ? Interception.Handled : Note("account", c.Session));
        server.OnMessage(StanzaPoint.ToSession, (m, c) => Note("to", c.Session));
        server.OnMessage(StanzaPoint.FromRemote, (m, c) => Note("remote", c.Session));
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        await ann.SendAsync("<message to='ben@one.test'><body>x</body></message>");
        Assert.Equal(["from 1 ann@one.test/a", "from 2 ann@one.test/a", "account ", "to ben@one.test/b"], seen);
        ben.Stream.One();
        await ann.SendAsync("<message to='ben@one.test'><body>mine</body></message>");
        ben.Stream.Nothing();
        ann.Stream.Nothing();

        Interception Note(string what, ISession? session)
        {
            seen.Add($"{what} {session?.Jid}");
            return Interception.Continue;
        }
    }

    [Theory]
    [InlineData(StanzaPoint.FromLocalSession)]
    [InlineData(StanzaPoint.ToLocalAccount)]
    [InlineData(StanzaPoint.ToSession)]
    public async Task An_interceptor_that_throws_costs_the_message_and_nothing_else(StanzaPoint point)
    {
        await using var server = new TestServer();
        server.OnMessage(point, (m, _) => m.Body == "bad" ? throw new InvalidOperationException("secret") : Interception.Continue);
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        var answer = await ann.AskAsync("<message to='ben@one.test'><body>bad</body></message>");
        Assert.Equal(StanzaCondition.InternalServerError, StanzaError.Of(answer).Condition);
        Assert.DoesNotContain("secret", answer.Element.ToString(), StringComparison.Ordinal);
        await ann.SendAsync("<message to='ben@one.test'><body>good</body></message>");
        Assert.Equal("good", ((Message)ben.Stream.One()).Body);
    }

    [Fact]
    public async Task A_session_found_dead_while_writing_lets_the_account_be_asked_again()
    {
        await using var server = new TestServer();
        var asked = 0;
        server.OnMessage(StanzaPoint.ToLocalAccount, (m, _) => ++asked == 2 ? Interception.Handled : Interception.Continue);
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        ben.Stream.IsDead = true;
        await ann.SendAsync("<message to='ben@one.test'><body>x</body></message>");
        Assert.Equal(2, asked); // the second time offline storage would have taken it
        Assert.False(ben.Session.IsAvailable);
        ann.Stream.Nothing();
    }

    [Fact]
    public async Task Two_domains_on_one_server_keep_their_accounts_apart()
    {
        await using var server = new TestServer();
        var here = await server.BindAsync("ann@one.test/x");
        var there = await server.BindAsync("ann@two.test/x");
        var ben = await server.BindAsync("ben@two.test/b");
        await ben.SendAsync("<message to='ann@two.test'><body>two</body></message>");
        here.Stream.Nothing();
        Assert.Equal("two", ((Message)there.Stream.One()).Body);
        await ben.SendAsync("<message to='ann@one.test'><body>one</body></message>");
        there.Stream.Nothing();
        Assert.Equal("one", ((Message)here.Stream.One()).Body);
        Assert.Equal(1, server.Get<Parley.Xmpp.Server.Sessions.ISessionControl>().SessionsByDomain["one.test"]);
        Assert.Equal(2, server.Get<Parley.Xmpp.Server.Sessions.ISessionControl>().SessionsByDomain["two.test"]);
    }
}
