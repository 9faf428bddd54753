using Parley.Media.Control;
using Parley.Media.Core.Rtp;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Pictures;

/// <summary>Receivers that lack a sender's codec.</summary>
public sealed class TranscodingTests
{
    private const uint Slot = 78_000_000;

    private static readonly PayloadType Vp9 = new(98, "VP9", 90_000, 1, MediaKind.Video, [new("profile-id", "0")], ["nack", "nack pli"]);
    private static readonly PayloadType Vp9Elsewhere = new(45, "vp9", 90_000, 1, MediaKind.Video, [], ["nack", "nack pli"]);

    [Theory]
    [InlineData(PayloadFormat.Vp9, PayloadFormat.Vp8, ForwarderFeed.Track)]
    [InlineData(PayloadFormat.Vp8, PayloadFormat.Vp9, ForwarderFeed.Track)]
    [InlineData(PayloadFormat.Vp9, PayloadFormat.Vp8, ForwarderFeed.Speaker)]
    public void What_a_receiver_cannot_decode_is_made_into_what_it_can(PayloadFormat sent, PayloadFormat received, ForwarderFeed feed)
    {
        var mixer = new VirtualPictures();
        var relay = new VirtualRelay(pictures: mixer);
        var (sender, receiver) = Pair(relay, sent, received, feed);
        using var camera = new Camera(sender, 3, 320, 180, sent, payloadType: (byte)(sent == PayloadFormat.Vp9 ? 98 : 96));
        using var screen = new Screen(receiver, Slot, received, (byte)(received == PayloadFormat.Vp9 ? 45 : 120));
        Run(relay, mixer, camera, screen, 2_500);
        Assert.Equal(1, mixer.Count);
        Assert.Equal(0, screen.Errors);
        Assert.True(screen.Frames > 20, $"{screen.Frames} frames");
        Assert.Equal((320, 180), (screen.Picture!.Value.Width, screen.Picture.Value.Height));
        Assert.Equal(3, TestPicture.WhoseAt(screen.Picture.Value, 160, 40));
        Assert.Equal(1, camera.Keyframes);

        // With the sender it ends.
        relay.Table.Modify(new(VirtualRelay.Conference, [], ["p1"]), "epoch", relay.NowMs);
        relay.Run(200);
        mixer.Work(relay.NowMs);
        Assert.Equal(0, mixer.Count);
    }

    [Fact]
    public void What_a_receiver_can_decode_is_left_as_it_is()
    {
        var mixer = new VirtualPictures();
        var relay = new VirtualRelay(pictures: mixer);
        var (sender, receiver) = Pair(relay, PayloadFormat.Vp9, PayloadFormat.Vp9, ForwarderFeed.Track);
        using var camera = new Camera(sender, 3, 320, 180, PayloadFormat.Vp9, payloadType: 98);
        using var screen = new Screen(receiver, Slot, PayloadFormat.Vp9, 45);
        Run(relay, mixer, camera, screen, 1_500);
        Assert.Equal(0, mixer.Count);
        Assert.True(screen.Frames > 10);
    }

    private static (LabPeer Sender, LabPeer Receiver) Pair(VirtualRelay relay, PayloadFormat sent, PayloadFormat received, ForwarderFeed feed)
    {
        var (sender, receiver) = (relay.AddPeer("p1", 1), relay.AddPeer("p2", 2));
        var track = Specs.VideoTrack(sender) with { Payloads = [sent == PayloadFormat.Vp9 ? Vp9 : Specs.Vp8] };
        var slot = Specs.VideoSlot("s", Slot, feed == ForwarderFeed.Track ? track.Id : null, hasRtx: false) with { Feed = feed };
        if (received == PayloadFormat.Vp9) slot = slot with { Payloads = [Vp9Elsewhere] };
        var state = relay.Modify(new EndpointSpec("p1", [Specs.Transport(sender)], [track], []), new EndpointSpec("p2", [Specs.Transport(receiver)], [], [slot]));
        foreach (var peer in (LabPeer[])[sender, receiver]) peer.Connect(Rooms.StateOf(state, peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        return (sender, receiver);
    }

    private static void Run(VirtualRelay relay, VirtualPictures mixer, Camera camera, Screen screen, long milliseconds) => relay.Run(milliseconds, now =>
    {
        camera.Tick(now);
        if (now % 5 == 0) mixer.Work(now);
        screen.Tick(now);
    });
}
