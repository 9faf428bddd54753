using System.Net;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Tools;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent.Moderation;

/// <summary>Whoever is kicked is out with all that is theirs, and finds no other way back.</summary>
public sealed class KickTests : IAsyncLifetime
{
    private readonly CallLab _lab = new(new FocusAgentOptions { OpenTo = OpenTo.Guests, RawUdp = new() { Enabled = true, AllowedNetworks = { "10.1.2.0/24" }, AllowedAccounts = { "ben@example.org" } } });
    private readonly Client _ann, _ben;

    public KickTests()
    {
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true };
        _ann = new Client(_lab, "ann@example.org/page");
        _ben = new Client(_lab, "ben@example.org/page");
    }

    public async ValueTask InitializeAsync()
    {
        await _ann.JoinAsync();
        await _ben.JoinAsync(nick: "Ben");
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task All_clients_of_an_account_go()
    {
        var phone = new MixedCaller(_lab, "ben@example.org/phone");
        await phone.CallAsync(null, phone.Audio());
        var page = await new Client(_lab, "ben@example.org/page2").JoinAsync(token: "ben-s-second-token-0123456789");
        Assert.Equal(4, _lab.Relay.Endpoints.Count);
        await _ann.ModerateAsync("kick", ("participant", _ben.ParticipantId));
        Assert.Equal("Ann removed you from the call.", _ben.Ended!.Text);
        Assert.Equal("Ann removed you from the call.", page.Ended!.Text);
        Assert.Equal(JingleCondition.Decline, phone.Client.Ended!.Condition);
        Assert.Single(_lab.Relay.Endpoints);
        await _lab.TickAsync();
        Assert.Single(_ann.State.Extension!.ChildrenNamed("banned", ModerationNames.Namespace));
    }

    [Fact]
    public async Task Media_tools_that_somebody_brought_go_with_them()
    {
        var made = await _lab.Tools.ConnectAsync(new(Client.RoomAddress, "Spy", IPAddress.Parse("10.1.2.3"), new(5004, "opus"), null), new ToolOwner(_ben.Jid, new Caller(SenderKind.Account)), TestContext.Current.CancellationToken);
        var other = await _lab.Tools.ConnectAsync(new(Client.RoomAddress, "Studio", IPAddress.Parse("10.1.2.4"), new(5004, "opus"), null), TestContext.Current.CancellationToken);
        Assert.Equal((MediaToolResult.Done, MediaToolResult.Done), (made.Result, other.Result));
        await _ann.ModerateAsync("kick", ("participant", _ben.ParticipantId));
        Assert.Equal(other.Id, Assert.Single(_lab.Tools.List()).Id);
        Assert.Equal(2, _lab.Relay.Endpoints.Count);
    }

    [Fact]
    public async Task A_call_of_theirs_that_is_still_asked_what_it_can_do_does_not_come_in()
    {
        var client = new AvClient(_lab, "ben@example.org/av", isBundling: true);
        var answer = Hold(client);
        Assert.Equal("result", (await client.Wire.AskAsync(client.Offer())).Type);
        await _ann.ModerateAsync("kick", ("participant", _ben.ParticipantId));
        await answer();
        Assert.Empty(client.Wire.Of(JingleAction.SessionAccept));
        Assert.Equal(JingleCondition.Decline, client.Wire.Ended!.Condition);
        Assert.Single(_lab.Relay.Endpoints);
    }

    // What is set while its client is asked what it can do holds for it as for whoever calls then.
    [Theory]
    [InlineData("locked")]
    [InlineData("members-only")]
    [InlineData("password")]
    [InlineData("lobby")]
    public async Task What_is_set_while_a_caller_is_still_asked_what_it_can_do_holds_for_it(string what)
    {
        var client = new AvClient(_lab, "cem@example.org/av", isBundling: true);
        var answer = Hold(client);
        Assert.Equal("result", (await client.Wire.AskAsync(client.Offer())).Type);
        Assert.Equal("result", (await _ann.AskAsync(Policy(what))).Type);
        await answer();
        Assert.Empty(client.Wire.Of(JingleAction.SessionAccept));
        Assert.Equal(2, _lab.Relay.Endpoints.Count);
        if (what != "lobby")
        {
            Assert.Equal(JingleCondition.Decline, client.Wire.Ended!.Condition);
            return;
        }

        // It waits like everybody, and comes in once it is let in, whatever is set meanwhile.
        Assert.Null(client.Wire.Ended);
        await _lab.TickAsync();
        var caller = Assert.Single(_ann.State.Extension!.ChildrenNamed("caller", ModerationNames.Namespace))["id"]!;
        var again = Hold(client);
        Assert.Equal("result", (await _ann.ModerateAsync("admit", ("caller", caller))).Type);
        Assert.Equal("result", (await _ann.AskAsync(Policy("locked"))).Type);
        await again();
        Assert.Single(client.Wire.Of(JingleAction.SessionAccept));
        Assert.Equal(3, _lab.Relay.Endpoints.Count);
    }

    // Their telephone is on another network: they may be there too, as a guest.
    [Fact]
    public async Task A_guest_from_where_another_client_of_theirs_was_waits_until_they_may_come_back()
    {
        var (home, phone) = (IPAddress.Parse("192.0.2.7"), IPAddress.Parse("198.51.100.9"));
        var eve = await new Client(_lab, "eve@example.org/page") { Network = home }.JoinAsync(token: "eve-s-first-token-0123456789");
        await new Client(_lab, "eve@example.org/phone") { Network = phone }.JoinAsync(token: "eve-s-second-token-0123456789");
        await _ann.ModerateAsync("kick", ("participant", eve.ParticipantId));
        var guest = Guest(1, phone);
        await guest.CallAsync();
        Assert.Equal("waiting", Assert.Single(guest.Notices).Name);

        await _lab.TickAsync();
        var ban = Assert.Single(_ann.State.Extension!.ChildrenNamed("banned", ModerationNames.Namespace))["id"]!;
        Assert.Equal("result", (await _ann.ModerateAsync("allow", ("ban", ban))).Type);
        await Guest(2, phone).JoinAsync(token: "another-token-0123456789");
    }

    [Fact]
    public async Task A_guest_who_came_before_with_another_token_is_not_known_by_that_one()
    {
        var network = IPAddress.Parse("192.0.2.7");
        var first = await Guest(1, network).JoinAsync(token: "first-token-0123456789");
        await first.AskAsync(new JingleMessage(JingleAction.SessionTerminate, first.Sid) { Reason = new JingleReason(JingleCondition.Success) });
        var second = await Guest(2, network).JoinAsync(token: "second-token-0123456789");
        await _ann.ModerateAsync("kick", ("participant", second.ParticipantId));
        var again = Guest(3, network);
        await again.CallAsync(token: "first-token-0123456789");
        Assert.Empty(again.Of(JingleAction.SessionAccept));
        Assert.Equal("waiting", Assert.Single(again.Notices).Name);
    }

    [Fact]
    public async Task An_account_does_not_come_back_as_a_guest_by_a_token_of_before()
    {
        var network = IPAddress.Parse("192.0.2.7");
        var before = await Guest(1, network).JoinAsync(token: "first-token-0123456789");
        await before.AskAsync(new JingleMessage(JingleAction.SessionTerminate, before.Sid) { Reason = new JingleReason(JingleCondition.Success) });
        var account = new Client(_lab, "eve@example.org/page") { Network = network };
        await account.JoinAsync(token: "other-token-0123456789");
        await _ann.ModerateAsync("kick", ("participant", account.ParticipantId));
        var again = Guest(2, network);
        await again.CallAsync(token: "first-token-0123456789");
        Assert.Empty(again.Of(JingleAction.SessionAccept));
        Assert.Equal("waiting", Assert.Single(again.Notices).Name);
    }

    [Theory]
    [InlineData("2001:db8:1:2::7", "2001:db8:1:2:ffff::1", true)]
    [InlineData("2001:db8:1:2::7", "2001:db8:1:3::7", false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    public async Task A_guest_is_suspected_by_the_network_that_is_one_persons(string before, string after, bool waits)
    {
        var guest = await Guest(1, IPAddress.Parse(before)).JoinAsync();
        await _ann.ModerateAsync("kick", ("participant", guest.ParticipantId));
        var again = Guest(2, IPAddress.Parse(after));
        await again.CallAsync();
        Assert.Equal(waits, again.Of(JingleAction.SessionAccept).Count == 0);
    }

    // Keeps back what a client says of what it can do, until the work that comes back is done.
    private Func<Task> Hold(AvClient client)
    {
        var asked = new TaskCompletionSource();
        _lab.Answer = async iq =>
        {
            if (iq.To == client.Wire.Jid && iq.Payload!.Is("query", Ns.DiscoInfo)) await asked.Task;
            return iq.Result(iq.Payload!.Is("query", Ns.DiscoInfo) ? new Element("query", Ns.DiscoInfo).Add(client.Features.Select(f => new Element("feature", Ns.DiscoInfo).Attr("var", f))) : null);
        };
        return async () =>
        {
            asked.SetResult();
            await _lab.SettleAsync();
        };
    }

    private static Element Policy(string what) => what == "password"
        ? new Element("policy", ModerationNames.Namespace).Add("password", p => p.Text("open sesame"))
        : new Element("policy", ModerationNames.Namespace).Attr(what, "true");

    private Client Guest(int number, IPAddress network) => new(_lab, $"g{number}@guest.example.org/page") { Kind = SenderKind.Guest, Network = network };
}
