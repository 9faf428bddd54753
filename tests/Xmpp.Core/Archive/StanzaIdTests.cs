using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Core.Archive;

/// <summary>XEP-0359: whose ids are believed.</summary>
public sealed class StanzaIdTests
{
    private static Message Message(params Element[] children) => new(new Element("message", Ns.Client).Attr("from", "ann@one.test/a").Attr("to", "ben@one.test").Add(children));

    private static Element Id(string by, string id) => new Element("stanza-id", Ns.StanzaIds).Attr("by", by).Attr("id", id);

    [Fact]
    public void Ids_that_claim_to_be_ours_are_taken_off_in_any_spelling()
    {
        var message = Message(Id("ben@one.test", "forged"), Id("BEN@One.Test", "forged too"), Id("room@muc.two.test", "theirs"), Id("ann@one.test", "hers"));

        var stripped = StanzaIds.Strip(message, "ben@one.test", "ann@one.test");

        Assert.Equal(["theirs"], stripped.Element.ChildrenNamed("stanza-id", Ns.StanzaIds).Select(c => c["id"]!));
        Assert.Equal((message.From, message.To), (stripped.From, stripped.To));
    }

    [Fact]
    public void What_has_none_of_ours_stays_the_same_object()
    {
        var message = Message(Id("room@muc.two.test", "theirs"));
        Assert.Same(message, StanzaIds.Strip(message, "ben@one.test"));
    }

    [Fact]
    public void An_id_replaces_what_claims_to_be_one_of_the_same_address()
    {
        var stamped = StanzaIds.Add(Message(Id("ben@one.test", "forged"), new Element("body", Ns.Client).Text("hi")), "ben@one.test", "real");

        Assert.Equal(["real"], stamped.Element.ChildrenNamed("stanza-id", Ns.StanzaIds).Select(c => c["id"]!));
        Assert.Equal("real", StanzaIds.Read(stamped, "ben@one.test"));
        Assert.Null(StanzaIds.Read(stamped, "ann@one.test"));
        Assert.Equal("hi", stamped.Body);
    }

    [Fact]
    public void An_origin_id_that_is_empty_or_too_long_is_as_none()
    {
        static Message With(string id) => Message(new Element("origin-id", Ns.StanzaIds).Attr("id", id));

        Assert.Equal("x", StanzaIds.OriginOf(With("x")));
        Assert.Null(StanzaIds.OriginOf(With("")));
        Assert.Null(StanzaIds.OriginOf(Message()));
        Assert.NotNull(StanzaIds.OriginOf(With(new string('x', StanzaIds.LongestOriginId))));
        Assert.Null(StanzaIds.OriginOf(With(new string('x', StanzaIds.LongestOriginId + 1))));
    }
}
