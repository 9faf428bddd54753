using Parley.Plugin.Abstractions;
using Parley.Plugins.PrivateXml;
using Parley.Plugins.PubSub;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.PubSub;

/// <summary>XEP-0227 sections 4.6 and 4.8: nodes and private documents leave one server and come to another.</summary>
public sealed class PortableTests
{
    private static readonly Jid Ann = "ann@one.test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_come_out_as_they_went_in_and_twice_changes_nothing()
    {
        await using var from = await new TestTables("PubSub", Schema.Steps).WithAsync(Ann);
        await using var to = await new TestTables("PubSub", Schema.Steps).WithAsync(Ann);
        var (source, target) = (Nodes(from), Nodes(to));
        var owner = PersonalNodes.Xml(
            """
            <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
              <configure node='n'><x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field>
                <field var='pubsub#access_model'><value>whitelist</value></field><field var='pubsub#max_items'><value>1000000</value></field><field var='other#thing'><value>1</value></field>
                <field var='pubsub#title'><value>Name</value></field></x></configure>
              <affiliations node='n'><affiliation jid='eve@two.test' affiliation='member'/></affiliations>
              <subscriptions node='n'><subscription jid='eve@two.test' subscription='subscribed' subid='1'/></subscriptions>
            </pubsub>
            """);
        var items = PersonalNodes.Xml(
            """
            <pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'><item id='a'><x xmlns='urn:x'>1</x></item></items><items node='storage:bookmarks'><item id='current'><storage xmlns='storage:bookmarks'/></item></items></pubsub>
            """);
        Assert.Equal(3, await source.ImportAsync(Ann, source.Elements[0], [.. owner.Children], Ct));
        Assert.Equal(2, await source.ImportAsync(Ann, source.Elements[1], [.. items.Children], Ct));

        foreach (var element in source.Elements)
        {
            Assert.NotEqual(0, await target.ImportAsync(Ann, element, await ReadAsync(source, element), Ct));
            Assert.Equal(0, await target.ImportAsync(Ann, element, await ReadAsync(source, element), Ct));
            Assert.Equal((await ReadAsync(source, element)).Select(e => e.ToString()), (await ReadAsync(target, element)).Select(e => e.ToString()));
        }

        var node = await to.Database.ReadAsync(c => NodeTable.Find(c, Ann, "n")!, Ct);
        Assert.Equal(("Whitelist", "Name", 1), ($"{node.Config.Access}", node.Config.Title, node.Config.MaxItems));
    }

    [Fact]
    public async Task More_than_may_be_is_said_and_leaves_nothing()
    {
        await using var tables = await new TestTables("PubSub", Schema.Steps).WithAsync(Ann);
        var nodes = Nodes(tables);
        var pieces = Enumerable.Range(0, 4).Select(i => PersonalNodes.Xml($"<configure xmlns='http://jabber.org/protocol/pubsub#owner' node='{i}'/>")).ToList();

        await Assert.ThrowsAsync<FormatException>(async () => await nodes.ImportAsync(Ann, nodes.Elements[0], pieces, Ct));

        Assert.Empty(await ReadAsync(nodes, nodes.Elements[0]));
    }

    [Fact]
    public async Task Private_documents_likewise()
    {
        await using var tables = await new TestTables("PrivateXml", DocumentStore.Schema).WithAsync(Ann);
        var documents = new PortableDocuments(new DocumentStore(tables.Database, Options.Of(new PrivateXmlOptions { MaxDocuments = 2 })));
        Element[] some = [PersonalNodes.Xml("<a xmlns='urn:a'>1</a>"), PersonalNodes.Xml("<b xmlns='urn:b'/>")];

        Assert.Equal(2, await documents.ImportAsync(Ann, documents.Elements[0], some, Ct));
        Assert.Equal(0, await documents.ImportAsync(Ann, documents.Elements[0], [PersonalNodes.Xml("<a xmlns='urn:a'>2</a>")], Ct));
        await Assert.ThrowsAsync<FormatException>(async () => await documents.ImportAsync(Ann, documents.Elements[0], [PersonalNodes.Xml("<c xmlns='urn:c'/>")], Ct));

        Assert.Equal(some.Select(e => e.ToString()), (await ReadAsync(documents, documents.Elements[0])).Select(e => e.ToString()));
    }

    private static PortableNodes Nodes(TestTables tables) => new(tables.Database, Options.Of(new PubSubOptions { MaxNodes = 3 }), TimeProvider.System);

    private static async Task<IReadOnlyList<Element>> ReadAsync(IPortableData data, PortableElement element)
    {
        List<Element> all = [];
        await foreach (var piece in data.ExportAsync(Ann, element, Ct)) all.Add(piece);
        return all;
    }
}
