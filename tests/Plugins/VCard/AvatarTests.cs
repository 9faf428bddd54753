using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.VCard;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.VCard;

/// <summary>XEP-0398: the avatar at the nodes, the photo of the vCard and the hash in presence are one.</summary>
public sealed class AvatarTests
{
    private const string Ann = "ann@one.test";
    private static readonly byte[] Picture = [0x89, .. "PNG-and-more"u8];
    private static readonly Avatar Png = new(Picture, "image/png");

    private readonly PersonalNodes _nodes = new();
    private readonly Dictionary<string, Element> _stored = [];
    private readonly Avatars _avatars;
    private readonly CardStore _cards;
    private readonly AvatarHashes _hashes;
    private readonly IPresenceRenewal _renewal = Substitute.For<IPresenceRenewal>();

    public AvatarTests()
    {
        _avatars = new Avatars(_nodes);
        _cards = new CardStore(new Store(_stored), _avatars);
        _hashes = new AvatarHashes(_avatars, _cards, _renewal);
        _nodes.Observers.Add(_hashes);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Presence_is_said_anew_when_an_avatar_changed_in_either_place()
    {
        await PublishAsync();
        await _nodes.SettleAsync();
        _renewal.Received(1).Renew(Ann);
        _renewal.ClearReceivedCalls();
        await SetAsync("<vCard xmlns='vcard-temp'><FN>Ann</FN></vCard>"); // without a photo: it is none any more
        _renewal.Received().Renew(Ann);
    }

    [Fact]
    public async Task An_avatar_at_the_nodes_is_the_photo_for_those_whom_the_nodes_let_in()
    {
        await SetAsync($"<vCard xmlns='vcard-temp'><FN>Ann</FN></vCard>");
        await PublishAsync();

        var own = await _cards.ShownAsync(Ann, $"{Ann}/a", Ct);
        Assert.Equal(("Ann", "image/png", Convert.ToBase64String(Picture)), (own!.Child("FN")!.Value, own.Child("PHOTO")!.Child("TYPE")!.Value, own.Child("PHOTO")!.Child("BINVAL")!.Value));
        var stranger = await _cards.ShownAsync(Ann, "eve@two.test/x", Ct);
        Assert.Equal(("Ann", null), (stranger!.Child("FN")!.Value, stranger.Child("PHOTO")));

        _nodes.Open.UnionWith([Avatar.DataNode, Avatar.MetadataNode]);
        Assert.NotNull((await _cards.ShownAsync(Ann, "eve@two.test/x", Ct))!.Child("PHOTO"));
        await _nodes.PublishAsync(Ann, Avatar.MetadataNode, new PersonalItem("x", Avatar.ToMetadata(null)), ct: Ct);
        Assert.Null((await _cards.ShownAsync(Ann, $"{Ann}/a", Ct))!.Child("PHOTO"));
    }

    [Fact]
    public async Task Data_that_is_not_what_its_hash_says_is_no_photo()
    {
        await _nodes.PublishAsync(Ann, Avatar.DataNode, new PersonalItem(Png.Id, new Avatar([1, 2, 3], "image/png").ToData()), ct: Ct);
        await _nodes.PublishAsync(Ann, Avatar.MetadataNode, new PersonalItem(Png.Id, Avatar.ToMetadata(Png)), ct: Ct);

        Assert.Null(await _cards.ShownAsync(Ann, $"{Ann}/a", Ct));
    }

    [Fact]
    public async Task A_photo_in_the_vcard_becomes_the_avatar_once_and_one_that_is_gone_none()
    {
        var card = $"<vCard xmlns='vcard-temp'><PHOTO><BINVAL>{Convert.ToBase64String(Picture).Insert(6, "\n  ")}</BINVAL></PHOTO></vCard>";
        await SetAsync(card);
        await SetAsync(card);

        Assert.Equal([$"{Avatar.DataNode} {Png.Id}", $"{Avatar.MetadataNode} {Png.Id}"], _nodes.Log);
        Assert.Equal(Png.Id, await _avatars.IdAsync(Ann, Ct));
        Assert.Equal("image/png", (await _avatars.ReadAsync(Ann, "eve@two.test/x", Ct))!.Type);

        await SetAsync("<vCard xmlns='vcard-temp'/>");
        Assert.Null(await _avatars.IdAsync(Ann, Ct));
        Assert.Equal(3, _nodes.Log.Count);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("<x xmlns='vcard-temp:x:update'/>", true)]
    [InlineData("<x xmlns='vcard-temp:x:update'><photo>0123</photo></x>", true)]
    [InlineData("<x xmlns='vcard-temp:x:update'><photo/></x>", false)]
    public async Task The_hash_is_put_into_presence_unless_the_client_wants_none(string said, bool isPut)
    {
        var presence = new Presence(PersonalNodes.Xml($"<presence xmlns='jabber:client' from='{Ann}/a'><show>away</show>{said}</presence>"));
        Assert.Same(presence, await _hashes.AmendAsync(presence, new FakeSession($"{Ann}/a"), Ct));
        await PublishAsync();
        await _nodes.SettleAsync();

        var amended = await _hashes.AmendAsync(presence, new FakeSession($"{Ann}/a"), Ct);

        Assert.Equal(isPut ? Png.Id : "", amended.Element.Child("x", "vcard-temp:x:update")!.Child("photo")!.Value);
        Assert.Equal("away", amended.Element.Child("show")!.Value);
        Assert.Single(amended.Element.ChildrenNamed("x", "vcard-temp:x:update"));
        await _nodes.PublishAsync(Ann, Avatar.MetadataNode, new PersonalItem("x", Avatar.ToMetadata(null)), ct: Ct);
        await _nodes.SettleAsync();
        Assert.Same(presence, await _hashes.AmendAsync(presence, new FakeSession($"{Ann}/a"), Ct));
    }

    [Fact]
    public async Task A_photo_that_only_the_vcard_has_is_hashed_too()
    {
        _stored[Ann] = new Element("vCard", "vcard-temp").Add(Png.ToPhoto()).Freeze();

        var amended = await _hashes.AmendAsync(new Presence(PersonalNodes.Xml($"<presence xmlns='jabber:client' from='{Ann}/a'/>")), new FakeSession($"{Ann}/a"), Ct);

        Assert.Equal(Png.Id, amended.Element.Child("x", "vcard-temp:x:update")!.Child("photo")!.Value);
    }

    private async Task PublishAsync()
    {
        await _nodes.PublishAsync(Ann, Avatar.DataNode, new PersonalItem(Png.Id, Png.ToData()), ct: Ct);
        await _nodes.PublishAsync(Ann, Avatar.MetadataNode, new PersonalItem(Png.Id, Avatar.ToMetadata(Png)), ct: Ct);
    }

    private async Task SetAsync(string card)
    {
        var iq = new IqRequest(Iq.Request("set", "1", $"{Ann}/a", null, PersonalNodes.Xml(card)), new SenderInfo(SenderKind.Account), "one.test");
        Assert.Equal("result", (await new VCardSetHandler(_cards, _avatars, _hashes, Options.Of(new VCardOptions())).HandleAsync(iq, Ct)).Iq!.Type);
    }

    private sealed class Store(Dictionary<string, Element> stored) : IPrivateStore
    {
        public ValueTask<Element?> ReadAsync(Jid account, string name, CancellationToken ct = default) => new(stored.GetValueOrDefault(account.ToString()));

        public ValueTask WriteAsync(Jid account, string name, Element? document, CancellationToken ct = default)
        {
            stored[account.ToString()] = document!.Freeze();
            return ValueTask.CompletedTask;
        }
    }
}
