using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.ExtDisco;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.ExtDisco;

/// <summary>XEP-0215 section 3.2: who asked is told what changes.</summary>
public sealed class PushTests
{
    private static readonly ExternalService Stun = new("stun", "192.0.2.1", 3478, "udp", false);
    private static readonly ExternalService Turn = new("turn", "192.0.2.1", 3478, "udp", true);
    private readonly ITurnCredentialIssuer _issuer = Substitute.For<ITurnCredentialIssuer>();
    private readonly IContributions<ITurnCredentialIssuer> _issuers = Substitute.For<IContributions<ITurnCredentialIssuer>>();

    public PushTests()
    {
        _issuer.Issue(Arg.Any<ServiceRequester>()).Returns(new Parley.Plugin.Abstractions.TurnCredentials("u", "pw", DateTimeOffset.FromUnixTimeSeconds(1_800_043_200)));
        _issuers.Items.Returns([_issuer]);
    }

    [Fact]
    public async Task Another_address_is_told_to_those_who_asked_and_to_nobody_else()
    {
        using var lab = new DiscoLab([Stun, Turn], _issuers);
        await lab.AskAsync(Services());
        await lab.AskAsync(Services(), SenderKind.Component, "bridge.example.org", "none");
        Assert.Empty(await lab.LookAsync()); // nothing changed

        lab.Services = [Stun with { Host = "198.51.100.7" }, Turn with { Host = "198.51.100.7" }];
        var push = Assert.Single(await lab.LookAsync());
        Assert.Equal(("set", "example.org", "ann@example.org/x"), (push.Type, push.From!.ToString(), push.To!.ToString()));
        Assert.True(push.Payload!.Is("services", Ns.ExtDisco));
        Assert.Equal(["add turn 198.51.100.7", "add stun 198.51.100.7", "delete turn 192.0.2.1", "delete stun 192.0.2.1"], Words(push));
        var turn = push.Payload.Children.First();
        Assert.Equal(("u", "pw", "2027-01-15T20:00:00Z", "true"), (turn["username"], turn["password"], turn["expires"], turn["restricted"]));
        Assert.Null(push.Payload.Children.Last()["username"]);
        Assert.Empty(await lab.LookAsync()); // told once
    }

    [Fact]
    public async Task Only_the_type_that_was_asked_for_is_told_in_the_version_that_was_asked_in()
    {
        using var lab = new DiscoLab([Stun, Turn], _issuers);
        await lab.AskAsync(Services("stun"));
        await lab.AskAsync(Services(ns: Ns.ExtDisco1), from: "bob@example.org/jitsi", session: "s2");
        lab.Services = [Stun, Turn with { Port = 443 }];
        var push = Assert.Single(await lab.LookAsync());
        Assert.Equal("bob@example.org/jitsi", push.To!.ToString());
        Assert.True(push.Payload!.Is("services", Ns.ExtDisco1));
        Assert.Equal(["add turn 192.0.2.1", "delete turn 192.0.2.1"], Words(push));
        Assert.Null(push.Payload.Children.First()["expires"]); // which the first version did not know

        lab.Services = [Turn with { Port = 443 }];
        Assert.Equal("stun", (await lab.LookAsync()).Single(p => p.To!.Local == "ann").Payload!["type"]);
    }

    [Fact]
    public async Task A_changed_configuration_is_told_at_once()
    {
        using var lab = new DiscoLab([Turn], _issuers);
        await lab.Pushes.StartAsync(TestContext.Current.CancellationToken);
        await lab.AskAsync(Services());
        for (var i = 0; i < 500 && !lab.IsListening; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        var changed = new ExtDiscoOptions { Services = { new ServiceOptions { Type = "turns", Host = "turn.example.net", Secret = "a-shared-secret" } } };
        lab.Reload(changed);
        for (var i = 0; i < 500 && lab.Pushed.Count == 0; i++) await Task.Delay(10, TestContext.Current.CancellationToken); // the clock stands still
        Assert.Equal(["add turns turn.example.net"], Words(Assert.Single(lab.Pushed)));
        // Another secret is another password: the service is modified.
        lab.Reload(new ExtDiscoOptions { Services = { new ServiceOptions { Type = "turns", Host = "turn.example.net", Secret = "another-shared-secret" } } });
        for (var i = 0; i < 500 && lab.Pushed.Count < 2; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal(["modify turns turn.example.net"], Words(lab.Pushed[1]));
        await lab.Pushes.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Revoked_credentials_are_replaced()
    {
        using var lab = new DiscoLab([Stun, Turn], _issuers);
        await lab.AskAsync(Services());
        await lab.AskAsync(Services("stun"), from: "bob@example.org/x", session: "s2");
        _issuer.Generation.Returns(1);
        var push = Assert.Single(await lab.LookAsync());
        Assert.Equal(["modify turn 192.0.2.1"], Words(push));
        Assert.Equal("pw", push.Payload!.Children.Single()["password"]);
        Assert.Empty(await lab.LookAsync());
    }

    [Fact]
    public async Task Who_left_who_may_not_ask_and_who_knows_no_pushes_is_told_nothing()
    {
        using var lab = new DiscoLab([Turn], _issuers);
        foreach (var session in (string[])["left", "guest", "simple", "busy"])
            await lab.AskAsync(Services(), session == "guest" ? SenderKind.Guest : SenderKind.Account, $"{session}@example.org/x", session);
        lab.Gone.Add("left");
        lab.Options = new ExtDiscoOptions { Guests = false };
        lab.Answer = iq => iq.To!.Local == "simple" ? (Iq)iq.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable))
            : (Iq)iq.ErrorReply(new StanzaError(StanzaCondition.RemoteServerTimeout)); // no answer says nothing
        lab.Services = [Turn with { Port = 1 }];
        Assert.Equal(["busy", "simple"], (await lab.LookAsync()).Select(p => p.To!.Local!).Order());
        Assert.Equal(2, lab.Askers.Count); // the guest and the busy one
        lab.Services = [Turn with { Port = 2 }];
        Assert.Equal("busy", Assert.Single(await lab.LookAsync()).To!.Local);
    }

    [Fact]
    public async Task Who_asks_for_several_types_hears_of_all()
    {
        using var lab = new DiscoLab([Stun, Turn], _issuers);
        await lab.AskAsync(Services("stun"));
        await lab.AskAsync(Services("turn"));
        lab.Services = [Turn with { Port = 1 }];
        Assert.Equal(["add turn 192.0.2.1", "delete turn 192.0.2.1", "delete stun 192.0.2.1"], Words(Assert.Single(await lab.LookAsync())));
    }

    [Fact]
    public async Task The_memory_of_those_who_asked_is_bounded_and_forgets_who_left()
    {
        using var lab = new DiscoLab([Stun], _issuers);
        for (var i = 0; i < 1000; i++)
        {
            await lab.AskAsync(Services(), session: $"s{i}");
            lab.Gone.Add($"s{i}");
        }

        Assert.True(lab.Askers.Count <= 257, $"{lab.Askers.Count}");
        lab.Gone.Clear();
        for (var i = 0; i < Askers.MaxAskers + 100; i++) await lab.AskAsync(Services(), session: $"t{i}");
        Assert.Equal(Askers.MaxAskers, lab.Askers.Count);
    }

    private static Element Services(string? type = null, string ns = Ns.ExtDisco) => new Element("services", ns).Attr("type", type);

    private static IEnumerable<string> Words(Iq push) => push.Payload!.Children.Select(s => $"{s["action"]} {s["type"]} {s["host"]}");
}
