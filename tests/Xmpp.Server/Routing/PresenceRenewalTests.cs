using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>Presence that is said anew because what plugins add to it has changed (XEP-0398).</summary>
public sealed class PresenceRenewalTests : IAsyncDisposable
{
    private const string Muc = "<x xmlns='http://jabber.org/protocol/muc'><password>x</password></x>";

    private readonly TestServer _server = new(new StreamLimits { DirectedPresences = 40 });
    private readonly List<string> _broadcast = [];
    private string? _hash = "one";

    public PresenceRenewalTests()
    {
        // As the avatars' plugin does it.
        _server.Amend = p => _hash is null || p.Element.Child("photo", "urn:x") is { Value: "" } ? p : new Presence(p.Element.CopyWithout(c => c.Is("photo", "urn:x")).Add(new Element("photo", "urn:x").Text(_hash)));
        _server.OnPresence(StanzaPoint.FromLocalSession, (p, _) =>
        {
            if (p.To is null) _broadcast.Add(Photo(p));
            return Interception.Continue;
        });
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_broadcast_goes_out_again_as_the_client_said_it_with_what_is_added_now()
    {
        await _server.BindAsync("ann@one.test/a", "<presence><status>here</status></presence>");
        Renew("two");
        Renew("two"); // nothing new
        Renew(null);
        Assert.Equal(["one", "two", "none"], _broadcast);
        Assert.Equal("here", _server.Sessions.Of("ann@one.test")[0].Presence!.Element.Child("status")!.Value);
    }

    [Fact]
    public async Task Whoever_is_not_there_or_wants_nothing_added_is_left_alone()
    {
        await _server.BindAsync("ann@one.test/silent", presence: null);
        await _server.BindAsync("ann@one.test/none", "<presence><photo xmlns='urn:x'/></presence>");
        var gone = await _server.BindAsync("ann@one.test/gone");
        Assert.Null(await gone.SendAsync("<presence type='unavailable'/>"));
        await _server.BindAsync("ben@one.test/b");
        _broadcast.Clear();
        Renew("two");
        Assert.Empty(_broadcast);
    }

    [Fact]
    public async Task Rooms_and_others_are_told_too_each_what_was_said_to_it_but_no_room_is_entered_anew()
    {
        var rooms = _server.AddComponent();
        var ann = await _server.BindAsync("ann@one.test/a", presence: null);
        Assert.Null(await ann.SendAsync($"<presence to='hall@calls.one.test/Ann' id='1'>{Muc}<show>away</show></presence>"));
        Assert.Null(await ann.SendAsync($"<presence to='den@calls.one.test/Ann' id='2'>{Muc}<show>away</show></presence>"));
        Assert.Null(await ann.SendAsync("<presence to='bar@calls.one.test/Ann'><show>dnd</show></presence>"));
        Assert.Null(await ann.SendAsync($"<presence to='none@calls.one.test/Ann'>{Muc}<photo xmlns='urn:x'/></presence>"));
        await NextAsync(rooms, 4);
        Renew("two");
        var told = (await NextAsync(rooms, 3)).Cast<Presence>().ToDictionary(p => p.To!.Local!);
        Assert.Equal(["bar", "den", "hall"], told.Keys.Order());
        Assert.All(told.Values, p => Assert.Equal(("two", null, null), (Photo(p), p.Element["id"], p.Element.Child("x", "http://jabber.org/protocol/muc"))));
        Assert.Equal("dnd", told["bar"].Element.Child("show")!.Value);
        Assert.Equal("away", told["hall"].Element.Child("show")!.Value);
        Renew("two");
        await NothingAsync(rooms, ann);
    }

    [Fact]
    public async Task Whoever_left_or_was_let_go_is_told_nothing()
    {
        var rooms = _server.AddComponent();
        var ann = await _server.BindAsync("ann@one.test/a", presence: null);
        foreach (var room in new[] { "left", "kicked", "refused", "there" }) Assert.Null(await ann.SendAsync($"<presence to='{room}@calls.one.test/Ann'>{Muc}</presence>"));
        Assert.Null(await ann.SendAsync("<presence to='left@calls.one.test/Ann' type='unavailable'/>"));
        await SayAsync("<presence from='kicked@calls.one.test/Ann' to='ann@one.test/a' type='unavailable'/>");
        await SayAsync("<presence from='refused@calls.one.test/Ann' to='ann@one.test/a' type='error'/>");
        await SayAsync("<presence from='there@calls.one.test/Ben' to='ann@one.test/a' type='unavailable'/>"); // somebody else
        await NextAsync(rooms, 5);
        Renew("two");
        Assert.Equal("there@calls.one.test/Ann", (await NextAsync(rooms, 1))[0].To!.ToString());
        await NothingAsync(rooms, ann);

        // Who was let go hears of the end all the same: it may have come back by another way.
        await ann.Bound.EndAsync();
        Assert.Equal(["kicked", "refused", "there"], (await NextAsync(rooms, 3)).Select(p => p.To!.Local).Order());
    }

    [Fact]
    public async Task What_is_remembered_is_bounded()
    {
        var rooms = _server.AddComponent();
        var ann = await _server.BindAsync("ann@one.test/a", presence: null);
        Assert.Null(await ann.SendAsync($"<presence to='large@calls.one.test/Ann'><status>{new string('x', 5000)}</status></presence>"));
        for (var i = 0; i < 20; i++) Assert.Null(await ann.SendAsync($"<presence to='r{i}@calls.one.test/Ann'><status>{i}</status></presence>"));
        await NextAsync(rooms, 21);
        Renew("two");
        Assert.Equal(16, (await NextAsync(rooms, 16)).Count);
        await NothingAsync(rooms, ann);
    }

    private static async Task<List<Stanza>> NextAsync(FakeComponent rooms, int count)
    {
        var all = new List<Stanza>();
        while (all.Count < count) all.Add(await rooms.NextAsync());
        return all;
    }

    // What a session sends arrives in its order.
    private static async Task NothingAsync(FakeComponent rooms, Client ann)
    {
        Assert.Null(await ann.SendAsync("<message to='x@calls.one.test' id='marker'/>"));
        Assert.Equal("marker", (await rooms.NextAsync()).Id);
    }

    private void Renew(string? hash)
    {
        _hash = hash;
        _server.Get<IPresenceRenewal>().Renew("ann@one.test");
    }

    private ValueTask SayAsync(string presence) => _server.Router.RouteAsync(new Presence(TestXml.Read(presence)), TestContext.Current.CancellationToken);

    private static string Photo(Presence p) => p.Element.Child("photo", "urn:x")?.Value ?? "none";
}
