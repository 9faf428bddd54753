using Parley.Media.Control;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Pictures;

/// <summary>One picture at a time, that of whoever speaks: every frame is encoded by its sender and decoded by the receiver, by libvpx.</summary>
public sealed class SpeakerSwitchTests
{
    private const uint Slot = 78_000_000;
    private const int People = 4, Switches = 100;

    [Theory]
    [InlineData(0, 700)]
    [InlineData(40, 800)] // one packet in 40 to the receiver is lost, and sent again
    public void In_a_hundred_switches_the_right_picture_is_soon_there_and_none_is_broken_or_freezes(int lossOneIn, long within)
    {
        var relay = new VirtualRelay();
        var peers = Enumerable.Range(1, People + 1).Select(i => relay.AddPeer($"p{i}", i)).ToArray();
        var state = relay.Modify([.. peers.Select((p, i) => new EndpointSpec(p.Id, [Specs.Transport(p)], [Specs.AudioTrack(p), Specs.VideoTrack(p)],
            i < People ? [] : [Specs.VideoSlot("s", Slot, null, hasRtx: false) with { Feed = ForwarderFeed.Speaker }]))]);
        foreach (var peer in peers) peer.Connect(Rooms.StateOf(state, peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        var viewer = peers[People];
        using var screen = new Screen(viewer, Slot);
        var cameras = peers.Take(People).Select((p, i) => new Camera(p, i, 160, 90)).ToList();
        var random = new Random(11);
        if (lossOneIn > 0) relay.Passes = (from, to, bytes) => to != viewer.Address || bytes[0] >> 6 != 2 || bytes[1] is >= 192 and <= 223 || random.Next(lossOneIn) != 0;

        var (speaker, seenMs) = (-1, new List<long>());
        Speak(0, 3_000);
        seenMs.Clear(); // the first is not a switch
        for (var i = 0; i < Switches; i++) Speak((speaker + 1 + random.Next(People - 1)) % People, 1_300 + random.Next(400));

        Assert.Equal(Switches, seenMs.Count);
        Assert.All(seenMs, ms => Assert.InRange(ms, 0, within));
        Assert.Equal(0, screen.Errors);
        Assert.InRange(screen.LongestGapMs, 1, 500);
        foreach (var camera in cameras) camera.Dispose();

        void Speak(int who, long milliseconds)
        {
            speaker = who;
            var (since, seen) = (relay.NowMs, -1L);
            relay.Run(milliseconds, now =>
            {
                foreach (var camera in cameras) camera.Tick(now);
                if (now % 20 == 0)
                {
                    for (var i = 0; i < People; i++) peers[i].SendVoice((byte)(i == who ? 20 : 127), i == who ? 80 : 3);
                }

                screen.Tick(now);
                var whose = screen.Picture is { } picture ? TestPicture.WhoseAt(picture, 80, 20) : -2;
                Assert.NotEqual(-1, whose); // a picture that is nobody's is broken
                if (seen < 0 && whose == who) seen = now - since;
                // Once it is there it stays.
                if (seen >= 0) Assert.Equal(who, whose);
            });
            Assert.True(seen >= 0, $"p{who + 1} was not seen in {milliseconds} ms");
            seenMs.Add(seen);
        }
    }
}
