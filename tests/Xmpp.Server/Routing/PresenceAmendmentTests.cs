using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>Presence that plugins add to before anybody sees it.</summary>
public sealed class PresenceAmendmentTests
{
    [Theory]
    [InlineData("<presence/>", true)]
    [InlineData("<presence to='ben@one.test/b'/>", true)]
    [InlineData("<presence type='unavailable'/>", false)]
    [InlineData("<presence to='ben@one.test' type='subscribe'/>", false)]
    public async Task Available_presence_goes_on_as_the_plugin_left_it(string sent, bool isAmended)
    {
        await using var server = new TestServer();
        var seen = new List<string?>();
        server.OnPresence(StanzaPoint.FromLocalSession, (p, _) =>
        {
            seen.Add(p.Element.Child("x", "urn:x")?.Value);
            return Interception.Continue;
        });
        var ann = await server.BindAsync("ann@one.test/a");
        seen.Clear();
        server.Amend = Added;

        Assert.Null(await ann.SendAsync(sent));

        Assert.Equal(isAmended ? "1" : null, Assert.Single(seen));
        if (sent == "<presence/>") Assert.Equal("1", server.Sessions.Find("ann@one.test/a")!.Presence!.Element.Child("x", "urn:x")?.Value);
    }

    [Fact]
    public async Task A_plugin_that_fails_or_lies_about_the_sender_changes_nothing_of_that()
    {
        await using var server = new TestServer();
        var seen = new List<Jid?>();
        server.OnPresence(StanzaPoint.FromLocalSession, (p, _) =>
        {
            seen.Add(p.From);
            return Interception.Continue;
        });
        server.Amend = p => (Presence)p.WithAddresses("eve@one.test/x");
        var ann = await server.BindAsync("ann@one.test/a");
        server.Amend = _ => throw new InvalidOperationException("broken");
        Assert.Null(await ann.SendAsync("<presence><show>away</show></presence>"));

        Assert.Equal(["ann@one.test/a", "ann@one.test/a"], seen.Select(s => s!.ToString()));
    }

    private static Presence Added(Presence presence) => new(presence.Element.Copy().Add(new global::Parley.Xmpp.Core.Xml.Element("x", "urn:x").Text("1")));
}
