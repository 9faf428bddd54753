using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>Where IQs go and who answers them.</summary>
public sealed class IqRoutingTests
{
    private const string Query = "<q xmlns='urn:t'/>";

    [Theory]
    [InlineData("to='one.test'", IqTarget.Server)]
    [InlineData("to='ann@one.test'", IqTarget.Account)]
    [InlineData("", IqTarget.Account)]
    [InlineData("to='ben@one.test'", IqTarget.Account)]
    [InlineData("to='ben@one.test/b'", IqTarget.Session)]
    [InlineData("to='calls.one.test'", IqTarget.Component)]
    [InlineData("to='room@calls.one.test/x'", IqTarget.Component)]
    public async Task The_target_chooses_the_handler(string to, IqTarget target)
    {
        await using var server = new TestServer();
        server.AddComponent();
        foreach (var t in Enum.GetValues<IqTarget>())
        {
            server.Handle("get", "urn:t", "q", iq => iq.Result(new Element("r", "urn:t").Text($"{t} {iq.To} {iq.Domain}")), t, t == IqTarget.Component ? "calls" : null);
        }

        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        var answer = (Iq)await ann.AskAsync($"<iq {to} type='get' id='1'>{Query}</iq>");
        var asked = to.Length == 0 ? "ann@one.test" : to[4..^1];
        Assert.Equal(("result", "1", $"{target} {asked} one.test"), (answer.Type, answer.Id, answer.Payload?.Value));
        Assert.Equal(ann.Jid, answer.To);
        Assert.Equal(to.Length == 0 ? null : asked, answer.From?.ToString());
        ben.Stream.Nothing();
    }

    [Fact]
    public async Task Type_and_hosts_choose_too()
    {
        await using var server = new TestServer();
        server.Handle("get", "urn:t", "q", iq => iq.Result(new Element("one", "urn:t")), hosts: "one.test");
        server.Handle("get", "urn:t", "q", iq => iq.Result(new Element("two", "urn:t")), hosts: "two.test");
        server.Handle("set", "urn:t", "q", iq => iq.Error(StanzaCondition.NotAllowed), hosts: "one.test");
        var ann = await server.BindAsync("ann@one.test/a");
        Assert.Equal("one", ((Iq)await ann.AskAsync($"<iq to='one.test' type='get' id='1'>{Query}</iq>")).Payload!.Name);
        Assert.Equal("two", ((Iq)await ann.AskAsync($"<iq to='two.test' type='get' id='2'>{Query}</iq>")).Payload!.Name);
        Assert.Equal(StanzaCondition.NotAllowed, await ann.RefusedAsync($"<iq to='one.test' type='set' id='3'>{Query}</iq>"));
        Assert.Equal(StanzaCondition.ServiceUnavailable, await ann.RefusedAsync($"<iq to='two.test' type='set' id='4'>{Query}</iq>"));
    }

    [Theory]
    [InlineData("one.test", StanzaCondition.ServiceUnavailable)]
    [InlineData("one.test/res", StanzaCondition.ServiceUnavailable)]
    [InlineData("ann@one.test", StanzaCondition.ServiceUnavailable)]
    [InlineData("nobody@one.test", StanzaCondition.ServiceUnavailable)]
    [InlineData("ben@one.test/none", StanzaCondition.ServiceUnavailable)]
    [InlineData("one.elsewhere", StanzaCondition.RemoteServerNotFound)]
    public async Task What_nobody_answers_is_refused_and_an_answer_to_nothing_is_ignored(string to, StanzaCondition condition)
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var answer = await ann.AskAsync($"<iq to='{to}' type='set' id='1'>{Query}</iq>");
        Assert.Equal((condition, to), (StanzaError.Of(answer).Condition, answer.From!.ToString()));
        await ann.SendAsync($"<iq to='{to}' type='result' id='1'/>");
        await ann.SendAsync($"<iq to='{to}' type='error' id='1'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        ann.Stream.Nothing();
    }

    [Theory]
    [InlineData("<iq type='get' to='one.test'><q xmlns='urn:t'/></iq>")] // no id
    [InlineData("<iq type='get' id='1' to='one.test'/>")]
    [InlineData("<iq type='get' id='1' to='one.test'><q xmlns='urn:t'/><q xmlns='urn:t'/></iq>")]
    [InlineData("<iq type='ask' id='1' to='one.test'><q xmlns='urn:t'/></iq>")]
    [InlineData("<presence type='ask'/>")]
    [InlineData("<presence type='subscribe'/>")]
    public async Task A_malformed_stanza_is_a_bad_request(string xml)
    {
        await using var server = new TestServer();
        Assert.Equal(StanzaCondition.BadRequest, await (await server.BindAsync("ann@one.test/a")).RefusedAsync(xml));
    }

    [Fact]
    public async Task Clients_ask_one_another_and_answer()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@two.test/b", presence: null);
        await ann.SendAsync($"<iq to='ben@two.test/b' type='get' id='9'>{Query}</iq>");
        var asked = (Iq)ben.Stream.One();
        Assert.Equal((ann.Jid, "9"), (asked.From, asked.Id));
        await ben.SendAsync($"<iq to='ann@one.test/a' type='result' id='9'/>");
        Assert.Equal((ben.Jid, "result"), (ann.Stream.One() is { } r ? (r.From!, r.Type) : default));
    }

    [Fact]
    public async Task A_handler_that_throws_is_an_internal_error_that_says_nothing()
    {
        await using var server = new TestServer();
        server.Handle("get", "urn:t", "q", _ => throw new InvalidOperationException("secret"));
        var ann = await server.BindAsync("ann@one.test/a");
        var answer = await ann.AskAsync($"<iq to='one.test' type='get' id='1'>{Query}</iq>");
        Assert.Equal(StanzaCondition.InternalServerError, StanzaError.Of(answer).Condition);
        Assert.DoesNotContain("secret", answer.Element.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_may_ask_the_very_client_that_it_is_answering()
    {
        await using var server = new TestServer();
        server.Handle("get", "urn:t", "q", async (iq, ct) =>
        {
            var answer = await server.Get<IIqClient>().RequestAsync("get", "one.test", iq.From, new Element("you", "urn:t"), ct: ct);
            return iq.Result(answer.Payload?.Copy());
        });
        var ann = await server.BindAsync("ann@one.test/a");
        await ann.SendAsync($"<iq to='one.test' type='get' id='1'>{Query}</iq>");
        var question = await ann.Stream.NextAsync();
        await ann.SendAsync($"<iq to='one.test' type='result' id='{question.Id}'><me xmlns='urn:t'/></iq>");
        Assert.Equal("me", ((Iq)await ann.Stream.NextAsync()).Payload?.Name);
    }

    [Fact]
    public async Task What_a_client_sends_is_handled_in_order_though_a_handler_waits()
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
        await ann.SendAsync($"<iq to='one.test' type='get' id='1'>{Query}</iq>");
        await ann.SendAsync("<message to='ben@one.test'><body>later</body></message>");
        await ann.SendAsync("<message to='ann@one.test'><body>last</body></message>");
        ben.Stream.Nothing();
        gate.SetResult();
        Assert.Equal("1", (await ann.Stream.NextAsync()).Id);
        Assert.Equal("last", ((Message)await ann.Stream.NextAsync()).Body);
        Assert.Equal("later", ((Message)ben.Stream.One()).Body);
    }

    [Fact]
    public async Task The_session_request_of_old_clients_is_granted()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        Assert.Equal("result", (await ann.AskAsync("<iq type='set' id='1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>")).Type);
        Assert.Equal("result", (await ann.AskAsync("<iq to='one.test' type='set' id='1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>")).Type);
    }
}
