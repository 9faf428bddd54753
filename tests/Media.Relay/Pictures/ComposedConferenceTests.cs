using Parley.Media.Control;
using Parley.Media.Core.Rtcp;
using Parley.Media.Core.Video;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Pictures;

/// <summary>Endpoints that get everybody in one picture; every frame is encoded and decoded by libvpx.</summary>
public sealed class ComposedConferenceTests : IDisposable
{
    private const uint Slot = 78_000_000;

    private readonly VirtualPictures _mixer = new();
    private readonly VirtualRelay _relay;
    private readonly List<IDisposable> _open = [];

    public ComposedConferenceTests() => _relay = new(pictures: _mixer);

    [Fact]
    public void Everybody_is_seen_in_one_picture_whose_size_follows_the_line()
    {
        var peers = Fill(3);
        var cameras = Cameras(peers, 2); // the third has none
        var screen = Open(new Screen(peers[2], Slot));
        Run(2_000, cameras, [screen]);
        Assert.Equal((640, 360), SizeOf(screen));
        AssertSeen(screen, [0, 1, -1]);
        Assert.Equal(0, screen.Errors);

        // All is well: the largest.
        Report(peers[2], 0, 3_000_000, 8, cameras, screen);
        Assert.Equal((1280, 720), SizeOf(screen));
        AssertSeen(screen, [0, 1, -1]);

        // A line that takes little: the smallest, and never a picture that cannot be decoded on the way.
        Report(peers[2], 0, 90_000, 6, cameras, screen);
        Assert.Equal((320, 180), SizeOf(screen));
        AssertSeen(screen, [0, 1, -1]);
        Assert.Equal(0, screen.Errors);
        Assert.InRange(screen.LongestGapMs, 1, 500);
        // Each size came with a keyframe of its own, and went on in the same stream.
        var numbers = peers[2].On(Slot).Select(p => p.Header.Sequence).ToList();
        Assert.All(numbers.Zip(numbers.Skip(1)), n => Assert.Equal(1, (ushort)(n.Second - n.First)));
    }

    [Fact]
    public void Whoever_chooses_the_speaker_and_everybody_again_sees_them_in_one_stream()
    {
        var peers = Fill(3);
        var cameras = Cameras(peers, 2);
        var screen = Open(new Screen(peers[2], Slot));
        Run(1_500, cameras, [screen]);
        AssertSeen(screen, [0, 1, -1]);

        // Nobody else sees everybody: what is composed goes on for them.
        Choose(peers[2], ForwarderFeed.Speaker);
        Run(1_500, cameras, [screen]);
        AssertSeen(screen, [1]); // nobody has spoken
        Assert.Equal(1, _mixer.Count);

        Choose(peers[0], ForwarderFeed.Speaker);
        Choose(peers[1], ForwarderFeed.Speaker);
        Run(500, cameras, [screen]);
        Assert.Equal(0, _mixer.Count);

        Choose(peers[2], ForwarderFeed.Composed);
        Run(1_500, cameras, [screen]);
        AssertSeen(screen, [0, 1, -1]);
        Assert.Equal(0, screen.Errors);
        Assert.InRange(screen.LongestGapMs, 1, 1_000);
        var numbers = peers[2].On(Slot).Select(p => p.Header.Sequence).ToList();
        Assert.All(numbers.Zip(numbers.Skip(1)), n => Assert.Equal(1, (ushort)(n.Second - n.First)));

        void Choose(LabPeer peer, ForwarderFeed feed) => _relay.Modify(Spec(peer) with { Forwarders = [.. Spec(peer).Forwarders.Select(f => f with { Feed = feed })] });
    }

    [Fact]
    public void Receivers_share_what_is_made_and_with_the_last_of_them_it_ends()
    {
        var peers = Fill(3);
        var cameras = Cameras(peers, 3);
        List<Screen> screens = [.. peers.Select(p => Open(new Screen(p, Slot)))];
        Run(1_500, cameras, screens);
        Assert.All(screens, s => AssertSeen(s, [0, 1, 2]));
        // One encoding: byte for byte the same frames at everybody's.
        var last = peers.Select(p => p.On(Slot).Where(o => o.Header.Marker).TakeLast(5).Select(o => Convert.ToHexString(o.Payload.AsSpan(4))).ToList()).ToList();
        Assert.Equal(last[0], last[1]);
        Assert.Equal(last[0], last[2]);

        Assert.Equal(1, _mixer.Count);
        var load = _mixer.Counters.Read(_mixer.Count, _relay.NowMs);
        Assert.Equal((1, 0), (Assert.Single(load.Composing, e => e.Key == "VP8").Value, load.Transcoding.Count));
        Assert.InRange(load.Composed, 15, 30);
        Assert.InRange(load.PerSecond, 0.5, 3);
        _relay.Table.Modify(new(VirtualRelay.Conference, [], ["p1", "p2"]), "epoch", _relay.NowMs);
        Run(500, cameras[2..], screens[2..]);
        AssertSeen(screens[2], [2]);
        _relay.Modify(Spec(peers[2]) with { Forwarders = [] });
        Run(100, [], []);
        Assert.Equal(0, _mixer.Count);
        Assert.Empty(_mixer.Counters.Read(0, _relay.NowMs).Composing);
    }

    [Fact]
    public void Whoever_mutes_their_camera_is_a_name_and_slides_take_the_large_place()
    {
        var peers = Fill(3);
        var cameras = Cameras(peers, 3);
        var screen = Open(new Screen(peers[2], Slot));
        Run(1_500, cameras, [screen]);
        var muted = Spec(peers[0]);
        _relay.Modify(muted with { Tracks = [.. muted.Tracks.Select(t => t.Kind == MediaKind.Video ? t with { Muted = true } : t)] });
        Run(1_000, cameras, [screen]);
        AssertSeen(screen, [-1, 1, 2]);

        var slides = Spec(peers[1]);
        _relay.Modify(slides with { Tracks = [.. slides.Tracks.Select(t => t.Kind == MediaKind.Video ? t with { IsSlides = true } : t)] });
        Run(1_000, cameras, [screen]);
        var beside = GridLayout.ArrangeBeside(2, 640, 360, out var large);
        Assert.Equal(1, TestPicture.WhoseIn(screen.Picture!.Value, large));
        Assert.Equal([-1, 2], beside.Select(t => TestPicture.WhoseIn(screen.Picture!.Value, t)));
    }

    [Fact]
    public void Lost_packets_on_the_way_in_and_out_break_nothing()
    {
        var peers = Fill(3);
        var cameras = Cameras(peers, 3);
        var screen = Open(new Screen(peers[2], Slot));
        Run(1_000, cameras, [screen]);
        var random = new Random(3);
        // One in thirty; handshakes and reports among them.
        _relay.Passes = (_, _, _) => random.Next(30) != 0;
        for (var i = 0; i < 40; i++)
        {
            Run(250, cameras, [screen]);
            // What is seen is somebody's own picture or their card, never a mixture.
            AssertSeen(screen, [0, 1, 2]);
        }

        Assert.Equal(0, screen.Errors);
        Assert.True(screen.Frames > 60, $"{screen.Frames} frames");
    }

    [Fact]
    public void Where_there_is_no_room_whoever_speaks_is_seen_and_everybody_once_there_is()
    {
        _mixer.IsFull = true;
        var peers = Fill(3);
        var cameras = Cameras(peers, 2);
        var screen = Open(new Screen(peers[2], Slot));
        Run(2_000, cameras, [screen]);
        AssertSeen(screen, [1]); // nobody has spoken
        Assert.Equal((320, 180), SizeOf(screen));
        _mixer.IsFull = false;
        Run(6_000, cameras, [screen]);
        AssertSeen(screen, [0, 1, -1]);
        Assert.Equal(0, screen.Errors);
    }

    [Fact]
    public void What_failed_is_made_anew_and_whoever_speaks_is_seen_meanwhile()
    {
        var peers = Fill(3);
        var cameras = Cameras(peers, 2);
        var screen = Open(new Screen(peers[2], Slot));
        Run(1_500, cameras, [screen]);
        AssertSeen(screen, [0, 1, -1]);
        _mixer.Fail();
        Run(1_500, cameras, [screen]);
        AssertSeen(screen, [1]); // nobody has spoken
        Run(5_500, cameras, [screen]);
        AssertSeen(screen, [0, 1, -1]);
        Assert.Equal(0, screen.Errors);
    }

    public void Dispose()
    {
        foreach (var one in _open) one.Dispose();
    }

    private static (int, int) SizeOf(Screen screen) => (screen.Picture!.Value.Width, screen.Picture.Value.Height);

    private static void AssertSeen(Screen screen, int[] people)
    {
        var picture = screen.Picture!.Value;
        Assert.Equal(people, GridLayout.Arrange(people.Length, picture.Width, picture.Height).Select(t => TestPicture.WhoseIn(picture, t)));
    }

    private static EndpointSpec Spec(LabPeer peer) => new(peer.Id, [Specs.Transport(peer)], [Specs.AudioTrack(peer), Specs.VideoTrack(peer)],
        [Specs.VideoSlot("g", Slot, null) with { Feed = ForwarderFeed.Composed }], Name: $"Name of {peer.Id}");

    private LabPeer[] Fill(int count)
    {
        var peers = Enumerable.Range(1, count).Select(i => _relay.AddPeer($"p{i}", i)).ToArray();
        var state = _relay.Modify([.. peers.Select(Spec)]);
        foreach (var peer in peers) peer.Connect(Rooms.StateOf(state, peer), VirtualRelay.Address, _relay.NowMs);
        _relay.Run(300);
        Assert.All(peers, p => Assert.True(p.IsConnected));
        return peers;
    }

    private Camera[] Cameras(LabPeer[] peers, int count) => [.. peers.Take(count).Select((p, i) => Open(new Camera(p, i)))];

    private T Open<T>(T one) where T : IDisposable
    {
        _open.Add(one);
        return one;
    }

    private void Report(LabPeer peer, byte lost, ulong estimate, int seconds, Camera[] cameras, Screen screen)
    {
        for (var i = 0; i < seconds; i++)
        {
            peer.SendRtcp((ref RtcpWriter w) =>
            {
                w.AddReportBlock(new(Slot, lost, 0, 0, 0, 0, 0));
                w.AddMaxBitrate(peer.Video.Ssrc, estimate, [Slot]);
            });
            Run(1_000, cameras, [screen]);
        }
    }

    private void Run(long milliseconds, IReadOnlyList<Camera> cameras, IReadOnlyList<Screen> screens) => _relay.Run(milliseconds, now =>
    {
        foreach (var camera in cameras) camera.Tick(now);
        if (now % 5 == 0) _mixer.Work(now);
        foreach (var screen in screens) screen.Tick(now);
    });
}
