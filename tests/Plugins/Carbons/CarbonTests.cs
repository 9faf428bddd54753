using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Carbons;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Carbons;

/// <summary>XEP-0280: what is copied, to whom, and in whose name.</summary>
public sealed class CarbonTests
{
    private const string Client = "jabber:client";
    private readonly FakeSession _phone = new("ben@one.test/phone"), _laptop = new("ben@one.test/laptop"), _tablet = new("ben@one.test/tablet");
    private readonly CarbonSessions _carbons;
    private readonly IContributions<ISentMessageIds> _archives = Substitute.For<IContributions<ISentMessageIds>>();
    private readonly SentCopies _sent;
    private readonly ReceivedCopies _received;

    public CarbonTests()
    {
        FakeSession[] all = [_phone, _laptop, _tablet];
        var directory = Substitute.For<ISessionDirectory>();
        directory.Of(default!).ReturnsForAnyArgs(c => [.. all.Where(s => s.Jid.Bare == c.Arg<Jid>())]);
        directory.FindById(default!).ReturnsForAnyArgs(c => all.FirstOrDefault(s => s.Id == c.Arg<string>()));
        _carbons = new CarbonSessions(directory);
        var copier = new CarbonCopier(_carbons);
        _archives.Items.Returns([]);
        (_sent, _received) = (new SentCopies(copier, _archives), new ReceivedCopies(copier));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("chat", "", true, true)]
    [InlineData("chat", "<composing xmlns='http://jabber.org/protocol/chatstates'/>", true, true)]
    [InlineData(null, "<body>x</body>", true, true)]
    [InlineData("normal", "<body>x</body>", true, true)]
    [InlineData("normal", "<x xmlns='y'/>", false, false)]
    [InlineData("normal", "<received xmlns='urn:xmpp:receipts' id='1'/>", true, true)]
    [InlineData(null, "<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>", true, true)]
    [InlineData("groupchat", "<body>x</body>", false, false)]
    [InlineData("headline", "<body>x</body>", false, false)]
    [InlineData("chat", "<body>x</body><private xmlns='urn:xmpp:carbons:2'/>", false, false)]
    [InlineData("chat", "<body>x</body><no-copy xmlns='urn:xmpp:hints'/>", false, false)]
    [InlineData("chat", "<sent xmlns='urn:xmpp:carbons:2'/>", false, false)]
    [InlineData("chat", "<body>x</body><x xmlns='http://jabber.org/protocol/muc#user'/>", true, false)]
    [InlineData(null, "<x xmlns='http://jabber.org/protocol/muc#user'><invite/></x>", true, true)]
    [InlineData(null, "<x xmlns='jabber:x:conference' jid='r@c'/>", true, true)]
    public void The_rules_of_section_6_1_decide(string? type, string children, bool sent, bool received)
    {
        var message = Message("ann@one.test/a", "ben@one.test/phone", type, children);

        Assert.Equal(sent, CarbonRules.IsCopied(message, isReceived: false));
        Assert.Equal(received, CarbonRules.IsCopied(message, isReceived: true));
    }

    [Theory]
    [InlineData("enable", true)]
    [InlineData("other", false)]
    [InlineData(null, false)]
    public async Task A_client_may_ask_for_copies_together_with_its_resource(string? request, bool isEnabled)
    {
        var feature = new BindCarbons(_carbons);
        Assert.Equal("urn:xmpp:carbons:2", feature.Namespace);
        Assert.Null(await feature.BoundAsync(_phone, request is null ? null : new Element(request, feature.Namespace), Ct));
        Assert.Equal(isEnabled, _carbons.Of(_phone.Jid, _laptop.Jid).Any());
    }

    [Fact]
    public async Task What_one_client_sends_the_others_that_asked_for_it_are_told_in_the_accounts_name()
    {
        _carbons.Set(_phone.Id, true);
        _carbons.Set(_laptop.Id, true);

        await _sent.OnMessageAsync(Message("ben@one.test/phone", "ann@one.test", "chat", "<body>hi</body>"), At(StanzaPoint.FromLocalSession, _phone), Ct);

        Assert.Empty(_phone.Take());
        Assert.Empty(_tablet.Take());
        var copy = Assert.Single(_laptop.Take());
        Assert.Equal(
            "<message from='ben@one.test' to='ben@one.test/laptop' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
            + "<message xmlns='jabber:client' from='ben@one.test/phone' to='ann@one.test' type='chat'><body>hi</body></message></forwarded></sent></message>",
            copy.Element.ToString().Replace('"', '\''));
    }

    [Fact]
    public async Task A_copy_of_what_was_sent_has_the_id_of_the_accounts_own_archive_and_not_that_of_the_addressees()
    {
        _carbons.Set(_laptop.Id, true);
        var message = Message("ben@one.test/phone", "ann@one.test", "chat", "<body>hi</body><stanza-id xmlns='urn:xmpp:sid:0' by='ann@one.test' id='hers'/>");
        var archive = Substitute.For<ISentMessageIds>();
        archive.Find(message).Returns("ours");
        _archives.Items.Returns([archive]);

        await _sent.OnMessageAsync(message, At(StanzaPoint.FromLocalSession, _phone), Ct);

        var copy = Assert.Single(_laptop.Take()).Element.Child("sent", "urn:xmpp:carbons:2")!.Child("forwarded", "urn:xmpp:forward:0")!.Child("message", Client)!;
        Assert.Equal([("ben@one.test", "ours")], copy.ChildrenNamed("stanza-id", "urn:xmpp:sid:0").Select(c => (c["by"]!, c["id"]!)));
    }

    [Fact]
    public async Task What_one_client_receives_under_its_full_address_the_others_are_told_once()
    {
        _carbons.Set(_laptop.Id, true);
        var context = At(StanzaPoint.ToSession, _phone);

        await _received.OnMessageAsync(Message("ann@one.test/a", "ben@one.test/phone", "chat", "<body>hi</body>"), context, Ct);
        Assert.NotNull(Assert.Single(_laptop.Take()).Element.Child("received", "urn:xmpp:carbons:2"));

        // For the bare address each of them gets the message itself, and a copy is not copied.
        await _received.OnMessageAsync(Message("ann@one.test/a", "ben@one.test", "chat", "<body>hi</body>"), context, Ct);
        await _received.OnMessageAsync(Message("ben@one.test", "ben@one.test/phone", "chat", "<received xmlns='urn:xmpp:carbons:2'/>"), context, Ct);
        Assert.Empty(_laptop.Take());
    }

    [Fact]
    public async Task One_that_does_not_read_keeps_no_copy_from_the_others()
    {
        var reading = new TaskCompletionSource();
        _laptop.Reads = reading.Task;
        _carbons.Set(_laptop.Id, true);
        _carbons.Set(_tablet.Id, true);

        var copying = _sent.OnMessageAsync(Message("ben@one.test/phone", "ann@one.test", "chat", "<body>hi</body>"), At(StanzaPoint.FromLocalSession, _phone), Ct).AsTask();

        Assert.Single(_tablet.Take());
        Assert.False(copying.IsCompleted);
        reading.SetResult();
        Assert.Equal(Interception.Continue, await copying);
    }

    [Fact]
    public async Task Who_turned_it_off_or_writes_to_oneself_is_spared()
    {
        _carbons.Set(_laptop.Id, true);
        await _sent.OnMessageAsync(Message("ben@one.test/phone", "ben@one.test", "chat", "<body>note</body>"), At(StanzaPoint.FromLocalSession, _phone), Ct);
        _carbons.Set(_laptop.Id, false);
        _carbons.Set(_laptop.Id, false);
        await _sent.OnMessageAsync(Message("ben@one.test/phone", "ann@one.test", "chat", "<body>hi</body>"), At(StanzaPoint.FromLocalSession, _phone), Ct);

        Assert.Empty(_laptop.Take());
    }

    [Theory]
    [InlineData("ben@one.test", null)]
    [InlineData("ann@one.test", "not-allowed")]
    public async Task Only_ones_own_account_can_be_listened_to(string account, string? condition)
    {
        var iq = new Iq(Parse($"<iq xmlns='{Client}' type='set' id='1' from='ben@one.test/phone' to='{account}'><enable xmlns='urn:xmpp:carbons:2'/></iq>"));

        var reply = await new EnableHandler(_carbons).HandleAsync(new IqRequest(iq, _phone.Sender, "one.test"), Ct);

        Assert.Equal(condition is null ? "result" : "error", reply.Iq!.Type);
        if (condition is not null) Assert.Contains(condition, reply.Iq.Element.ToString(), StringComparison.Ordinal);
    }

    private static Element Parse(string xml) => XmlStreamParser.ForFrames(new XmlStreamLimits()).Advance(System.Text.Encoding.UTF8.GetBytes(xml), out _).Element!;

    private static StanzaContext At(StanzaPoint point, FakeSession session) => new(point, session.Sender, "one.test", session);

    private static Message Message(string from, string to, string? type, string children) =>
        new(Parse($"<message xmlns='{Client}' from='{from}' to='{to}'{(type is null ? "" : $" type='{type}'")}>{children}</message>"));
}
