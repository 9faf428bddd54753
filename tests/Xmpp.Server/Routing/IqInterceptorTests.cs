using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>IQs, and what is sent in an account's name, on their way past interceptors.</summary>
public sealed class IqInterceptorTests
{
    private const string Query = "<q xmlns='urn:t'/>";

    [Theory]
    [InlineData("ben@one.test", "FromLocalSession ToLocalAccount")]
    [InlineData("ben@one.test/b", "FromLocalSession ToSession")]
    [InlineData("ben@one.test/none", "FromLocalSession")]
    [InlineData("one.test", "FromLocalSession")]
    public async Task A_request_is_seen_at_each_point_before_it_is_handled(string to, string points)
    {
        await using var server = new TestServer();
        var seen = new List<StanzaPoint>();
        foreach (var point in Enum.GetValues<StanzaPoint>())
        {
            server.OnIq(point, (iq, context) =>
            {
                if (iq.Payload?.Namespace == "urn:t") seen.Add(context.Point);
                return Interception.Continue;
            });
        }

        var ann = await server.BindAsync("ann@one.test/a");
        await server.BindAsync("ben@one.test/b");
        await ann.SendAsync($"<iq to='{to}' type='get' id='1'>{Query}</iq>");
        await SettleAsync(ann);

        Assert.Equal(points, string.Join(' ', seen));
    }

    [Theory]
    [InlineData(IqTarget.Account, "ben@one.test", StanzaPoint.ToLocalAccount)]
    [InlineData(IqTarget.Session, "ben@one.test/b", StanzaPoint.ToSession)]
    [InlineData(IqTarget.Account, "ben@one.test", StanzaPoint.FromLocalSession)]
    public async Task What_an_interceptor_takes_no_handler_sees(IqTarget target, string to, StanzaPoint point)
    {
        await using var server = new TestServer();
        var handled = 0;
        server.Handle("get", "urn:t", "q", iq =>
        {
            handled++;
            return iq.Result();
        }, target);
        server.OnIq(point, (iq, _) => iq.Payload?.Namespace == "urn:t" ? Interception.Handled : Interception.Continue);
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");

        await ann.SendAsync($"<iq to='{to}' type='get' id='1'>{Query}</iq>");
        await SettleAsync(ann);

        Assert.Equal(0, handled);
        ben.Stream.Nothing();
    }

    [Fact]
    public async Task What_is_sent_for_an_account_is_seen_and_can_be_kept_back()
    {
        await using var server = new TestServer();
        server.OnPresence(StanzaPoint.FromLocalAccount, (presence, context) =>
            (presence.To!.Local, context.Domain) == ("ben", "one.test") ? Interception.Handled : Interception.Continue);
        var ben = await server.BindAsync("ben@one.test/b");
        var cid = await server.BindAsync("ann@two.test/c");

        foreach (var to in new[] { "ben@one.test/b", "ann@two.test/c" })
        {
            await server.Get<IStanzaRouter>().RouteAsync(new Presence(new Element("presence", "jabber:client").Attr("from", "ann@one.test/a").Attr("to", to)), TestContext.Current.CancellationToken);
        }

        Assert.Equal("ann@one.test/a", (await cid.Stream.NextAsync()).From?.ToString());
        ben.Stream.Nothing();
    }

    [Fact]
    public async Task Nobody_who_was_not_told_of_a_session_is_told_of_its_end()
    {
        await using var server = new TestServer();
        server.OnPresence(StanzaPoint.FromLocalSession, (presence, _) => presence.To?.Local == "ben" ? Interception.Handled : Interception.Continue);
        var ann = await server.BindAsync("ann@one.test/a", null);
        var ben = await server.BindAsync("ben@one.test/b");
        var cid = await server.BindAsync("ann@two.test/c");

        await ann.SendAsync("<presence to='ben@one.test/b'/>");
        await ann.SendAsync("<presence to='ann@two.test/c'/>");
        await cid.Stream.NextAsync();
        await ann.Bound.EndAsync();

        Assert.Equal("unavailable", (await cid.Stream.NextAsync()).Type);
        ben.Stream.Nothing();
    }

    // One's stanzas are handled one after another.
    private static async Task SettleAsync(Client client)
    {
        await client.SendAsync("<iq type='get' id='last'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        while ((await client.Stream.NextAsync()).Id != "last") { }
    }
}
