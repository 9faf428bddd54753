using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Core.Xml;

/// <summary>Copies of one stanza for many recipients.</summary>
public sealed class ElementCopyTests
{
    private static Message Template() => new(new Element("message", "jabber:client").Attr("from", "room@x/ann").Attr("type", "groupchat").Attr("id", "1")
        .Add("body", b => b.Text("tea & <cake> for 'all'")).Add(new Element("x", "urn:y").Attr("a", "'").Add("z")));

    [Fact]
    public void Each_copy_reads_as_if_it_had_been_made_for_its_recipient_alone()
    {
        var template = Template();
        foreach (var to in new[] { "ben@x/1", "cem@x/2" })
        {
            var expected = template.Element.Copy().Attr("to", to).Attr("id", null).Attr("id", "9");
            var copy = template.CopyFor(to, "9");
            Assert.Equal(expected.ToString(), copy.Element.ToString());
            Assert.Equal((to, "9", "room@x/ann"), (copy.To!.ToString(), copy.Id, copy.From!.ToString()));
        }

        Assert.Null(template.To);
        Assert.Equal("1", template.CopyFor("ben@x").Id);
        Assert.Equal(template.Element.ToString(), Template().Element.ToString());
    }

    [Fact]
    public void A_copy_can_be_copied_and_changed_without_changing_the_others()
    {
        var one = Template().CopyFor("ben@x");
        _ = one.Element.ToUtf8();

        var changed = one.Element.Copy().Add(new Element("late", "urn:z"));

        Assert.Contains("<late ", changed.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("<late ", one.Element.ToString(), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => one.Element.Text("x"));
        Assert.Throws<InvalidOperationException>(() => new Element("a", "b").CopyFor("c", null));
    }

    [Fact]
    public void An_element_without_content_has_none_in_its_copies()
    {
        var presence = new Presence(new Element("presence", "jabber:client").Attr("from", "room@x/ann"));

        Assert.Equal("<presence from='room@x/ann' to='ben@x'/>", presence.CopyFor("ben@x").Element.ToString());
    }
}
