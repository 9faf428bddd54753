using Parley.Media.Core;
using Parley.Media.Core.Ice;
using Parley.Media.Core.Stun;

namespace Parley.tests.Media.Core.Ice;

public class IceAgentTests
{
    private static readonly AddressKey A = IceNetwork.At(1), B = IceNetwork.At(2), B2 = IceNetwork.At(3);
    private readonly IceNetwork _net = new();

    private (IceNetwork.Node Us, IceNetwork.Node Peer) Connect(bool weControl, bool peerControls)
    {
        var us = _net.AddNode(weControl, 1, A);
        var peer = _net.AddNode(peerControls, 2, B, B2);
        Describe(us, peer);
        peer.Probe(B, A, us.Credentials);
        _net.Run(2_000);
        return (us, peer);
    }

    private void Describe(IceNetwork.Node us, IceNetwork.Node peer)
    {
        us.Agent.SetRemote(peer.Credentials, [new(IceNetwork.At(99), 77)], _net.NowMs);
        peer.Agent.SetRemote(us.Credentials, [], _net.NowMs);
    }

    private static void AssertPath(IceNetwork.Node node, AddressKey local, AddressKey remote)
    {
        Assert.Equal(IceState.Connected, node.Agent.State);
        Assert.True(node.Agent.TryGetPath(out var l, out var r));
        Assert.Equal((local, remote), (l, r));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Two_agents_connect_whatever_roles_they_start_with(bool weControl, bool peerControls)
    {
        var (us, peer) = Connect(weControl, peerControls);
        AssertPath(us, A, B);
        AssertPath(peer, B, A);
        Assert.NotEqual(us.Agent.IsControlling, peer.Agent.IsControlling);
        Assert.Contains((A, B), us.Paths);
        if (weControl && !peerControls) Assert.Contains(_net.Log, d => d.From == A && Parse(d.Bytes).UseCandidate);
    }

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 1, true)]
    [InlineData(1, 2, false)]
    [InlineData(2, 1, false)]
    public void Refusals_of_several_checks_turn_a_role_once(int ourSeed, int theirSeed, bool control)
    {
        _net.DelayMs = 50; // two checks are on their way when the first is refused
        var us = _net.AddNode(control, ourSeed, A);
        var peer = _net.AddNode(control, theirSeed, B, B2);
        Describe(us, peer);
        peer.Probe(B, A, us.Credentials);
        peer.Probe(B2, A, us.Credentials);
        var (turns, before) = (0, (us.Agent.IsControlling, peer.Agent.IsControlling));
        _net.Run(3_000, _ =>
        {
            var now = (us.Agent.IsControlling, peer.Agent.IsControlling);
            if (now != before) turns++;
            before = now;
        });
        Assert.Equal(1, turns);
        Assert.NotEqual(us.Agent.IsControlling, peer.Agent.IsControlling);
        Assert.Equal(IceState.Connected, us.Agent.State);
    }

    [Fact]
    public void A_signalled_candidate_is_never_probed()
    {
        Connect(true, false);
        _net.Run(20_000);
        Assert.DoesNotContain(_net.Log, d => d.To == IceNetwork.At(99));
    }

    [Fact]
    public void Nobody_without_the_credentials_gets_an_answer()
    {
        var us = _net.AddNode(false, 1, A);
        var peer = _net.AddNode(true, 2);
        peer.Probe(B, A, us.Credentials); // before the description
        _net.Run(100);
        us.Agent.SetRemote(peer.Credentials, [], _net.NowMs);
        _net.Attach(peer, IceNetwork.At(50)); // answers would be logged all the same
        _net.Log.Clear();
        peer.Probe(B, A, new IceCredentials("ufragxyz", us.Credentials.Password));
        peer.Probe(B, A, us.Credentials, password: "wrong");
        _net.Send(B, A, new byte[20]);
        _net.Run(5_000);
        Assert.DoesNotContain(_net.Log, d => d.From == A);
        Assert.Empty(us.Paths);
    }

    [Fact]
    public void An_attribute_that_must_be_understood_is_refused_by_name()
    {
        var us = _net.AddNode(false, 1, A);
        var peer = _net.AddNode(true, 2);
        us.Agent.SetRemote(peer.Credentials, [], _net.NowMs);
        peer.Probe(B, A, us.Credentials, (StunAttribute)0x7123);
        _net.Run(100);
        var reply = Assert.Single(_net.Log, d => d.From == A).Bytes;
        Assert.True(StunMessage.TryParse(reply, out var message));
        Assert.True(message.TryGetErrorCode(out var code) && code == 420);
        Assert.True(message.TryGet(StunAttribute.UnknownAttributes, out var unknown));
        Assert.Equal("7123", Convert.ToHexString(unknown));
        Assert.Empty(us.Paths);
    }

    [Fact]
    public void Consent_is_asked_every_four_to_six_seconds()
    {
        Connect(false, true);
        _net.Log.Clear();
        _net.Run(120_000);
        var checks = _net.Log.Where(d => d.From == A && Parse(d.Bytes).Class == StunClass.Request).Select(d => d.At).ToList();
        Assert.InRange(checks.Count, 19, 30);
        Assert.All(checks.Zip(checks.Skip(1), (a, b) => b - a), gap => Assert.InRange(gap, 3_990, 6_020));
    }

    [Fact]
    public void Silence_ends_it_after_twelve_seconds_and_media_alone_after_thirty()
    {
        var (us, _) = Connect(false, true);
        _net.Passes = (_, _) => false;
        var cut = _net.NowMs;
        _net.Run(40_000, now => { if (us.Agent.State == IceState.Connected) us.Agent.OnSrtpReceived(now); });
        Assert.Equal(IceState.ConsentExpired, us.Agent.State);
        var last = _net.Log.Last(d => d.From == A).At;
        Assert.InRange(last - cut, 18_000, 30_000);
        Assert.Empty(us.Paths);
    }

    [Fact]
    public void Silence_alone_ends_it_after_twelve_seconds()
    {
        var (us, _) = Connect(false, true);
        _net.Passes = (_, _) => false;
        var end = 0L;
        var cut = _net.NowMs;
        _net.Run(13_000, now => { if (end == 0 && us.Agent.State == IceState.ConsentExpired) end = now; });
        Assert.InRange(end - cut, 6_000, 12_100); // counted from the last answer, at most one consent interval earlier
    }

    [Fact]
    public void Heavy_loss_does_not_end_it_while_media_flows()
    {
        var (us, peer) = Connect(true, false);
        var random = new Random(5);
        _net.Passes = (_, _) => random.Next(100) >= 15;
        _net.Run(300_000, now => { us.Agent.OnSrtpReceived(now); peer.Agent.OnSrtpReceived(now); });
        Assert.Equal(IceState.Connected, us.Agent.State);
    }

    [Fact]
    public void It_gives_up_thirty_seconds_after_the_description()
    {
        var us = _net.AddNode(false, 1, A);
        _net.Run(60_000);
        Assert.Equal(IceState.Checking, us.Agent.State);
        us.Agent.SetRemote(new("abcdefgh", "0123456789012345678901"), [], _net.NowMs);
        _net.Run(29_000);
        Assert.Equal(IceState.Checking, us.Agent.State);
        _net.Run(2_000);
        Assert.Equal(IceState.NeverConnected, us.Agent.State);
    }

    [Fact]
    public void A_controlling_peer_that_moves_is_followed()
    {
        var (us, peer) = Connect(false, true);
        AssertPath(us, A, B);
        _net.Passes = (from, to) => from != B && to != B;
        for (var i = 0; i < 3; i++)
        {
            peer.Probe(B2, A, us.Credentials, StunAttribute.UseCandidate);
            _net.Run(500);
        }

        AssertPath(us, A, B2);
        _net.Run(20_000);
        AssertPath(us, A, B2);
    }

    [Fact]
    public void A_controlled_peer_that_moves_is_followed()
    {
        var (us, peer) = Connect(true, false);
        _net.Passes = (from, to) => from != B && to != B;
        for (var i = 0; i < 12; i++)
        {
            peer.Probe(B2, A, us.Credentials);
            _net.Run(1_000);
        }

        AssertPath(us, A, B2);
        AssertPath(peer, B2, A);
    }

    [Fact]
    public void A_restart_keeps_the_old_path_until_the_new_one_is_selected()
    {
        var (us, peer) = Connect(false, true);
        us.Credentials = us.NewCredentials();
        us.Agent.Restart(us.Credentials);
        _net.Run(8_000);
        AssertPath(us, A, B); // the old credentials still serve consent
        Assert.NotNull(us.Agent.PreviousLocal);
        peer.Credentials = peer.NewCredentials();
        peer.Agent.Restart(peer.Credentials);
        Describe(us, peer);
        peer.Probe(B2, A, us.Credentials);
        _net.Run(2_000);
        AssertPath(us, A, B2);
        AssertPath(peer, B2, A);
        Assert.Null(us.Agent.PreviousLocal);
        Assert.DoesNotContain((A, B), us.Paths);
        _net.Run(30_000);
        AssertPath(us, A, B2);
    }

    [Fact]
    public void A_flood_of_sources_keeps_the_paths_bounded_and_the_selected_one_alive()
    {
        var (us, peer) = Connect(false, true);
        _net.Log.Clear();
        for (var i = 0; i < 2_000; i++) peer.Probe(IceNetwork.At(200, (ushort)(5_000 + i)), A, us.Credentials);
        _net.Run(20_000);
        Assert.InRange(us.Paths.Count, 1, 16);
        AssertPath(us, A, B);
        var checks = _net.Log.Count(d => d.From == A && Parse(d.Bytes).Class == StunClass.Request);
        Assert.InRange(checks, 0, 200);
    }

    [Fact]
    public void A_user_fragment_of_ours_is_found_by_its_key()
    {
        var us = _net.AddNode(false, 1, A);
        us.Probe(A, B, us.Credentials);
        Assert.True(StunMessage.TryParse(_net.Log[0].Bytes, out var check));
        Assert.True(IceCredentials.TryReadUfragKey(check, out var key));
        Assert.Equal(us.Credentials.UfragKey, key);
    }

    private static (StunClass Class, bool UseCandidate) Parse(byte[] bytes) =>
        StunMessage.TryParse(bytes, out var message) ? (message.Class, message.Has(StunAttribute.UseCandidate)) : default;
}
