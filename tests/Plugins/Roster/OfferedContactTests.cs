using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Roster;

/// <summary>Contacts that other plugins offer to every account, such as call rooms.</summary>
public sealed class OfferedContactTests
{
    private const string Tea = "tea@calls.example.org";
    private readonly World _world = new();

    public OfferedContactTests() => _world.Offers.Add(new RosterOffer(Tea, "Tea room", "Calls"));

    [Fact]
    public async Task They_are_in_the_roster_and_nothing_is_stored()
    {
        var ann = await _world.BindAsync("ann@example.org/web");
        var query = (await RosterAsync(ann)).Payload!;
        var item = Assert.Single(query.Children);
        Assert.Equal((Tea, "Tea room", "both", "Calls"), (item["jid"], item["name"], item["subscription"], item.Child("group")!.Value));
        Assert.Empty(_world.Of("ann@example.org"));

        // Whoever has this version is told nothing more, until the offer changes.
        Assert.Null((await RosterAsync(ann, query["ver"])).Payload);
        _world.Offers[0] = _world.Offers[0] with { Name = "Coffee room" };
        Assert.NotNull((await RosterAsync(ann, query["ver"])).Payload);
    }

    [Fact]
    public async Task They_are_probed_and_told_of_presence()
    {
        await _world.BindAsync("ann@example.org/web");
        Assert.Contains(_world.Away.OfType<Presence>(), p => p.Type == "probe" && p.To == Tea && p.From == "ann@example.org/web");
        Assert.Contains(_world.Away.OfType<Presence>(), p => p.IsAvailable && p.To == Tea);
    }

    [Fact]
    public async Task The_accounts_own_word_counts_instead()
    {
        var ann = await _world.BindAsync("ann@example.org/web");
        Assert.Equal("result", (await _world.SetAsync(ann, i => i.Attr("jid", Tea).Attr("name", "My room"))).Type);
        var item = Assert.Single((await RosterAsync(ann)).Payload!.Children);
        Assert.Equal(("My room", "both"), (item["name"], item["subscription"]));
        Assert.True(_world.Item("ann@example.org", Tea)!.SubscribedTo);

        // Removed, it is as it was offered.
        Assert.Equal("result", (await _world.SetAsync(ann, i => i.Attr("jid", Tea).Attr("subscription", "remove"))).Type);
        Assert.Equal("Tea room", Assert.Single((await RosterAsync(ann)).Payload!.Children)["name"]);
    }

    private Task<Iq> RosterAsync(FakeSession session, string? version = null) => _world.AskAsync(session, "get", new Element("query", "jabber:iq:roster").Attr("ver", version ?? ""));
}
