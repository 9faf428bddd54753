using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Caps;
using Parley.Xmpp.Core.Caps;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.PubSub;

/// <summary>XEP-0163 section 4: who is told what, by what they say they want.</summary>
public sealed class NotificationTests : IAsyncLifetime
{
    private static readonly Element Tunes = Query("tune+notify");
    private PubSubLab _lab = null!;

    public async ValueTask InitializeAsync() => _lab = await PubSubLab.CreateAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Contacts_elsewhere_are_told_where_their_presence_comes_from_until_they_go()
    {
        _lab.Befriend("ann@one.test", "eve@two.test");
        await _lab.PublishAsync("tune", "first");
        await _lab.TakeToldAsync();
        _lab.Disco["eve@two.test/e"] = Tunes;

        await _lab.ArriveAsync("eve@two.test/e", Caps(Tunes));
        Assert.Equal(["eve@two.test/e: first"], await _lab.AwaitToldAsync());
        await _lab.ArriveAsync("eve@two.test/e", "<show>away</show>" + Caps(Tunes));
        await _lab.PublishAsync("tune", "second");
        Assert.Equal(["eve@two.test/e: second"], await _lab.TakeToldAsync());

        await _lab.ArriveAsync("eve@two.test/e", "", "unavailable");
        await _lab.PublishAsync("tune", "third");
        Assert.Empty(await _lab.TakeToldAsync());
        Assert.Equal(0, _lab.Remotes.Count);
    }

    [Fact]
    public async Task A_stranger_whose_presence_arrives_is_neither_asked_nor_told()
    {
        await _lab.PublishAsync("tune", "first");
        _lab.Disco["eve@two.test/e"] = Tunes;

        await _lab.ArriveAsync("eve@two.test/e", Caps(Tunes));
        await _lab.PublishAsync("tune", "second");

        Assert.Empty(await _lab.TakeToldAsync());
        Assert.Empty(_lab.Asked);
    }

    [Fact]
    public async Task Resources_elsewhere_are_bounded()
    {
        foreach (var i in Enumerable.Range(0, 10)) _lab.Befriend("ann@one.test", $"u{i}@two.test");
        foreach (var i in Enumerable.Range(0, 10)) await _lab.ArriveAsync($"u{i}@two.test/x", "");

        Assert.Equal(3, _lab.Remotes.Count);
    }

    [Fact]
    public async Task Strangers_elsewhere_are_not_remembered_and_push_no_contact_out()
    {
        _lab.Befriend("ann@one.test", "eve@two.test");
        await _lab.ArriveAsync("eve@two.test/e", "");
        foreach (var i in Enumerable.Range(0, 10)) await _lab.ArriveAsync($"u{i}@two.test/x", "<status>much</status>");

        Assert.Equal(1, _lab.Remotes.Count);
    }

    [Fact]
    public void One_contact_has_a_bounded_number_of_resources()
    {
        var remotes = new Parley.Plugins.PubSub.Delivery.RemoteResources(_lab.Interests);
        for (var i = 0; i < 100; i++) remotes.Hear("ann@one.test", new Presence(PersonalNodes.Xml($"<presence xmlns='jabber:client' from='eve@two.test/{i}' to='ann@one.test'/>")));

        Assert.Equal(Parley.Plugins.PubSub.Delivery.RemoteResources.MostOfContact, remotes.Count);
    }

    [Fact]
    public async Task A_hash_is_asked_for_once_and_believed_only_if_the_answer_proves_it()
    {
        _lab.Disco["ann@one.test/a"] = Tunes;
        _lab.Disco["ben@one.test/liar"] = Query("secret+notify");
        _lab.Befriend("ann@one.test", "ben@one.test");
        _lab.Befriend("ben@one.test", "ann@one.test");
        await _lab.PublishAsync("tune", "i");
        await _lab.TakeToldAsync();

        // It claims the hash of another kind of client. That counts for itself alone.
        await _lab.ComeAsync("ben@one.test/liar", Caps(Tunes));
        await UntilAsync(() => _lab.Interests.Known("ben@one.test/liar", _lab.Sessions[0].Presence!) is not null);
        Assert.Equal(0, _lab.Cache.Count);
        await _lab.ComeAsync("ann@one.test/a", Caps(Tunes));
        Assert.Equal(["ann@one.test/a: i"], await _lab.AwaitToldAsync());
        Assert.Equal(["ben@one.test/liar", "ann@one.test/a"], _lab.Asked);

        // From now on nobody need be asked.
        await _lab.ComeAsync("ben@one.test/c", Caps(Tunes));
        Assert.Equal(["ben@one.test/c: i"], await _lab.AwaitToldAsync());
        Assert.Equal(2, _lab.Asked.Count);
        Assert.Equal(1, _lab.Cache.Count);
    }

    [Fact]
    public async Task The_hash_of_xep_0390_counts_as_well()
    {
        var presence = new Presence(PersonalNodes.Xml($"<presence xmlns='jabber:client'>{EntityCapabilities.ToHashes(EntityCapabilities.Sha256(Tunes))}{Caps(Query("other+notify"))}</presence>"));

        var claim = CapsClaim.Of(presence)!;

        Assert.Equal("sha-256", claim.Algorithm);
        Assert.True(claim.IsProvedBy(Tunes));
        Assert.False(claim.IsProvedBy(Query("other+notify")));
    }

    [Fact]
    public void An_answer_with_a_feature_twice_proves_nothing()
    {
        var twice = Query("tune+notify", "tune+notify");
        Assert.False(new CapsClaim("n", "sha-1", EntityCapabilities.Version(twice)).IsProvedBy(twice));
        Assert.True(new CapsClaim("n", "sha-1", EntityCapabilities.Version(Tunes)).IsProvedBy(Tunes));
    }

    [Fact]
    public void Hashes_are_bounded_and_the_one_not_asked_for_longest_goes()
    {
        CapsClaim Claim(int i) => new("n", "sha-1", $"{i}");
        var cache = new CapsCache(capacity: 3);
        foreach (var i in Enumerable.Range(0, 3)) cache.Add(Claim(i), new HashSet<string>());
        Assert.True(cache.TryGet(Claim(0), out _));
        cache.Add(Claim(3), new HashSet<string>());

        Assert.Equal(3, cache.Count);
        Assert.True(cache.TryGet(Claim(0), out _));
        Assert.False(cache.TryGet(Claim(1), out _));
    }

    [Fact]
    public async Task A_client_that_wants_more_is_told_only_of_that()
    {
        var more = Query("tune+notify", "mood+notify");
        await _lab.PublishAsync("tune", "t");
        await _lab.PublishAsync("mood", "m");
        await _lab.TakeToldAsync();
        _lab.Disco["ann@one.test/a"] = Tunes;
        await _lab.ComeAsync("ann@one.test/a", Caps(Tunes));
        Assert.Equal(["ann@one.test/a: t"], await _lab.AwaitToldAsync());

        _lab.Disco["ann@one.test/a"] = more;
        await _lab.ComeAsync("ann@one.test/a", Caps(more));

        Assert.Equal(["ann@one.test/a: m"], await _lab.AwaitToldAsync());
    }

    [Fact]
    public async Task Nodes_that_are_purged_offline_are_emptied_when_the_last_client_goes()
    {
        await _lab.CreateAsync("n", ("purge_offline", "1"));
        var a = await _lab.ComeAsync("ann@one.test/a", "");
        var b = await _lab.ComeAsync("ann@one.test/b", "");
        await _lab.PublishAsync("n", "i");

        await GoAsync(b);
        Assert.Equal(["i"], (await _lab.ReadAsync("ann@one.test/a", "n")).Items);
        await GoAsync(a);
        Assert.Empty((await _lab.ReadAsync("ann@one.test/a", "n")).Items);

        async Task GoAsync(FakeSession session)
        {
            session.Presence = new Presence(PersonalNodes.Xml($"<presence xmlns='jabber:client' from='{session.Jid}' type='unavailable'/>"));
            await _lab.Local.OnPresenceAsync(session.Presence, new StanzaContext(StanzaPoint.FromLocalSession, session.Sender, "one.test", session), PubSubLab.Ct);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 200 && !condition(); i++) await Task.Delay(20, PubSubLab.Ct);
        Assert.True(condition());
    }

    private static string Caps(Element query) => EntityCapabilities.ToElement("urn:client", EntityCapabilities.Version(query)).ToString();

    private static Element Query(params string[] features)
    {
        var query = new Element("query", "http://jabber.org/protocol/disco#info").Add("identity", i => i.Attr("category", "client").Attr("type", "pc"));
        foreach (var feature in features) query.Add("feature", f => f.Attr("var", feature));
        return query.Freeze();
    }
}
