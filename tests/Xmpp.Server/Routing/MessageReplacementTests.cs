using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>An interceptor puts another message in the place of the one that it saw, and is waited for.</summary>
public sealed class MessageReplacementTests
{
    private static Interception Mark(Message message, string mark) => Interception.Replace(new Message(message.Element.Copy().Add(new Element(mark, "urn:test"))));

    private static string Marks(Stanza message) => string.Join(' ', message.Element.Children.Where(c => c.Namespace == "urn:test").Select(c => c.Name));

    [Fact]
    public async Task Later_interceptors_and_the_receiver_see_what_took_a_messages_place_at_any_point()
    {
        await using var server = new TestServer();
        var seen = new List<string>();
        foreach (var point in (StanzaPoint[])[StanzaPoint.FromLocalSession, StanzaPoint.ToLocalAccount, StanzaPoint.ToSession])
        {
            server.OnMessage(point, (m, _) => Mark(m, $"at{point}"), order: 1);
            server.OnMessage(point, (m, _) =>
            {
                seen.Add(Marks(m));
                return Interception.Continue;
            }, order: 2);
        }

        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        await ann.SendAsync("<message to='ben@one.test'><body>x</body></message>");

        Assert.Equal(["atFromLocalSession", "atFromLocalSession atToLocalAccount", "atFromLocalSession atToLocalAccount atToSession"], seen);
        Assert.Equal(seen[^1], Marks(ben.Stream.One()));
    }

    [Fact]
    public async Task What_comes_from_a_component_can_be_replaced_too()
    {
        await using var server = new TestServer();
        server.AddComponent();
        server.OnMessage(StanzaPoint.FromRemote, (m, _) => Mark(m, "seen"));
        var ben = await server.BindAsync("ben@one.test/b");
        await server.Router.RouteAsync(new Message(TestXml.Read("<message from='room@calls.one.test' to='ben@one.test/b'/>")), TestContext.Current.CancellationToken);
        Assert.Equal("seen", Marks(ben.Stream.One()));
    }

    [Fact]
    public async Task A_message_for_somebody_else_takes_no_messages_place()
    {
        await using var server = new TestServer();
        server.OnMessage(StanzaPoint.FromLocalSession, (m, _) => Interception.Replace((Message)m.WithAddresses(to: "eve@one.test")));
        var ann = await server.BindAsync("ann@one.test/a");
        await server.BindAsync("ben@one.test/b");
        Assert.Equal(StanzaCondition.InternalServerError, StanzaError.Of(await ann.AskAsync("<message to='ben@one.test'><body>x</body></message>")).Condition);
    }

    // XEP-0198: what the client is told to be handled must be where it is safe, such as in an archive.
    [Theory]
    [InlineData(StanzaPoint.FromLocalSession)]
    [InlineData(StanzaPoint.ToLocalAccount)]
    public async Task A_message_counts_as_handled_no_sooner_than_its_interceptors_are_done(StanzaPoint point)
    {
        await using var server = new TestServer();
        var disk = new TaskCompletionSource();
        server.OnMessage(point, new Waiting(disk.Task));
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        var handled = new TaskCompletionSource();

        Assert.Null(await ann.Bound.ReceiveAsync(TestXml.Read("<message to='ben@one.test'><body>x</body></message>"), handled.SetResult, TestContext.Current.CancellationToken));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(handled.Task.IsCompleted);
        ben.Stream.Nothing();

        disk.SetResult();
        await handled.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal("x", ((Message)ben.Stream.One()).Body);
    }

    private sealed class Waiting(Task disk) : IMessageInterceptor
    {
        public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
        {
            await disk;
            return Interception.Continue;
        }
    }
}
