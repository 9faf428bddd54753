using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>What components receive, and send.</summary>
public sealed class ComponentRoutingTests
{
    [Fact]
    public async Task A_component_receives_all_that_is_addressed_to_it_in_order_with_who_sent_it()
    {
        await using var server = new TestServer();
        var calls = server.AddComponent();
        var slow = 0;
        calls.OnStanza = async _ => await Task.Delay(slow++ == 0 ? 100 : 0);
        var ann = await server.BindAsync("ann@one.test/a");
        await ann.SendAsync("<presence to='room@calls.one.test'/>");
        await ann.SendAsync("<message to='room@calls.one.test/ben' type='chat'><body>1</body></message>");
        await ann.SendAsync("<iq to='room@calls.one.test' type='set' id='1'><jingle xmlns='urn:xmpp:jingle:1'/></iq>");
        await ann.SendAsync("<iq to='room@calls.one.test' type='result' id='2'/>");
        for (var i = 0; calls.Received.Count < 4 && i < 300; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal(["Presence", "Message", "Iq", "Iq"], calls.Received.Select(r => r.Stanza.GetType().Name));
        var context = calls.Received.First().Context;
        Assert.Equal((SenderKind.Account, ann.Session.Id, "one.test", ann.Jid), (context.Sender.Kind, context.Sender.SessionId, context.Domain, context.Session!.Jid));
        ann.Stream.Nothing();
    }

    [Fact]
    public async Task A_components_own_handlers_come_before_it()
    {
        await using var server = new TestServer();
        var calls = server.AddComponent();
        server.Handle("get", "urn:t", "q", iq => iq.Result(), IqTarget.Component, "calls");
        server.Handle("get", "urn:u", "q", iq => iq.Result(), IqTarget.Component, "other");
        var ann = await server.BindAsync("ann@one.test/a");
        Assert.Equal("result", (await ann.AskAsync("<iq to='r@calls.one.test' type='get' id='1'><q xmlns='urn:t'/></iq>")).Type);
        Assert.Empty(calls.Received);
        await ann.SendAsync("<iq to='r@calls.one.test' type='get' id='1'><q xmlns='urn:u'/></iq>");
        Assert.Equal("urn:u", ((Iq)await calls.NextAsync()).Payload!.Namespace);
    }

    [Fact]
    public async Task A_component_that_throws_answers_with_an_internal_error()
    {
        await using var server = new TestServer();
        server.AddComponent().OnStanza = _ => throw new InvalidOperationException("secret");
        var ann = await server.BindAsync("ann@one.test/a");
        Assert.Equal(StanzaCondition.InternalServerError, await ann.RefusedAsync("<iq to='r@calls.one.test' type='get' id='1'><q xmlns='urn:t'/></iq>"));
    }

    [Fact]
    public async Task One_senders_backlog_is_bounded_and_no_other_senders_concern()
    {
        await using var server = new TestServer(new StreamLimits { PendingPerSender = 3 });
        var calls = server.AddComponent();
        var gate = new TaskCompletionSource();
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        calls.OnStanza = s => s.From == ann.Jid ? gate.Task : Task.CompletedTask;
        await ann.SendAsync("<message to='calls.one.test' id='0'/>");
        await calls.NextAsync();
        for (var i = 1; i <= 3; i++) await ann.SendAsync($"<message to='calls.one.test' id='{i}'/>");
        ann.Stream.Nothing();
        Assert.Equal(StanzaCondition.ResourceConstraint, await ann.RefusedAsync("<message to='calls.one.test' id='4'/>"));
        await ben.SendAsync("<message to='calls.one.test' id='b'/>");
        Assert.Equal("b", (await calls.NextAsync()).Id);
        gate.SetResult();
        for (var i = 1; i <= 3; i++) Assert.Equal($"{i}", (await calls.NextAsync()).Id);
    }

    [Fact]
    public async Task What_waits_for_a_component_is_bounded_by_bytes_too()
    {
        await using var server = new TestServer(new StreamLimits { PendingBytesPerSender = 10_000 });
        var calls = server.AddComponent();
        var gate = new TaskCompletionSource();
        calls.OnStanza = _ => gate.Task;
        var ann = await server.BindAsync("ann@one.test/a");
        await ann.SendAsync("<message to='calls.one.test' id='0'/>");
        await calls.NextAsync();
        await ann.SendAsync($"<message to='calls.one.test' id='1'><body>{new string('x', 30_000)}</body></message>"); // one may wait whatever its size
        Assert.Equal(StanzaCondition.ResourceConstraint, await ann.RefusedAsync("<message to='calls.one.test' id='2'/>"));
        gate.SetResult();
        Assert.Equal("1", (await calls.NextAsync()).Id);
        await ann.SendAsync("<message to='calls.one.test' id='3'/>");
        Assert.Equal("3", (await calls.NextAsync()).Id);
    }

    [Fact]
    public async Task What_waits_for_a_component_that_is_unloaded_is_refused()
    {
        await using var server = new TestServer();
        var calls = server.AddComponent();
        var gate = new TaskCompletionSource();
        calls.OnStanza = _ => gate.Task;
        var ann = await server.BindAsync("ann@one.test/a");
        await ann.SendAsync("<message to='calls.one.test' id='1'/>");
        await calls.NextAsync();
        await ann.SendAsync("<message to='calls.one.test' id='2'/>");
        server.RemoveComponents();
        gate.SetResult();
        var answer = await ann.Stream.NextAsync();
        Assert.Equal(("2", StanzaCondition.ServiceUnavailable), (answer.Id, StanzaError.Of(answer).Condition));
        Assert.Equal(StanzaCondition.RemoteServerNotFound, await ann.RefusedAsync("<message to='calls.one.test' id='3'/>"));
    }

    [Fact]
    public async Task A_component_sends_and_hears_of_what_could_not_be_delivered()
    {
        await using var server = new TestServer();
        var calls = server.AddComponent();
        server.OnMessage(StanzaPoint.FromRemote, (m, c) => m.Body == "stop" ? Interception.Handled : Interception.Continue);
        var ann = await server.BindAsync("ann@one.test/a");
        await server.Router.RouteAsync(Say("ann@one.test", "hello"), TestContext.Current.CancellationToken);
        await server.Router.RouteAsync(Say("ann@one.test", "stop"), TestContext.Current.CancellationToken);
        Assert.Equal("hello", ((Message)ann.Stream.One()).Body);
        await server.Router.RouteAsync(Say("nobody@one.test", "hello"), TestContext.Current.CancellationToken);
        var bounced = await calls.NextAsync();
        Assert.Equal((StanzaCondition.ServiceUnavailable, "nobody@one.test"), (StanzaError.Of(bounced).Condition, bounced.From!.ToString()));
        Assert.Equal("r@calls.one.test", bounced.To!.ToString());

        static Message Say(string to, string body) => new(new Element("message", "jabber:client").Attr("from", "r@calls.one.test").Attr("to", to).Add("body", b => b.Text(body)));
    }
}
