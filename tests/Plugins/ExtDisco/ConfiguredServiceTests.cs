using System.Security.Cryptography;
using System.Text;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.ExtDisco;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.ExtDisco;

/// <summary>Servers beside this one, who may ask, and the first version of the protocol.</summary>
public sealed class ConfiguredServiceTests
{
    private static readonly ExternalService Stun = new("stun", "192.0.2.1", 3478, "udp", false);
    private static readonly ExternalService Turn = new("turn", "192.0.2.1", 3478, "udp", true);

    [Fact]
    public async Task Another_server_is_listed_behind_our_own_with_credentials_of_its_own()
    {
        using var lab = Lab(
            new ServiceOptions { Type = "turn", Host = "turn.example.net", Secret = "north-north" },
            new ServiceOptions { Type = "turns", Host = "turn.example.net", Username = "fixed", Password = "word", Name = "Relay" },
            new ServiceOptions { Type = "stun", Host = "2001:db8::1", Port = 19302 },
            new ServiceOptions { Type = "turn", Host = "192.0.2.1", Secret = "north-north" }); // ours already
        var all = (await lab.AskAsync(Services())).Payload!.Children.ToList();
        Assert.Equal(["turn/udp 192.0.2.1:3478", "turn/udp turn.example.net:3478", "stun/udp 192.0.2.1:3478", "turns/tcp turn.example.net:5349", "stun/udp 2001:db8::1:19302", "turn/udp 192.0.2.1:3478"],
            all.Select(s => $"{s["type"]}/{s["transport"]} {s["host"]}:{s["port"]}"));
        Assert.Equal(("u", "pw"), (all[0]["username"], all[0]["password"]));

        var (rest, again) = (all[1], (await lab.AskAsync(Services("turn"), from: "ann@example.org/another")).Payload!.Children.ElementAt(1));
        Assert.Matches("^1800043200:[A-Za-z0-9_-]{16}$", rest["username"]!);
        Assert.DoesNotContain("ann", rest["username"]!, StringComparison.Ordinal);
        Assert.Equal(Hmac("north-north", rest["username"]!), rest["password"]);
        Assert.Equal("2027-01-15T20:00:00Z", rest["expires"]);
        Assert.Equal(rest["username"], again["username"]); // one account is one to the other server, so that it can count
        Assert.NotEqual(rest["username"], (await lab.AskAsync(Services("turn"), from: "bob@example.org/x")).Payload!.Children.ElementAt(1)["username"]);

        Assert.Equal(("fixed", "word", "true", null, "Relay"), (all[3]["username"], all[3]["password"], all[3]["restricted"], all[3]["expires"], all[3]["name"]));
        Assert.Equal((null, null), (all[4]["restricted"], all[4]["username"]));
    }

    [Fact]
    public async Task Another_server_needs_no_issuer_of_ours()
    {
        var none = Substitute.For<IContributions<ITurnCredentialIssuer>>();
        none.Items.Returns([]);
        using var lab = new DiscoLab([Stun, Turn], none, new ExtDiscoOptions { Services = { new ServiceOptions { Type = "turn", Host = "turn.example.net", Secret = "north-north" } } });
        Assert.Equal(["turn.example.net", "192.0.2.1"], (await lab.AskAsync(Services())).Payload!.Children.Select(s => s["host"]));
        var given = (await lab.AskAsync(CredentialsFor("turn.example.net"))).Payload!;
        Assert.StartsWith("1800043200:", Assert.Single(given.Children)["username"]!, StringComparison.Ordinal);
        Assert.Equal(StanzaCondition.ItemNotFound, StanzaError.Of(await lab.AskAsync(CredentialsFor("192.0.2.1"))).Condition);
    }

    [Theory]
    [InlineData(true, SenderKind.Account, "ann@example.org/x", false)]
    [InlineData(true, SenderKind.Guest, "g@guest.example.org/x", false)]
    [InlineData(true, SenderKind.Component, "calls.example.org", false)]
    [InlineData(true, SenderKind.Component, "bridge.example.org", true)]
    [InlineData(true, SenderKind.Remote, "friend@friends.example/x", true)]
    [InlineData(true, SenderKind.Remote, "friend@sub.friends.example/x", false)]
    [InlineData(false, SenderKind.Account, "ann@example.org/x", true)]
    [InlineData(false, SenderKind.Remote, "friend@friends.example/x", false)]
    public async Task Who_may_ask_is_the_operators_to_say(bool isClosed, SenderKind kind, string from, bool isAnswered)
    {
        using var lab = Lab();
        if (isClosed) lab.Options = new ExtDiscoOptions { Accounts = false, Guests = false, Components = false, Domains = { "bridge.example.org", "Friends.example" } };
        foreach (var payload in (Element[])[Services(), CredentialsFor("192.0.2.1")])
        {
            var answer = await lab.AskAsync(payload, kind, from);
            if (isAnswered) Assert.Equal("result", answer.Type);
            else Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(answer).Condition);
        }
    }

    [Fact]
    public async Task Older_clients_are_answered_in_their_version()
    {
        using var lab = Lab();
        var services = (await lab.AskAsync(new Element("services", Ns.ExtDisco1))).Payload!;
        Assert.True(services.Is("services", Ns.ExtDisco1));
        var turn = services.Children.First();
        Assert.True(turn.Is("service", Ns.ExtDisco1));
        Assert.Equal(("turn", "u", "pw", null, null), (turn["type"], turn["username"], turn["password"], turn["expires"], turn["restricted"]));
        var given = (await lab.AskAsync(new Element("credentials", Ns.ExtDisco1).Add("service", s => s.Attr("type", "turn").Attr("host", "192.0.2.1")))).Payload!;
        Assert.Equal("pw", Assert.Single(given.ChildrenNamed("service", Ns.ExtDisco1))["password"]);
    }

    [Fact]
    public void Every_fault_of_a_service_is_named()
    {
        string[] Faults(ServiceOptions service) => [.. ServiceOptions.Validate(service).Select(f => f.Split(':')[0])];
        Assert.Empty(Faults(new ServiceOptions { Type = "turn", Host = "turn.example.net", Secret = "a-secret" }));
        Assert.Empty(Faults(new ServiceOptions { Type = "ftp", Host = "files.example.net", Port = 21, Transport = "tcp" }));
        Assert.Equal(["Type", "Host"], Faults(new ServiceOptions()));
        Assert.Equal(["Port", "Transport"], Faults(new ServiceOptions { Type = "stun", Host = "192.0.2.1", Port = 70000, Transport = "sctp" }));
        Assert.Equal(["Port"], Faults(new ServiceOptions { Type = "ftp", Host = "192.0.2.1" }));
        Assert.Equal(["Secret"], Faults(new ServiceOptions { Type = "turn", Host = "192.0.2.1" }));
        Assert.Equal(["Username", "Secret"], Faults(new ServiceOptions { Type = "turn", Host = "192.0.2.1", Password = "p" }));
        Assert.Equal(["Secret"], Faults(new ServiceOptions { Type = "turn", Host = "192.0.2.1", Username = "u", Password = "p", Secret = "a-secret" }));
        foreach (var secret in (string[])["short", "with a blank", "ümlauts-too", ""]) Assert.Equal(["Secret"], Faults(new ServiceOptions { Type = "turn", Host = "192.0.2.1", Secret = secret }));
        Assert.Equal(["Name"], Faults(new ServiceOptions { Type = "stun", Host = "192.0.2.1", Name = "bell\u0007" }));

        var options = new ExtDiscoOptions
        {
            Domains = { "a@b" },
            Lifetime = TimeSpan.FromDays(31),
            Services = { new ServiceOptions { Type = "stun", Host = "h.example" }, new ServiceOptions { Type = "stun", Host = "H.example", Port = 3478 }, new ServiceOptions { Type = "stun", Host = "??" } },
        };
        Assert.Equal(["Domains:0", "Lifetime", "Services:2:Host", "Services:1"], ExtDiscoOptions.Validate(options).Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]));
    }

    private static DiscoLab Lab(params ServiceOptions[] services)
    {
        var issuer = Substitute.For<ITurnCredentialIssuer>();
        issuer.Issue(Arg.Any<ServiceRequester>()).Returns(new Parley.Plugin.Abstractions.TurnCredentials("u", "pw", DateTimeOffset.FromUnixTimeSeconds(1_800_043_200)));
        var issuers = Substitute.For<IContributions<ITurnCredentialIssuer>>();
        issuers.Items.Returns([issuer]);
        return new DiscoLab([Stun, Turn], issuers, new ExtDiscoOptions { Services = [.. services] });
    }

    private static Element Services(string? type = null) => new Element("services", Ns.ExtDisco).Attr("type", type);

    private static Element CredentialsFor(string host) => new Element("credentials", Ns.ExtDisco).Add("service", s => s.Attr("type", "turn").Attr("host", host));

#pragma warning disable CA5350 // The form demands SHA-1.
    private static string Hmac(string secret, string username) => Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username)));
#pragma warning restore CA5350
}
