using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>One-to-one calls by somebody else's Jingle client, each side behind a NAT that no hole can be punched through.</summary>
public sealed class NatCallTests : IAsyncDisposable
{
    private const string Password = "pw";
    private const string WebSocket = $"wss://{NatLab.Domain}/xmpp-websocket";

    private NatLab _lab = null!;
    private ServerProcess? _server;
    private JinglePerson[] _people = [];

    [Fact]
    public async Task A_call_connects_whatever_the_network_lets_out()
    {
        var (ann, bob) = await StartAsync(new NatLab());

        await TalkAsync(ann, bob, "relay/udp");

        _lab.NatA.Let(Outlet.NoUdp);
        await TalkAsync(ann, bob, "relay/tcp");

        _lab.NatA.Let(Outlet.Only443);
        await TalkAsync(bob, ann, "relay/tls");
    }

    [Fact]
    public async Task Without_TURN_it_does_not_which_proves_that_the_NATs_are_real()
    {
        var (ann, bob) = await StartAsync(new NatLab(), "--Turn:Enabled", "false");
        Assert.Empty(ann.Servers);

        await ann.CallAsync(bob);

        await Task.Delay(CallTest.IsLong ? TimeSpan.FromSeconds(30) : TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        foreach (var person in _people)
        {
            var view = await person.ViewAsync();
            Assert.NotEqual("connected", view.State);
            Assert.Equal((0, 0), (view.Frames, view.Audio));
        }
    }

    [Fact]
    public async Task Two_with_TURN_over_TCP_alone_meet_behind_a_server_with_a_mapped_address_and_outlive_their_credentials()
    {
        var lifetime = TimeSpan.FromSeconds(10);
        var (ann, bob) = await StartAsync(
            new NatLab(isServerBehindNat: true), "--Server:AdvertisedAddress", NatLab.PublicAddress, "--Plugins:TurnCredentials:Lifetime", lifetime.ToString());
        _lab.NatA.Let(Outlet.NoUdp);
        _lab.NatB.Let(Outlet.NoUdp);

        await ann.CallAsync(bob);
        foreach (var person in _people) await person.ReceivesAsync(TimeSpan.FromSeconds(20));
        await Task.WhenAll(_people.Select(p => p.KeepsReceivingAsync(lifetime + CallTest.Watch)));

        foreach (var person in _people)
        {
            var view = await person.ViewAsync();
            Assert.Contains(view.Ways, w => w.StartsWith("relay/tcp-", StringComparison.Ordinal) || w.StartsWith("relay/tls-", StringComparison.Ordinal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed && _server is not null) TestContext.Current.TestOutputHelper?.WriteLine(_server.Command.Text);
        foreach (var person in _people) await person.DisposeAsync();
        _server?.Dispose();
        _lab?.Dispose();
    }

    private async Task<(JinglePerson Ann, JinglePerson Bob)> StartAsync(NatLab lab, params string[] settings)
    {
        _lab = lab;
        _server = await ServerProcess.StartAsync(lab.Server, settings: ["--Server:Domain", NatLab.Domain, "--Listeners:Https:Port", "443", .. settings]);
        _server.AddUser($"ann@{NatLab.Domain}", Password);
        _server.AddUser($"bob@{NatLab.Domain}", Password);
        _people = await Task.WhenAll(JinglePerson.OpenAsync(lab.HostA, "ann"), JinglePerson.OpenAsync(lab.HostB, "bob"));
        await Task.WhenAll(_people.Select(p => p.LogInAsync(Password, WebSocket)));
        return (_people[0], _people[1]);
    }

    // The way is the one of ann, whose network changes.
    private static async Task TalkAsync(JinglePerson caller, JinglePerson called, string way)
    {
        await caller.CallAsync(called);
        var views = await Task.WhenAll(caller.ReceivesAsync(TimeSpan.FromSeconds(20)), called.ReceivesAsync(TimeSpan.FromSeconds(20)));
        await Task.WhenAll(caller.KeepsReceivingAsync(CallTest.Watch), called.KeepsReceivingAsync(CallTest.Watch));
        views = await Task.WhenAll(caller.ViewAsync(), called.ViewAsync());
        Assert.All(views, v => Assert.All(v.Ways, w => Assert.Contains("relay", w, StringComparison.Ordinal)));
        Assert.Contains(views, v => v.Ways.Any(w => w.StartsWith(way + "-", StringComparison.Ordinal)));
        await caller.EndAsync();
    }
}
