using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;

namespace Parley.tests.Media.Core.Video;

/// <summary>Frames put together from payloads in order.</summary>
public sealed class FrameAssemblerTests
{
    private const byte Start = 0x10, Continuation = 0x00; // VP8's S
    private const byte Key = 0x00, Delta = 0x01; // the first byte of a frame

    private readonly FrameAssembler _frames = new();

    [Fact]
    public void A_frame_whose_end_belongs_to_another_picture_is_none()
    {
        Assert.Equal(AssembledPacket.Taken, _frames.Put(PayloadFormat.Vp8, 3_000, false, [Start, Key, 1]));
        Assert.Equal(AssembledPacket.Useless, _frames.Put(PayloadFormat.Vp8, 6_000, true, [Continuation, 2, 3]));
        Assert.True(_frames.NeedsKeyframe);
        Assert.Equal(AssembledPacket.Useless, _frames.Put(PayloadFormat.Vp8, 9_000, true, [Start, Delta, 4]));
        Assert.Equal(AssembledPacket.Frame, _frames.Put(PayloadFormat.Vp8, 12_000, true, [Start, Key, 5]));
        Assert.Equal([Key, 5], _frames.Frame.ToArray());
    }

    [Fact]
    public void After_a_gap_nothing_counts_until_a_keyframe()
    {
        Assert.Equal(AssembledPacket.Frame, _frames.Put(PayloadFormat.Vp8, 0, true, [Start, Key, 1]));
        Assert.False(_frames.NeedsKeyframe);
        Assert.Equal(AssembledPacket.Frame, _frames.Put(PayloadFormat.Vp8, 3_000, true, [Start, Delta, 2]));
        _frames.OnGap();
        Assert.True(_frames.NeedsKeyframe);
        Assert.Equal(AssembledPacket.Useless, _frames.Put(PayloadFormat.Vp8, 6_000, true, [Start, Delta, 3]));
        Assert.Equal(AssembledPacket.Frame, _frames.Put(PayloadFormat.Vp8, 9_000, true, [Start, Key, 4]));
        Assert.True(_frames.IsKey);
    }

    [Fact]
    public void A_frame_that_begins_before_the_last_one_ended_costs_a_keyframe()
    {
        Assert.Equal(AssembledPacket.Frame, _frames.Put(PayloadFormat.Vp8, 0, true, [Start, Key, 1]));
        Assert.Equal(AssembledPacket.Taken, _frames.Put(PayloadFormat.Vp8, 3_000, false, [Start, Delta, 2]));
        Assert.Equal(AssembledPacket.Useless, _frames.Put(PayloadFormat.Vp8, 6_000, true, [Start, Delta, 3]));
        Assert.True(_frames.NeedsKeyframe);
    }

    [Fact]
    public void Layers_of_one_VP9_picture_are_one_frame_with_their_index()
    {
        // I, L, F, B and E; a picture id; the layer; of the second one that it refers to the first.
        Assert.Equal(AssembledPacket.Taken, _frames.Put(PayloadFormat.Vp9, 0, false, [0xBC, 5, 0x00, 11, 12, 13]));
        Assert.Equal(AssembledPacket.Frame, _frames.Put(PayloadFormat.Vp9, 0, true, [0xBC, 5, 0x03, 21, 22]));
        Assert.True(_frames.IsKey);
        // Annex B: the marker says two frames and lengths of four bytes, the lowest first.
        Assert.Equal([11, 12, 13, 21, 22, 0xD9, 3, 0, 0, 0, 2, 0, 0, 0, 0xD9], _frames.Frame.ToArray());
    }

    [Fact]
    public void What_is_larger_than_any_frame_is_none()
    {
        var half = new byte[1 + (FrameAssembler.MaxFrame / 2)];
        half[0] = Start;
        Assert.Equal(AssembledPacket.Taken, _frames.Put(PayloadFormat.Vp8, 0, false, half));
        half[0] = Continuation;
        Assert.Equal(AssembledPacket.Taken, _frames.Put(PayloadFormat.Vp8, 0, false, half));
        Assert.Equal(AssembledPacket.Useless, _frames.Put(PayloadFormat.Vp8, 0, true, [Continuation, 1]));
    }
}
