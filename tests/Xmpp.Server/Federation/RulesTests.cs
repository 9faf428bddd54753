using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Federation;
using Parley.Xmpp.Server.Federation.Resolution;

namespace Parley.tests.Xmpp.Server.Federation;

public sealed class RulesTests
{
    [Fact]
    public void Dialback_keys_are_those_of_XEP_0185()
    {
        var keys = new DialbackKeys("s3cr3tf0rd14lb4ck");
        const string Example = "37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe4a2686482ba5b89323075643";
        Assert.Equal(Example, keys.Make("xmpp.example.com", "example.org", "D60000229F"));
        Assert.True(keys.IsRight(Example, "xmpp.example.com", "example.org", "D60000229F"));
        Assert.False(keys.IsRight(Example, "example.org", "xmpp.example.com", "D60000229F"));
        Assert.False(keys.IsRight("", "xmpp.example.com", "example.org", "D60000229F"));
        // Those of another process are not ours.
        Assert.NotEqual(new DialbackKeys().Make("a.test", "b.test", "1"), new DialbackKeys().Make("a.test", "b.test", "1"));
    }

    // Whoever connects names a domain, and so where this server connects in turn.
    [Theory]
    [InlineData("203.0.113.7", null, "127.0.0.1", false)]
    [InlineData("203.0.113.7", null, "169.254.169.254", false)]
    [InlineData("203.0.113.7", null, "1", false)]
    [InlineData("203.0.113.7", null, "[::1]", false)]
    [InlineData("203.0.113.7", null, "198.51.100.1", true)]
    [InlineData("203.0.113.7", true, "127.0.0.1", true)]
    [InlineData("10.0.0.7", null, "10.0.0.8", true)]
    [InlineData("10.0.0.7", false, "10.0.0.8", false)]
    public async Task Private_networks_are_connected_to_only_from_within_one(string own, bool? setting, string domain, bool isReached)
    {
        var settings = new XmppServerSettings(new ServerOptions { Domain = "one.test" }, new(), new(), new()) { Federation = new FederationOptions { PrivateAddresses = setting } };
        var server = Substitute.For<IServerInfo>();
        server.AdvertisedAddress.Returns(System.Net.IPAddress.Parse(own));

        var (addresses, failure) = await new ServerResolver(settings, server).ResolveAsync(domain, TestContext.Current.CancellationToken);

        Assert.Equal(isReached, addresses.Count == 1);
        Assert.Equal(isReached, failure is null);
    }

    [Theory]
    [InlineData("", "", "any.test", true)]
    [InlineData("", "bad.test", "bad.test", false)]
    [InlineData("", "bad.test", "sub.bad.test", true)]
    [InlineData("", "*.bad.test", "sub.bad.test", false)]
    [InlineData("", "*.bad.test", "a.sub.bad.test", false)]
    [InlineData("", "*.bad.test", "bad.test", true)]
    [InlineData("", "*.bad.test", "notbad.test", true)]
    [InlineData("", "BAD.test", "bad.test", false)]
    [InlineData("good.test,*.good.test", "", "rooms.good.test", true)]
    [InlineData("good.test", "", "other.test", false)]
    [InlineData("*.good.test", "worse.good.test", "worse.good.test", false)]
    public void The_operator_names_whom_to_speak_with(string allow, string deny, string domain, bool isAllowed)
    {
        var options = new FederationOptions { Allow = allow.Split(',', StringSplitOptions.RemoveEmptyEntries), Deny = deny.Split(',', StringSplitOptions.RemoveEmptyEntries) };
        Assert.Equal(isAllowed, new FederationPolicy(options).Allows(domain));
    }

    [Fact]
    public void Targets_are_tried_by_priority_and_drawn_by_weight()
    {
        SrvTarget[] targets = [new(2, 0, "backup", 1, false), new(1, 60, "big", 1, false), new(1, 20, "small", 1, true), new(1, 0, "never", 1, false)];
        var first = new Dictionary<string, int>();
        var random = new Random(1);
        for (var i = 0; i < 4000; i++)
        {
            var order = SrvOrder.Of(targets, random.Next);
            Assert.Equal(4, order.Distinct().Count());
            Assert.Equal("backup", order[3].Host);
            first[order[0].Host] = first.GetValueOrDefault(order[0].Host) + 1;
        }

        Assert.InRange(first["big"], 2600, 3300);
        Assert.InRange(first["small"], 700, 1300);
        Assert.InRange(first["never"], 1, 200); // a small chance of its own
    }

    [Fact]
    public void What_is_wrong_in_the_settings_is_named()
    {
        var federation = new FederationOptions
        {
            TrustedRoots = "/nowhere.pem",
            Allow = ["good.test", "a@b"],
            Deny = ["*.*.test"],
            Nameservers = ["192.0.2.53", "dns.test"],
            RetryTime = TimeSpan.FromDays(2),
            QueueStanzas = 0,
            QueueBytes = 0,
            MaxDomains = 0,
            MaxDomainsPerSender = 0,
        };
        var faults = new XmppServerSettings(new ServerOptions(), new(), new(), new()) { Federation = federation }.Validate();
        Assert.Equal(
            ["Federation:Allow:1", "Federation:Deny:0", "Federation:MaxDomains", "Federation:MaxDomainsPerSender", "Federation:Nameservers:1", "Federation:QueueBytes", "Federation:QueueStanzas", "Federation:RetryTime", "Federation:TrustedRoots"],
            faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("localhost", null, false, false)]
    [InlineData("example.test", "127.0.0.1", false, false)]
    [InlineData("example.test", null, true, true)]
    public void It_is_on_unless_the_server_is_bound_to_loopback(string domain, string? bind, bool isOn, bool requiresTls)
    {
        var settings = new XmppServerSettings(new ServerOptions { Domain = domain, BindAddress = bind }, new(), new(), new());
        Assert.Equal((isOn, requiresTls), (settings.FederationEnabled, settings.FederationRequiresTls));
    }
}
