using Parley.Media.Control;
using Parley.Media.Core.Rtcp;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
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
    [InlineData(PayloadFormat.H264, PayloadFormat.Vp8, ForwarderFeed.Track)]
    [InlineData(PayloadFormat.Vp8, PayloadFormat.H264, ForwarderFeed.Speaker)]
    [InlineData(PayloadFormat.Vp9, PayloadFormat.H264, ForwarderFeed.Track)]
    [InlineData(PayloadFormat.H264, PayloadFormat.Vp8, ForwarderFeed.Composed)]
    [InlineData(PayloadFormat.Vp8, PayloadFormat.H264, ForwarderFeed.Composed)]
    public void What_a_receiver_cannot_decode_is_made_into_what_it_can(PayloadFormat sent, PayloadFormat received, ForwarderFeed feed)
    {
        var mixer = new VirtualPictures();
        var relay = new VirtualRelay(pictures: mixer);
        var (sender, receiver) = Pair(relay, sent, received, feed);
        using var camera = new Camera(sender, 3, 320, 180, sent, payloadType: (byte)Sent(sent).Number);
        using var screen = new Screen(receiver, Slot, received, (byte)Received(received).Number);
        Run(relay, mixer, camera, screen, 2_500);
        Assert.Equal(1, mixer.Count);
        Assert.Equal(0, screen.Errors);
        Assert.True(screen.Frames > 20, $"{screen.Frames} frames");
        Assert.Equal(feed == ForwarderFeed.Composed ? (640, 360) : (320, 180), (screen.Picture!.Value.Width, screen.Picture.Value.Height));
        Assert.Equal(3, feed == ForwarderFeed.Composed ? TestPicture.WhoseIn(screen.Picture.Value, GridLayout.Arrange(2, 640, 360)[0]) : TestPicture.WhoseAt(screen.Picture.Value, 160, 40));
        Assert.Equal(1, camera.Keyframes);

        if (feed == ForwarderFeed.Composed) return;
        // With the sender it ends.
        relay.Table.Modify(new(VirtualRelay.Conference, [], ["p1"]), "epoch", relay.NowMs);
        relay.Run(200);
        mixer.Work(relay.NowMs);
        Assert.Equal(0, mixer.Count);
    }

    [Theory]
    [InlineData(PayloadFormat.Vp9)]
    [InlineData(PayloadFormat.H264)]
    public void What_a_receiver_can_decode_is_left_as_it_is(PayloadFormat format)
    {
        var mixer = new VirtualPictures();
        var relay = new VirtualRelay(pictures: mixer);
        var (sender, receiver) = Pair(relay, format, format, ForwarderFeed.Track);
        using var camera = new Camera(sender, 3, 320, 180, format, payloadType: (byte)Sent(format).Number);
        using var screen = new Screen(receiver, Slot, format, (byte)Received(format).Number);
        Run(relay, mixer, camera, screen, 1_500);
        Assert.Equal(0, mixer.Count);
        Assert.True(screen.Frames > 10);
    }

    [Theory]
    [InlineData("42e01f", "0", ForwarderFeed.Track, 640, 360)] // single units
    [InlineData("42e01e", "1", ForwarderFeed.Track, 640, 360)] // as much as comes, at a lower level
    [InlineData("42e00d", "1", ForwarderFeed.Track, 376, 212)] // less, as its level has it
    [InlineData("64001f", "1", ForwarderFeed.Track, 640, 360)] // another profile, which decodes ours
    [InlineData("42e015", "1", ForwarderFeed.Composed, 320, 180)] // the middle size needs level 2.2
    public void What_a_receiver_of_the_same_codec_does_not_decode_is_made_anew(string id, string mode, ForwarderFeed feed, int width, int height)
    {
        var mixer = new VirtualPictures();
        var relay = new VirtualRelay(pictures: mixer);
        var (sender, receiver) = Pair(relay, PayloadFormat.H264, PayloadFormat.H264, feed, id, mode);
        using var camera = new Camera(sender, 3, 640, 360, PayloadFormat.H264, payloadType: 102);
        using var screen = new Screen(receiver, Slot, PayloadFormat.H264, 46);
        Run(relay, mixer, camera, screen, 1_500);
        Assert.Equal(1, mixer.Count);
        Assert.Equal(0, screen.Errors);
        Assert.True(screen.Frames > 8, $"{screen.Frames} frames");
        Assert.Equal((width, height), (screen.Picture!.Value.Width, screen.Picture.Value.Height));
    }

    [Fact]
    public void Without_the_library_nothing_is_sent_that_cannot_be_decoded()
    {
        var mixer = new VirtualPictures { LacksH264 = true };
        var relay = new VirtualRelay(pictures: mixer);
        var (sender, receiver) = Pair(relay, PayloadFormat.H264, PayloadFormat.Vp8, ForwarderFeed.Track);
        using var camera = new Camera(sender, 3, 320, 180, PayloadFormat.H264, payloadType: 102);
        using var screen = new Screen(receiver, Slot);
        Run(relay, mixer, camera, screen, 1_000);
        Assert.Equal((0, 0, 0L), (mixer.Count, screen.Frames, screen.Octets));
    }

    private static PayloadType Sent(PayloadFormat format) => format switch { PayloadFormat.Vp9 => Vp9, PayloadFormat.H264 => H264(102, "42e01f", "1"), _ => Specs.Vp8 };

    private static PayloadType Received(PayloadFormat format, string id = "42e01f", string mode = "1") =>
        format switch { PayloadFormat.Vp9 => Vp9Elsewhere, PayloadFormat.H264 => H264(46, id, mode), _ => Specs.Vp8Elsewhere with { RtxNumber = null } };

    private static PayloadType H264(int number, string id, string mode) =>
        new(number, "H264", 90_000, 1, MediaKind.Video, [new("profile-level-id", id), new("packetization-mode", mode)], ["nack", "nack pli"]);

    // So that it stays with the sound, which is told the same of.
    [Theory]
    [InlineData(ForwarderFeed.Track)]
    [InlineData(ForwarderFeed.Composed)]
    public void What_is_made_is_reported_with_the_time_at_which_it_was_captured(ForwarderFeed feed)
    {
        const int BehindMs = 200;
        var mixer = new VirtualPictures();
        var relay = new VirtualRelay(pictures: mixer);
        var (sender, receiver) = Pair(relay, PayloadFormat.Vp9, PayloadFormat.Vp8, feed);
        using var camera = new Camera(sender, 3, 320, 180, PayloadFormat.Vp9, payloadType: (byte)Sent(PayloadFormat.Vp9).Number);
        using var screen = new Screen(receiver, Slot, PayloadFormat.Vp8, (byte)Received(PayloadFormat.Vp8).Number);
        for (var i = 0; i < 30; i++)
        {
            // The camera numbers its frames by the time at which it sends them, and says that they are older.
            var (ntp, timestamp) = (relay.Services.Ntp.At(relay.NowMs), (uint)((relay.NowMs + BehindMs) * 90));
            sender.SendRtcp((ref RtcpWriter rtcp) => rtcp.AddSenderReport(new(sender.Video.Ssrc, ntp, timestamp, 1, 1)));
            Run(relay, mixer, camera, screen, 100);
        }

        var told = receiver.ReceivedRtcp.SelectMany(ReportsOf).Last(r => r.Ssrc == Slot);
        var latest = receiver.On(Slot)[^1].Header.Timestamp;
        var capturedMs = relay.Services.Ntp.MsOf(told.Ntp) + ((int)(latest - told.RtpTimestamp) / 90);
        Assert.InRange(relay.NowMs - capturedMs, BehindMs, BehindMs + 180); // the camera's and the composer's intervals
    }

    private static List<SenderReport> ReportsOf(byte[] rtcp)
    {
        var reports = new List<SenderReport>();
        foreach (var packet in RtcpReader.Read(rtcp))
        {
            if (packet.Kind == RtcpKind.SenderReport) reports.Add(packet.SenderReport);
        }

        return reports;
    }

    private static (LabPeer Sender, LabPeer Receiver) Pair(VirtualRelay relay, PayloadFormat sent, PayloadFormat received, ForwarderFeed feed, string id = "42e01f", string mode = "1")
    {
        var (sender, receiver) = (relay.AddPeer("p1", 1), relay.AddPeer("p2", 2));
        var track = Specs.VideoTrack(sender) with { Payloads = [Sent(sent)] };
        var slot = Specs.VideoSlot("s", Slot, feed == ForwarderFeed.Track ? track.Id : null, hasRtx: false) with { Feed = feed };
        slot = slot with { Payloads = [Received(received, id, mode)] };
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
