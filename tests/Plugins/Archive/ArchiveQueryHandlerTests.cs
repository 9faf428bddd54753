using Parley.Plugin.Abstractions;
using Parley.Plugins.Archive;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using static Parley.tests.Plugins.Archive.ArchiveLab;

namespace Parley.tests.Plugins.Archive;

/// <summary>XEP-0313 sections 4 and 5: an account asks for its messages.</summary>
public sealed class ArchiveQueryHandlerTests : IAsyncLifetime
{
    private ArchiveLab _lab = null!;

    public async ValueTask InitializeAsync() => _lab = await StartAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private async Task<Iq?> AskAsync(string content, FakeSession? by = null, string? attributes = null, string to = "ann@one.test") =>
        (await _lab.Query.HandleAsync(Request("set", $"<query xmlns='urn:xmpp:mam:2'{attributes}>{content}</query>", by ?? _lab.Phone, to), Ct)).Iq;

    private static IqRequest Request(string type, string payload, FakeSession by, string to = "ann@one.test") =>
        new(new Iq(Xml($"<iq type='{type}' id='1' from='{by.Jid}' to='{to}'>{payload}</iq>")), by.Sender, "one.test");

    private static string Form(string field, string value) =>
        $"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field><field var='{field}'><value>{value}</value></field></x>";

    [Fact]
    public async Task The_messages_come_before_the_answer_that_ends_them()
    {
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ben, "<body>1</body>"));
        await _lab.SendAsync(_lab.BensPhone, Message("ben@one.test/phone", Ann, "<body>2</body>"));

        var answer = await AskAsync(Form("with", "ben@one.test"), _lab.Laptop, " queryid='q'");

        var results = _lab.Laptop.Take().Select(s => s.Element.Child("result", Ns.Archive)!).ToList();
        Assert.Equal(["1", "2"], results.Select(r => r.Child("forwarded", Ns.Forward)!.Child("message", Ns.Client)!.Child("body", Ns.Client)!.Value));
        Assert.All(results, r => Assert.Equal("q", r["queryid"]));
        var fin = answer!.Payload!;
        Assert.Equal(("fin", "true"), (fin.Name, fin["complete"]));
        Assert.Empty(_lab.Phone.Take());
    }

    [Theory]
    [InlineData("<set xmlns='http://jabber.org/protocol/rsm'><after>unknown</after></set>", StanzaCondition.ItemNotFound)]
    [InlineData("<set xmlns='http://jabber.org/protocol/rsm'><max>x</max></set>", StanzaCondition.BadRequest)]
    [InlineData("<x xmlns='jabber:x:data' type='submit'/>", StanzaCondition.BadRequest)]
    public async Task What_cannot_be_answered_is_refused(string content, StanzaCondition condition)
    {
        Assert.Equal(condition, StanzaError.Of((await AskAsync(content))!).Condition);
        Assert.Empty(_lab.Phone.Take());
    }

    [Fact]
    public async Task Other_peoples_messages_are_other_peoples()
    {
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ben));
        Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of((await AskAsync("", _lab.BensPhone))!).Condition);
        Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of((await new MetadataHandler(_lab.Store).HandleAsync(Request("get", "<metadata xmlns='urn:xmpp:mam:2'/>", _lab.BensPhone), Ct)).Iq!).Condition);
        Assert.Empty(_lab.BensPhone.Take());
    }

    [Fact]
    public async Task A_node_is_pubsubs_and_not_there() => Assert.Equal(StanzaCondition.ItemNotFound, StanzaError.Of((await AskAsync("", attributes: " node='x'"))!).Condition);

    [Fact]
    public async Task Who_has_gone_is_told_nothing()
    {
        _lab.Sessions.Remove(_lab.Phone);
        Assert.Null(await AskAsync(""));
    }

    [Fact]
    public async Task Metadata_and_the_form_are_told()
    {
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ben));
        var metadata = (await new MetadataHandler(_lab.Store).HandleAsync(Request("get", "<metadata xmlns='urn:xmpp:mam:2'/>", _lab.Phone), Ct)).Iq!.Payload!;
        Assert.Equal(metadata.Child("start")!["id"], metadata.Child("end")!["id"]);
        Assert.Equal("2026-01-02T12:00:00.000Z", metadata.Child("end")!["timestamp"]);
        var form = (await new QueryFormHandler().HandleAsync(Request("get", "<query xmlns='urn:xmpp:mam:2'/>", _lab.Phone), Ct)).Iq!;
        Assert.NotNull(form.Payload!.Child("x", "jabber:x:data"));
    }
}
