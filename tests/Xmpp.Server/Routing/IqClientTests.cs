using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>Asking by IQ and taking the answer.</summary>
public sealed class IqClientTests
{
    private static readonly Element Question = new Element("q", "urn:t").Freeze();

    [Fact]
    public async Task Only_the_one_who_was_asked_can_answer()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        var asking = server.Get<IIqClient>().RequestAsync("get", "one.test", ann.Jid, Question, ct: TestContext.Current.CancellationToken);
        var id = ann.Stream.One().Id;
        await ben.SendAsync($"<iq to='one.test' type='result' id='{id}'><forged xmlns='urn:t'/></iq>");
        await ann.SendAsync($"<iq to='two.test' type='result' id='{id}'><astray xmlns='urn:t'/></iq>");
        await ann.SendAsync($"<iq to='one.test' type='result' id='{id}x'><other xmlns='urn:t'/></iq>");
        Assert.False(asking.IsCompleted);
        await ann.SendAsync($"<iq to='one.test' type='result' id='{id}'><true xmlns='urn:t'/></iq>");
        Assert.Equal("true", (await asking).Payload!.Name);
    }

    [Fact]
    public async Task An_answer_without_an_addressee_counts_for_what_the_own_account_asked()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var asking = server.Get<IIqClient>().RequestAsync("set", ann.Jid.Bare, ann.Jid, Question, ct: TestContext.Current.CancellationToken);
        await ann.SendAsync($"<iq type='result' id='{ann.Stream.One().Id}'/>");
        Assert.Equal("result", (await asking).Type);
    }

    [Fact]
    public async Task Silence_becomes_a_timeout()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var asking = server.Get<IIqClient>().RequestAsync("get", "one.test", ann.Jid, Question, TimeSpan.FromSeconds(5), ct: TestContext.Current.CancellationToken);
        server.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(asking.IsCompleted);
        server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(StanzaCondition.RemoteServerTimeout, StanzaError.Of(await asking).Condition);
        Assert.Equal(0, server.Get<Parley.Xmpp.Server.Routing.PendingIqs>().Count);
    }

    [Theory]
    [InlineData("ann@one.test/gone", StanzaCondition.ServiceUnavailable)]
    [InlineData("x@far.test/y", StanzaCondition.RemoteServerNotFound)]
    [InlineData("two.test", StanzaCondition.ServiceUnavailable)]
    public async Task What_cannot_be_asked_is_known_at_once(string to, StanzaCondition condition)
    {
        await using var server = new TestServer();
        Assert.Equal(condition, StanzaError.Of(await server.Get<IIqClient>().RequestAsync("get", "room@calls.one.test", to, Question, ct: TestContext.Current.CancellationToken)).Condition);
    }
}
