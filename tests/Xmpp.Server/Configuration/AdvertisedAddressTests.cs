using System.Net;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Routing;

namespace Parley.tests.Xmpp.Server.Configuration;

public sealed class AdvertisedAddressTests
{
    private const string Private = "10.1.2.3";
    private static readonly IPAddress Public = IPAddress.Parse("198.51.100.1");

    private readonly List<(DnsEndPoint Server, IPAddress Bind)> _asked = [];
    private IPAddress? _seen = Public;

    [Fact]
    public void Auto_asks_a_stun_server_where_the_own_address_is_private()
    {
        Assert.Equal(Public, AdvertisedAddressResolver.Resolve(Settings(), Ask));
        Assert.Equal((new DnsEndPoint("stun.example.net", 3479), IPAddress.Parse(Private)), Assert.Single(_asked));

        // One that is public already needs nobody to say so, and a server for this machine alone is not told of.
        Assert.Equal("198.51.100.7", AdvertisedAddressResolver.Resolve(Settings("198.51.100.7"), Ask).ToString());
        Assert.Equal(IPAddress.Loopback, AdvertisedAddressResolver.Resolve(Settings("127.0.0.1"), Ask));
        Assert.Single(_asked);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("192.168.1.1")]
    [InlineData("0.0.0.0")]
    public void An_answer_of_no_use_leaves_the_own_address_with_a_warning(string? seen)
    {
        _seen = seen is null ? null : IPAddress.Parse(seen);
        var settings = Settings();

        var found = AdvertisedAddressResolver.Resolve(settings, Ask);

        Assert.Equal(Private, found.ToString());
        Assert.Contains("stun.example.net:3479 was asked and told no other", Assert.Single(AdvertisedAddressResolver.Warn(settings, found)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_server_follows_what_it_is_told_and_keeps_it_when_told_nothing()
    {
        var server = new ServerInfo(Settings(), new RoutingTableHolder(), Ask);
        Assert.Equal(Public, server.AdvertisedAddress);
        Assert.False(server.LookAgain());

        _seen = null;
        Assert.False(server.LookAgain());
        Assert.Equal(Public, server.AdvertisedAddress);

        _seen = IPAddress.Parse("203.0.113.9");
        Assert.True(server.LookAgain());
        Assert.Equal(_seen, server.AdvertisedAddress);
    }

    [Fact]
    public void An_interface_that_comes_up_beside_the_chosen_one_changes_nothing()
    {
        var settings = new XmppServerSettings(new ServerOptions { Domain = "chat.example.org" }, new(), new(), new());
        IPAddress first = IPAddress.Parse("192.168.1.5"), bridge = IPAddress.Parse("172.17.0.1"), other = IPAddress.Parse("192.168.1.6");
        Assert.Equal(first, AdvertisedAddressResolver.Auto(settings, null, null, [first]));

        Assert.Equal(first, AdvertisedAddressResolver.Auto(settings, null, first, [bridge, first]));
        Assert.Equal(first, AdvertisedAddressResolver.Auto(settings, null, first, []));
        Assert.Equal(other, AdvertisedAddressResolver.Auto(settings, null, first, [other, bridge]));
    }

    [Fact]
    public void A_name_that_leads_nowhere_is_told_by_its_key()
    {
        var settings = new XmppServerSettings(new ServerOptions { Domain = "chat.example.org", AdvertisedAddress = "nowhere.invalid" }, new(), new(), new());

        Assert.Equal("Server:AdvertisedAddress", Assert.Throws<StartFailureException>(() => AdvertisedAddressResolver.Resolve(settings, Ask)).Key);
    }

    [Theory]
    [InlineData("stun.example.net", true)]
    [InlineData("STUN.example.net:3479", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("192.0.2.1:99", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("[2001:db8::1]:3478", true)]
    [InlineData("", false)]
    [InlineData("stun:stun.example.net", false)]
    [InlineData("stun.example.net:0", false)]
    [InlineData("stun.example.net:70000", false)]
    [InlineData("stun.example.net/x", false)]
    [InlineData("two words", false)]
    public void The_stun_server_is_checked_at_the_start(string text, bool isGood)
    {
        var faults = new XmppServerSettings(new ServerOptions { Domain = "chat.example.org", StunServer = text }, new(), new(), new()).Validate();

        if (isGood) Assert.Empty(faults);
        else Assert.StartsWith($"Server:StunServer: \"{text}\"", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_of_ones_own_and_a_stun_server_are_one_too_many()
    {
        var settings = new XmppServerSettings(new ServerOptions { Domain = "chat.example.org", AdvertisedAddress = "198.51.100.1", StunServer = "stun.example.net" }, new(), new(), new());

        Assert.StartsWith("Server:StunServer: is asked only where", Assert.Single(settings.Validate()), StringComparison.Ordinal);
    }

    private static XmppServerSettings Settings(string bind = Private) =>
        new(new ServerOptions { Domain = "chat.example.org", BindAddress = bind, StunServer = "stun.example.net:3479" }, new(), new(), new());

    private IPAddress? Ask(DnsEndPoint server, IPAddress bind)
    {
        _asked.Add((server, bind));
        return _seen;
    }
}
