using Parley.Plugin.Abstractions;
using Parley.Plugins.PrivateXml;

namespace Parley.tests.Plugins.PrivateXml;

/// <summary>XEP-0402 section 4.2 and XEP-0411: bookmarks are the same wherever a client keeps them.</summary>
public sealed class BookmarkTests
{
    private const string Ann = "ann@one.test";
    private readonly PersonalNodes _nodes = new();
    private readonly BookmarkSync _sync;

    public BookmarkTests() => _sync = new BookmarkSync(_nodes);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_left_in_the_old_way_is_published_room_by_room_and_only_what_differs()
    {
        await PublishAsync("a@rooms.test", "<conference xmlns='urn:xmpp:bookmarks:1' name='A' autojoin='1'><nick>ann</nick><extensions><pin xmlns='urn:pin'/></extensions></conference>");
        await PublishAsync("b@rooms.test", "<conference xmlns='urn:xmpp:bookmarks:1'/>");
        await PublishAsync("c@rooms.test", "<conference xmlns='urn:xmpp:bookmarks:1' name='C'/>");
        _nodes.Log.Clear();

        await _sync.TakeAsync(Ann, PersonalNodes.Xml(
            """
            <storage xmlns='storage:bookmarks'>
              <conference jid='a@rooms.test' name='Renamed' autojoin='true'><nick>ann</nick></conference>
              <conference jid='c@rooms.test' name='C' autojoin='false'/>
              <conference jid='D@rooms.test' autojoin='true'><password>p</password></conference>
              <conference jid='not@@a.jid'/>
              <url name='Home' url='http://localhost'/>
            </storage>
            """), Ct);

        Assert.Equal(["urn:xmpp:bookmarks:1 a@rooms.test", "urn:xmpp:bookmarks:1 d@rooms.test", "urn:xmpp:bookmarks:1 -b@rooms.test"], _nodes.Log);
        var items = (await _nodes.ReadAsync(Ann, Bookmarks.Native, Ann, Ct))!.ToDictionary(i => i.Id, i => i.Payload!);
        Assert.Equal(["a@rooms.test", "c@rooms.test", "d@rooms.test"], items.Keys.Order());
        Assert.NotNull(items["a@rooms.test"].Child("extensions")!.Child("pin", "urn:pin"));
        Assert.Equal(("Renamed", "ann"), (items["a@rooms.test"]["name"], items["a@rooms.test"].Child("nick")!.Value));
        Assert.Equal("p", items["d@rooms.test"].Child("password")!.Value);
    }

    [Fact]
    public async Task A_change_in_either_node_shows_in_the_other_and_does_not_come_back()
    {
        _nodes.Observers.Add(_sync);
        await PublishAsync("a@rooms.test", "<conference xmlns='urn:xmpp:bookmarks:1' name='A'/>");
        await _nodes.SettleAsync();

        var storage = Assert.Single((await _nodes.ReadAsync(Ann, Bookmarks.Legacy, Ann, Ct))!).Payload!;
        Assert.Equal(("a@rooms.test", "A"), (storage.Child("conference")!["jid"], storage.Child("conference")!["name"]));
        Assert.Equal(["urn:xmpp:bookmarks:1 a@rooms.test", "storage:bookmarks current"], _nodes.Log);

        await _nodes.RetractAsync(Ann, Bookmarks.Native, "a@rooms.test", Ct);
        await _nodes.SettleAsync();
        Assert.Empty(Assert.Single((await _nodes.ReadAsync(Ann, Bookmarks.Legacy, Ann, Ct))!).Payload!.Children);

        await _nodes.PublishAsync(Ann, Bookmarks.Legacy, new PersonalItem("current", PersonalNodes.Xml("<storage xmlns='storage:bookmarks'><conference jid='b@rooms.test' name='B'/></storage>")), ct: Ct);
        _nodes.Log.Clear();
        await _nodes.SettleAsync();
        Assert.Equal(["urn:xmpp:bookmarks:1 b@rooms.test"], _nodes.Log);
    }

    [Fact]
    public async Task Private_storage_shows_the_items_and_keeps_the_addresses_of_pages()
    {
        var stored = PersonalNodes.Xml("<storage xmlns='storage:bookmarks'><url name='Home' url='http://localhost'/><conference jid='old@rooms.test'/></storage>");
        Assert.Same(stored, await _sync.ShownAsync(Ann, stored, Ct));
        await PublishAsync("a@rooms.test", "<conference xmlns='urn:xmpp:bookmarks:1' autojoin='true'/>");

        var shown = (await _sync.ShownAsync(Ann, stored, Ct))!;

        Assert.Equal(["a@rooms.test"], shown.ChildrenNamed("conference", Bookmarks.Legacy).Select(c => c["jid"]));
        Assert.Equal("Home", shown.Child("url")!["name"]);
    }

    [Fact]
    public async Task Bookmarks_do_not_go_to_a_node_that_others_may_read()
    {
        await PublishAsync("a@rooms.test", "<conference xmlns='urn:xmpp:bookmarks:1'/>");
        _nodes.Open.Add(Bookmarks.Native);
        _nodes.Log.Clear();

        await _sync.TakeAsync(Ann, PersonalNodes.Xml("<storage xmlns='storage:bookmarks'><conference jid='b@rooms.test'/></storage>"), Ct);

        Assert.Empty(_nodes.Log);
    }

    private async Task PublishAsync(string id, string payload) => Assert.True(await _nodes.PublishAsync(Ann, Bookmarks.Native, new PersonalItem(id, PersonalNodes.Xml(payload)), ct: Ct));
}
