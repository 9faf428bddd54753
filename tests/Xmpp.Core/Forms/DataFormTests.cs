using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Core.Forms;

public sealed class DataFormTests
{
    [Fact]
    public void A_form_is_read_as_it_was_written()
    {
        var form = new DataForm("form", "urn:x") { Title = "T", Instructions = "I" }.Add("a", "text-single", "1", "A").Add("b", true)
            .Add(new FormField("c", "list-multi", ["x", "y"]) { Options = [("X", "x"), (null, "y")], IsRequired = true });

        var read = DataForm.Read(form.ToElement())!;

        Assert.Equal(("form", "urn:x", "T", "I"), (read.Type, read.FormType, read.Title, read.Instructions));
        Assert.Equal("1", read.Value("a"));
        Assert.Equal("A", read.Find("a")!.Label);
        Assert.True(read.Flag("b"));
        Assert.Equal(["x", "y"], read.Values("c"));
        Assert.Equal([("X", "x"), (null, "y")], read.Find("c")!.Options);
        Assert.True(read.Find("c")!.IsRequired);
    }

    [Fact]
    public void A_submitted_field_does_not_repeat_its_type()
    {
        var x = new DataForm("submit", "urn:x").Add("a", "text-single", "1").ToElement();

        Assert.Equal(["hidden", null], x.Children.Select(f => f["type"]));
    }

    [Fact]
    public void What_is_no_form_is_not_read()
    {
        Assert.Null(DataForm.Read(null));
        Assert.Null(DataForm.Read(new Element("x", "jabber:x:other").Attr("type", "form")));
        Assert.Null(DataForm.Read(new Element("x", DataForm.Namespace)));
        Assert.Null(DataForm.Read(new Element("x", DataForm.Namespace).Attr("type", "submit").Add("field")));
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("0", false)]
    [InlineData("false", false)]
    [InlineData("yes", null)]
    public void A_flag_is_written_in_four_ways(string text, bool? meant) => Assert.Equal(meant, new DataForm("submit").Add("f", "boolean", text).Flag("f"));
}
