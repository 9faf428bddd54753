using Parley.Media.Control;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Rtcp;
using Parley.Media.Relay.Mixing;
using Parley.tests.Media.Core.Audio;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Mixing;

/// <summary>Reports on what the mixer made say when it was captured (RFC 3550 section 6.4.1), not when it was mixed: so the picture, which is not held back, does not run ahead of the sound.</summary>
public sealed class LipSyncTests : IDisposable
{
    private const uint MixSsrc = 77_000_000, SlotSsrc = 78_000_000;
    private const int Silent = 120, Frames = 220;

    private static readonly PayloadType Pcmu = new(0, "PCMU", 8_000, 1, MediaKind.Audio, [], []);

    private readonly HandMixer _mixer = new();
    private readonly VirtualRelay _relay;
    private readonly LabPeer _phone, _page;
    private readonly LawEncoder _phoneVoice = new(isMu: true);
    private readonly OpusAudioEncoder _pageVoice = new();

    public LipSyncTests()
    {
        _relay = new VirtualRelay(mixer: _mixer);
        (_phone, _page) = (_relay.AddPeer("phone", 1), _relay.AddPeer("page", 2));
        var state = _relay.Modify(
            new EndpointSpec("phone", [Specs.Transport(_phone)], [Specs.AudioTrack(_phone) with { Payloads = [Pcmu] }], [Specs.AudioSlot("m", MixSsrc, null) with { Feed = ForwarderFeed.Mix, Payloads = [Pcmu] }]),
            new EndpointSpec("page", [Specs.Transport(_page)], [Specs.AudioTrack(_page)], [Specs.AudioSlot("a0", SlotSsrc, "phone-audio")]));
        foreach (var peer in new[] { _phone, _page }) peer.Connect(Rooms.StateOf(state, peer), VirtualRelay.Address, _relay.NowMs);
        _relay.Run(300);
    }

    public void Dispose()
    {
        _pageVoice.Dispose();
        _phoneVoice.Dispose();
    }

    [Fact]
    public void The_mix_is_reported_with_the_time_at_which_it_was_captured()
    {
        var began = Talk(hasReports: true);
        Assert.InRange(CapturedMs(_phone, MixSsrc, MixCodec.Named("pcmu")) - began, -5, 20);
    }

    [Fact]
    public void So_is_what_is_translated()
    {
        var began = Talk(hasReports: true);
        Assert.InRange(CapturedMs(_page, SlotSsrc, MixCodec.Opus) - began, -5, 20);
    }

    // Then the least delayed packet counts as one that came at once.
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 400_000)]
    [InlineData(true, -400_000)]
    public void Where_a_sender_reports_nothing_or_nonsense_the_arrival_of_its_packets_counts(bool hasReports, int wrongBy)
    {
        var began = Talk(hasReports, wrongBy);
        Assert.InRange(CapturedMs(_phone, MixSsrc, MixCodec.Named("pcmu")) - began, -5, 25);
    }

    // Both are silent, and begin to sound at once. Says when that was captured.
    private double Talk(bool hasReports, int wrongBy = 0)
    {
        var payload = new byte[AudioFormat.MaxPayload];
        var began = 0L;
        for (var frame = 0; frame < Frames; frame++)
        {
            // Packets are sent once their 20 ms are over.
            if (frame == Silent) began = _relay.NowMs - AudioFormat.FrameMs;
            var amplitude = frame < Silent ? 0 : 0.3;
            _phone.SendAudio(0, (uint)frame * 160, payload[.._phoneVoice.Encode(Tones.Make(900, AudioFormat.FrameSamples, amplitude, frame * AudioFormat.FrameSamples), payload)]);
            _page.SendAudio(111, (uint)frame * 960, payload[.._pageVoice.Encode(Tones.Make(400, AudioFormat.FrameSamples, amplitude, frame * AudioFormat.FrameSamples), payload)]);
            if (hasReports && frame % 25 == 0)
            {
                Report(_phone, (uint)(((frame + 1) * 160) + wrongBy));
                Report(_page, (uint)(((frame + 1) * 960) + wrongBy));
            }

            _relay.Run(AudioFormat.FrameMs);
            _mixer.Tick(_relay.NowMs);
        }

        _relay.Run(1_500); // the latest reports
        return began;
    }

    private void Report(LabPeer peer, uint timestamp)
    {
        var ntp = _relay.Services.Ntp.At(_relay.NowMs);
        peer.SendRtcp((ref RtcpWriter rtcp) => rtcp.AddSenderReport(new(peer.Audio.Ssrc, ntp, timestamp, 1, 1)));
    }

    // When the first that sounds was captured, as the receiver is told.
    private double CapturedMs(LabPeer peer, uint ssrc, MixCodec codec)
    {
        var packets = peer.On(ssrc);
        using var decoder = codec.MakeDecoder();
        var (frame, heard) = (new float[AudioFormat.MaxPacketSamples], new List<float>());
        foreach (var packet in packets) heard.AddRange(frame.AsSpan(0, decoder.Decode(packet.Payload, frame)));
        var first = heard.FindIndex(s => Math.Abs(s) > 0.03f);
        Assert.InRange(first, 1, heard.Count);
        var timestamp = packets[0].Header.Timestamp + ((double)first * codec.ClockRate / AudioFormat.SampleRate);
        SenderReport? told = null;
        foreach (var rtcp in peer.ReceivedRtcp)
        {
            foreach (var packet in RtcpReader.Read(rtcp))
            {
                if (packet.Kind == RtcpKind.SenderReport && packet.SenderReport.Ssrc == ssrc) told = packet.SenderReport;
            }
        }

        Assert.NotNull(told);
        return _relay.Services.Ntp.MsOf(told.Value.Ntp) + ((timestamp - told.Value.RtpTimestamp) * 1000 / codec.ClockRate);
    }
}
