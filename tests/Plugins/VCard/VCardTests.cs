using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.VCard;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.VCard;

/// <summary>XEP-0054.</summary>
public sealed class VCardTests
{
    private readonly IPrivateStore _store = Substitute.For<IPrivateStore>();
    private readonly Avatars _avatars = new(Substitute.For<IContributions<IPersonalEvents>>());

    private CardStore Cards => new(_store, _avatars);

    [Fact]
    public async Task A_vcard_is_set_by_its_owner_and_read_by_anybody()
    {
        var card = new Element("vCard", "vcard-temp").Add("FN", f => f.Text("Ann"));
        Assert.Equal("result", (await SetAsync(card)).Type);
        await _store.Received().WriteAsync("ann@one.test", "vcard-temp", card, Arg.Any<CancellationToken>());
        _store.ReadAsync("ann@one.test", "vcard-temp", Arg.Any<CancellationToken>()).Returns(card.Freeze());
        var answer = await GetAsync("ben@two.test/x", "ann@one.test");
        Assert.Equal(("Ann", "ann@one.test"), (answer.Payload!.Child("FN")!.Value, answer.From!.ToString()));
        Assert.Equal("result", (await GetAsync("ann@one.test/a", null)).Type);
    }

    [Fact]
    public async Task Who_has_none_says_so() => Assert.Equal(StanzaCondition.ItemNotFound, StanzaError.Of(await GetAsync("ben@two.test/x", "ann@one.test")).Condition);

    [Theory]
    [InlineData("ben@one.test/x", SenderKind.Account, 10, StanzaCondition.Forbidden)]
    [InlineData("ann@one.test/x", SenderKind.Guest, 10, StanzaCondition.Forbidden)]
    [InlineData("ann@one.test/x", SenderKind.Account, 2000, StanzaCondition.PolicyViolation)]
    public async Task Others_and_too_large_ones_are_refused(string from, SenderKind kind, int size, StanzaCondition condition)
    {
        Assert.Equal(condition, StanzaError.Of(await SetAsync(new Element("vCard", "vcard-temp").Text(new string('x', size)), from, kind)).Condition);
        Assert.Empty(_store.ReceivedCalls());
    }

    private async Task<Iq> SetAsync(Element card, string from = "ann@one.test/a", SenderKind kind = SenderKind.Account) =>
        (await new VCardSetHandler(Cards, _avatars, new AvatarHashes(_avatars, Cards, Substitute.For<IPresenceRenewal>()), Options.Of(new VCardOptions { MaxBytes = 1024 })).HandleAsync(Request("set", from, "ann@one.test", card, kind), TestContext.Current.CancellationToken)).Iq!;

    private async Task<Iq> GetAsync(string from, string? to) =>
        (await new VCardGetHandler(Cards).HandleAsync(Request("get", from, to, new Element("vCard", "vcard-temp"), SenderKind.Account), TestContext.Current.CancellationToken)).Iq!;

    private static IqRequest Request(string type, string from, string? to, Element payload, SenderKind kind) =>
        new(Iq.Request(type, "1", Jid.Parse(from), to is null ? null : Jid.Parse(to), payload), new SenderInfo(kind), "one.test");
}
