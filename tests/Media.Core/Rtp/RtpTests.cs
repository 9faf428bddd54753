using System.Text;
using Parley.Media.Core.Rtp;

namespace Parley.tests.Media.Core.Rtp;

public class RtpTests
{
    private static readonly ExtensionMap Map = new(
        [(1, ExtensionMap.AudioLevelUri), (3, ExtensionMap.TransportSequenceUri), (4, ExtensionMap.MidUri), (200, ExtensionMap.VideoOrientationUri), (9, "urn:unknown")]);

    [Theory]
    [InlineData("bede0003" + "108a" + "220001" + "00" + "3112" + "34" + "4161" + "30", 0x8a, 0x1234, "a0", -1)] // one-byte form with padding between
    [InlineData("10000004" + "01018a" + "03021234" + "0402" + "6130" + "00" + "c80107" + "00", 0x8a, 0x1234, "a0", 7)] // two-byte form
    [InlineData("bede0001" + "f08a108a", -1, -1, "", -1)] // id 15 stops
    [InlineData("bede0001" + "1f8a0000", -1, -1, "", -1)] // longer than the block
    public void Extensions_are_read_in_both_forms(string block, int level, int sequence, string mid, int orientation)
    {
        var packet = Convert.FromHexString("906f0001000000020000000 3".Replace(" ", "") + block + "ffff");
        Assert.True(RtpHeader.TryParse(packet, out var header));
        Assert.Equal(packet.Length - 2, header.Length);
        var values = PacketExtensions.Read(packet, header, Map);
        Assert.Equal((level, sequence, orientation), (values.AudioLevel, values.TransportSequence, values.VideoOrientation));
        Assert.Equal(mid, Encoding.ASCII.GetString(values.Mid(packet)));
    }

    [Fact]
    public void A_header_is_read_and_never_beyond_its_packet()
    {
        var packet = Convert.FromHexString("b2ef1234000000070000000900000001000000021000000141424344" + "aabb00000004");
        Assert.True(RtpHeader.TryParse(packet, out var header));
        Assert.Equal((true, (byte)111, (ushort)0x1234, 7u, 9u, 28), (header.Marker, header.PayloadType, header.Sequence, header.Timestamp, header.Ssrc, header.Length));
        Assert.True(header.TryGetPayload(packet, out var payload));
        Assert.Equal("AABB", Convert.ToHexString(payload));
        packet[^1] = 7;
        Assert.False(header.TryGetPayload(packet, out _));
        packet[^1] = 0;
        Assert.False(header.TryGetPayload(packet, out _));
        for (var length = 0; length < 28; length++) Assert.False(RtpHeader.TryParse(packet.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData("1000", true, true, 0, 0)]
    [InlineData("1001", true, false, 0, 0)]
    [InlineData("0000", false, false, 0, 0)]
    [InlineData("9080" + "05" + "00", true, true, 5, 0)]
    [InlineData("90e0" + "8005" + "07" + "20" + "00", true, true, 5, 7)]
    [InlineData("90f0" + "ffff" + "07" + "20" + "01", true, false, 0x7fff, 7)]
    public void VP8_descriptors_are_read_and_rewritten(string hex, bool starts, bool keyframe, int pictureId, int tl0)
    {
        var payload = Convert.FromHexString(hex);
        Assert.True(Vp8Descriptor.TryParse(payload, out var descriptor));
        Assert.Equal((starts, keyframe, pictureId, tl0, payload.Length - 1),
            (descriptor.StartsFrame, descriptor.StartsKeyframe, descriptor.PictureId, descriptor.Tl0, descriptor.Length));
        descriptor.Rewrite(payload, 3, 4);
        Assert.True(Vp8Descriptor.TryParse(payload, out var again));
        if (descriptor.PictureIdOffset > 0) Assert.Equal(3, again.PictureId);
        if (descriptor.Tl0Offset > 0) Assert.Equal(4, again.Tl0);
        for (var length = 0; length < payload.Length; length++) Assert.False(Vp8Descriptor.TryParse(payload.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData(PayloadFormat.H264, "6742", true)]
    [InlineData(PayloadFormat.H264, "6588", true)]
    [InlineData(PayloadFormat.H264, "4188", false)]
    [InlineData(PayloadFormat.H264, "7c85", true)] // first fragment of an IDR slice
    [InlineData(PayloadFormat.H264, "7c05", false)] // a later one
    [InlineData(PayloadFormat.H264, "780002090900 026742", true)] // aggregate: delimiter, parameter set
    [InlineData(PayloadFormat.H264, "78ffff0909", false)]
    [InlineData(PayloadFormat.Vp9, "8a8001", true)]
    [InlineData(PayloadFormat.Vp9, "0801", true)]
    [InlineData(PayloadFormat.Vp9, "4801", false)]
    [InlineData(PayloadFormat.Vp9, "a8800100", true)]
    [InlineData(PayloadFormat.Vp9, "a8800102", false)]
    [InlineData(PayloadFormat.Av1, "1800", true)]
    [InlineData(PayloadFormat.Av1, "1000", false)]
    [InlineData(PayloadFormat.Opaque, "00", true)]
    public void Keyframes_are_told_by_codec(PayloadFormat format, string hex, bool expected) =>
        Assert.Equal(expected, Keyframes.Starts(format, Convert.FromHexString(hex.Replace(" ", ""))));

    [Theory]
    [InlineData("0001", DatagramKind.Stun)]
    [InlineData("16fe", DatagramKind.Dtls)]
    [InlineData("4000", DatagramKind.TurnChannel)]
    [InlineData("806f", DatagramKind.Rtp)]
    [InlineData("80ef", DatagramKind.Rtp)]
    [InlineData("80c8", DatagramKind.Rtcp)]
    [InlineData("8fce", DatagramKind.Rtcp)]
    [InlineData("1000", DatagramKind.Unknown)]
    [InlineData("ff00", DatagramKind.Unknown)]
    public void Datagrams_are_told_apart(string start, DatagramKind kind) => Assert.Equal(kind, DatagramKinds.Classify(Convert.FromHexString(start + "0000")));
}
