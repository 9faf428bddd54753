using System.Net;
using Microsoft.Extensions.Configuration;
using Parley.Server.Host.Configuration;

namespace Parley.tests.Host.Configuration;

public sealed class OptionsBinderTests
{
    [Fact]
    public void Values_of_every_kind_are_read()
    {
        var (options, faults) = Bind(("Number", "-7"), ("Port", "65535"), ("Ratio", "0.5"), ("On", "TRUE"), ("Span", "00:00:30"), ("Address", "::1"), ("Color", "green"), ("Name", " as is "),
            ("Maybe", "4"), ("Names:0", "a"), ("Names:1", "b"), ("Inner:Depth", "2"), ("Items:0:Depth", "3"), ("Items:1:Depth", "4"), ("Named:deep sea:Depth", "11"), ("Named:pond:Depth", "1"), ("Numbers", "1, 2,3"));

        Assert.Empty(faults);
        Assert.Equal((-7, (ushort)65535, 0.5, true, TimeSpan.FromSeconds(30), IPAddress.IPv6Loopback, Color.Green, " as is ", 4),
            (options.Number, options.Port, options.Ratio, options.On, options.Span, options.Address, options.Color, options.Name, options.Maybe));
        Assert.Equal(["a", "b"], options.Names);
        Assert.Equal([1, 2, 3], options.Numbers);
        Assert.Equal(2, options.Inner.Depth);
        Assert.Equal([3, 4], options.Items.Select(i => i.Depth));
        Assert.Equal([("deep sea", 11), ("pond", 1)], options.Named.OrderBy(n => n.Key).Select(n => (n.Key, n.Value.Depth)));
    }

    [Theory]
    [InlineData("Number", "x", "a whole number from -2147483648 to 2147483647")]
    [InlineData("Port", "65536", "a whole number from 0 to 65535")]
    [InlineData("On", "yes", "true or false")]
    [InlineData("Span", "30", "a time span such as 00:05:00 or 1.00:00:00")]
    [InlineData("Address", "localhost", "an IP address")]
    [InlineData("Color", "2", "one of Red, Green")]
    [InlineData("Inner", "5", "a section with Depth")]
    [InlineData("Items", "5", "a list")]
    [InlineData("Named", "5", "sections by name")]
    [InlineData("Named:pond", "5", "a section with Depth")]
    [InlineData("Numbers:1", "x", "a whole number from -2147483648 to 2147483647")]
    public void A_wrong_value_is_named_with_what_would_be_right(string key, string value, string right)
    {
        var (_, faults) = Bind((key, value));

        Assert.Equal([$"Top:{key}: \"{value}\" is wrong, must be {right}."], faults);
    }

    [Fact]
    public void An_unknown_key_is_named_with_the_nearest()
    {
        var (_, faults) = Bind(("Nunber", "1"), ("Inner:Dept", "1"), ("Named:pond:Dept", "1"), ("Elsewhere:Far", "1"), ("Number:Below", "1"), ("Names:x", "y"));

        Assert.Equal([
            "Top:Elsewhere:Far: there is no such key.",
            "Top:Inner:Dept: there is no such key; did you mean Top:Inner:Depth?",
            "Top:Named:pond:Dept: there is no such key; did you mean Top:Named:pond:Depth?",
            "Top:Names:x: there is no such key.",
            "Top:Number:Below: there is no such key.",
            "Top:Nunber: there is no such key; did you mean Top:Number?",
        ], faults.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Null_means_not_set_where_there_is_room_for_it()
    {
        var (options, faults) = Bind(("Maybe", null), ("Text", ""), ("Name", null));

        Assert.Null(options.Maybe);
        Assert.Null(options.Text);
        Assert.Equal(["Top:Name: \"null\" is wrong, must be a value."], faults);
        Assert.Equal("default", options.Name);
    }

    private static (Options Options, IReadOnlyList<string> Faults) Bind(params (string Key, string? Value)[] values)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => new KeyValuePair<string, string?>("Top:" + v.Key, v.Value))).Build();
        var options = new Options();
        var faults = new Faults();
        OptionsBinder.Bind(configuration.GetSection("Top"), options, faults);
        return (options, faults.Lines);
    }

    public enum Color
    {
        Red,
        Green,
    }

    public sealed class Inner
    {
        public int Depth { get; set; }
    }

    public sealed class Options
    {
        public int Number { get; set; }

        public ushort Port { get; set; }

        public double Ratio { get; set; }

        public bool On { get; set; }

        public TimeSpan Span { get; set; }

        public IPAddress? Address { get; set; }

        public Color Color { get; set; }

        public string Name { get; set; } = "default";

        public string? Text { get; set; } = "set";

        public int? Maybe { get; set; } = 1;

        public IList<string> Names { get; init; } = [];

        public int[] Numbers { get; set; } = [];

        public Inner Inner { get; init; } = new();

        public IReadOnlyList<Inner> Items { get; set; } = [];

        public Dictionary<string, Inner> Named { get; set; } = [];
    }
}
