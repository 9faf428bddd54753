using Parley.Xmpp.Core.Addressing;

namespace Parley.tests.Xmpp.Core.Addressing;

/// <summary>RFC 8265 section 4.2 and RFC 8264 section 4.3: what a resource, or a nickname in a room, may be.</summary>
public sealed class ResourceTests
{
    [Theory]
    [InlineData("home", "home")]
    [InlineData("a\u00A0b\u3000c", "a b c")]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("\U0001F469\u200D\U0001F4BB", "\U0001F469\u200D\U0001F4BB")]
    [InlineData("Stra\u00DFe \u2764\uFE0F", "Stra\u00DFe \u2764\uFE0F")]
    public void It_may_be_what_people_write(string text, string prepared) => Assert.Equal(prepared, Jid.Parse("a@example.org/" + text).Resource);

    [Theory]
    [InlineData("\u202Eevil")]
    [InlineData("ad\u00ADmin")]
    [InlineData("ad\u200Bmin")]
    [InlineData("\uFEFFadmin")]
    [InlineData("a\u2028b")]
    [InlineData("a\u0007b")]
    [InlineData("\uE000")]
    public void It_may_not_turn_text_around_or_hide_in_it(string text) => Assert.False(Jid.TryParse("a@example.org/" + text, out _));
}
