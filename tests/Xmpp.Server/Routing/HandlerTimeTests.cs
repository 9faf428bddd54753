using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>Plugins that never come back.</summary>
public sealed class HandlerTimeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_has_a_minute_then_the_stanzas_behind_it_go_on(bool heedsItsToken)
    {
        await using var server = new TestServer();
        var cancelled = false;
        server.Handle("get", "urn:t", "never", async (iq, ct) =>
        {
            using var heard = ct.Register(() => cancelled = true);
            await Task.Delay(Timeout.Infinite, heedsItsToken ? ct : CancellationToken.None);
            return iq.Result();
        });
        server.Handle("get", "urn:t", "q", iq => iq.Result());
        var ann = await server.BindAsync("ann@one.test/a");
        await ann.SendAsync("<iq to='one.test' type='get' id='1'><never xmlns='urn:t'/></iq>");
        await ann.SendAsync("<iq to='one.test' type='get' id='2'><q xmlns='urn:t'/></iq>");

        server.Time.Advance(TimeSpan.FromSeconds(59));
        ann.Stream.Nothing();
        Assert.False(cancelled);
        server.Time.Advance(TimeSpan.FromSeconds(1));
        var refused = await ann.Stream.NextAsync();
        Assert.Equal(("1", StanzaCondition.InternalServerError), (refused.Id, StanzaError.Of(refused).Condition));
        Assert.Equal(("2", "result"), await ann.Stream.NextAsync() is var answer ? (answer.Id, answer.Type) : default);
        Assert.True(cancelled);
    }

    [Fact]
    public async Task A_component_has_a_minute_too()
    {
        await using var server = new TestServer();
        var component = server.AddComponent();
        component.OnStanza = stanza => stanza.Id == "1" ? new TaskCompletionSource().Task : Task.CompletedTask;
        var ann = await server.BindAsync("ann@one.test/a");
        await ann.SendAsync("<iq to='calls.one.test' type='set' id='1'><q xmlns='urn:t'/></iq>");
        await ann.SendAsync("<message to='calls.one.test' id='2'/>");
        Assert.Equal("1", (await component.NextAsync()).Id);

        // The component is called on a thread of its own, so that its minute begins when it may.
        IReadOnlyList<Stanza> answers = [];
        for (var i = 0; i < 500 && answers.Count == 0; i++)
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, TestContext.Current.CancellationToken);
            answers = ann.Stream.Take();
        }

        Assert.Equal(StanzaCondition.InternalServerError, StanzaError.Of(Assert.Single(answers)).Condition);
        Assert.Equal("2", (await component.NextAsync()).Id);
    }
}
