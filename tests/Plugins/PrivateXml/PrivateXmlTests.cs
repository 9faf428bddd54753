using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PrivateXml;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.PrivateXml;

/// <summary>XEP-0049.</summary>
public sealed class PrivateXmlTests : IAsyncLifetime
{
    private readonly TestTables _tables = new("PrivateXml", DocumentStore.Schema);
    private readonly BookmarkSync _sync = new(Substitute.For<IContributions<IPersonalEvents>>());
    private DocumentStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        await _tables.WithAsync("ann@one.test");
        _store = new DocumentStore(_tables.Database, Options.Of(new PrivateXmlOptions { MaxDocuments = 2, MaxBytes = 1024 }));
    }

    public ValueTask DisposeAsync() => _tables.DisposeAsync();

    [Fact]
    public async Task A_document_is_given_back_to_its_owner_as_it_was_left()
    {
        Assert.Equal("<exodus xmlns='exodus:prefs'/>", Inner(await AskAsync("get", "<exodus xmlns='exodus:prefs'/>")));
        Assert.Equal("result", (await AskAsync("set", "<exodus xmlns='exodus:prefs'><nick a='1'>Ünïcode &amp; more</nick></exodus>")).Type);

        Assert.Equal("<exodus xmlns='exodus:prefs'><nick a='1'>Ünïcode &amp; more</nick></exodus>", Inner(await AskAsync("get", "<exodus xmlns='exodus:prefs'/>")));
    }

    [Theory]
    [InlineData("get", "", "ann@one.test/a", StanzaCondition.BadRequest)]
    [InlineData("get", "<x xmlns='urn:x'/><y xmlns='urn:y'/>", "ann@one.test/a", StanzaCondition.BadRequest)]
    [InlineData("set", "<x xmlns='jabber:client'/>", "ann@one.test/a", StanzaCondition.NotAcceptable)]
    [InlineData("set", "<query xmlns='jabber:iq:roster'/>", "ann@one.test/a", StanzaCondition.NotAcceptable)]
    [InlineData("set", "<x xmlns='urn:x'/>", "ben@one.test/a", StanzaCondition.Forbidden)]
    [InlineData("get", "<x xmlns='urn:x'/>", "ben@one.test/a", StanzaCondition.Forbidden)]
    [InlineData("set", "<x xmlns='urn:x'/><y xmlns='urn:x'/><z xmlns='urn:x'/>", "ann@one.test/a", StanzaCondition.ResourceConstraint)]
    public async Task Others_and_what_cannot_be_are_refused(string type, string children, string from, StanzaCondition condition) =>
        Assert.Equal(condition, StanzaError.Of(await AskAsync(type, children, from)).Condition);

    [Fact]
    public async Task What_is_too_large_or_too_many_leaves_everything_as_it_was()
    {
        Assert.Equal("result", (await AskAsync("set", "<x xmlns='urn:x'>1</x>")).Type);
        Assert.Equal(StanzaCondition.ResourceConstraint, StanzaError.Of(await AskAsync("set", $"<x xmlns='urn:x'>{new string('2', 2000)}</x>")).Condition);
        Assert.Equal(StanzaCondition.ResourceConstraint, StanzaError.Of(await AskAsync("set", "<x xmlns='urn:x'>3</x><y xmlns='urn:x'/><z xmlns='urn:x'/>")).Condition);

        Assert.Equal("<x xmlns='urn:x'>1</x>", Inner(await AskAsync("get", "<x xmlns='urn:x'/>")));
        Assert.Equal("<z xmlns='urn:x'/>", Inner(await AskAsync("get", "<z xmlns='urn:x'/>")));
    }

    private static string Inner(Iq answer) => System.Text.Encoding.UTF8.GetString(XmlWriting.ToUtf8(Assert.Single(answer.Payload!.Children), ""));

    private async Task<Iq> AskAsync(string type, string children, string from = "ann@one.test/a")
    {
        var iq = new IqRequest(Iq.Request(type, "1", from, "ann@one.test", PersonalNodes.Xml($"<query xmlns='jabber:iq:private'>{children}</query>")), new SenderInfo(SenderKind.Account), "one.test");
        IIqHandler handler = type == "get" ? new PrivateXmlGetHandler(_store, _sync) : new PrivateXmlSetHandler(_store, _sync);
        return (await handler.HandleAsync(iq, TestContext.Current.CancellationToken)).Iq!;
    }
}
