using Microsoft.Extensions.Logging.Abstractions;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Pictures;

namespace Parley.tests.Media.Relay.Pictures;

/// <summary>What is bounded in the making of pictures, and what is made of what comes.</summary>
public sealed class ConferencePicturesTests : IDisposable
{
    private readonly List<(byte[] Data, bool IsKeyframe, long AtMs)> _made = [];
    private readonly ConferencePictures _pictures;

    public ConferencePicturesTests() => _pictures = new((_, frame, isKeyframe, _, nowMs) => _made.Add((frame.ToArray(), isKeyframe, nowMs)), null, null, null);

    [Fact]
    public void What_waits_to_be_decoded_is_bounded_by_number_and_by_size()
    {
        var id = _pictures.AddSource(() => { });
        var head = new VideoFrame(PayloadFormat.Vp8, false, 0, 0);
        var taken = 0;
        while (taken < 10_000 && _pictures.Put(id, head, [1])) taken++;
        Assert.InRange(taken, 100, 1_000);
        _pictures.Work(0);
        var bytes = new byte[1 << 20];
        for (taken = 0; taken < 100 && _pictures.Put(id, head, bytes);) taken++;
        Assert.InRange(taken, 2, 16);
        _pictures.Work(100);
        Assert.True(_pictures.Put(id, head, bytes));
    }

    [Fact]
    public void After_what_found_no_room_on_its_way_out_comes_a_keyframe()
    {
        using var sender = new PictureSender(1, 160, 90);
        var id = _pictures.AddSource(() => { });
        _pictures.AddTranscoding(id, VideoCoding.Vp8);
        void Pass(long nowMs)
        {
            var data = sender.Next(out var isKeyframe);
            if (data.Length > 0) _pictures.Put(id, new(PayloadFormat.Vp8, isKeyframe, 0, 0), data);
            _pictures.Work(nowMs);
        }

        for (var i = 0; i < 200; i++) Pass(i * 66);
        _pictures.Drain(0);
        Assert.InRange(_made.Count, 32, 128);
        Assert.Single(_made, m => m.IsKeyframe);
        _made.Clear();
        for (var i = 200; i < 210; i++) Pass(i * 66);
        _pictures.Drain(0);
        Assert.True(_made[0].IsKeyframe);
        Assert.Single(_made, m => m.IsKeyframe);
    }

    [Fact]
    public void A_picture_in_which_nothing_moves_is_sent_about_once_a_second()
    {
        _pictures.Show([new PersonView("Ann", -1, false, false)]);
        _pictures.AddGrid(Renditions.All[2], VideoCoding.Vp8);
        for (var now = 0; now < 10_000; now += 33)
        {
            _pictures.Work(now);
            _pictures.Drain(now);
        }

        Assert.InRange(_made.Count, 8, 13);
        Assert.All(_made.Zip(_made.Skip(1)), m => Assert.InRange(m.Second.AtMs - m.First.AtMs, 0, 1_400));
    }

    [Theory]
    [InlineData(1_920, 1_080, 1_280, 720)]
    [InlineData(1_080, 1_920, 720, 1_280)]
    [InlineData(320, 180, 320, 180)]
    public void What_is_made_of_a_large_picture_has_its_shape_and_no_more_pixels_than_it_may(int width, int height, int shownWidth, int shownHeight)
    {
        using var sender = new PictureSender(1, width, height);
        var id = _pictures.AddSource(() => { });
        _pictures.AddTranscoding(id, VideoCoding.Vp8);
        _pictures.Work(0);
        _pictures.Put(id, new(PayloadFormat.Vp8, true, 0, 0), sender.Next(out _));
        _pictures.Work(33);
        _pictures.Drain(33);
        Assert.True(KeyframeSize.TryReadVp8(Assert.Single(_made).Data, out var madeWidth, out var madeHeight));
        Assert.Equal((shownWidth, shownHeight), (madeWidth, madeHeight));
    }

    [Fact]
    public void What_refers_to_a_frame_that_failed_is_not_complained_about_again()
    {
        using var sender = new PictureSender(1, 160, 90);
        var complaints = 0;
        using var source = new PictureSource(() => complaints++);
        Assert.True(source.Put(new(PayloadFormat.Vp8, true, 0, 0), sender.Next(out _)));
        Assert.False(source.Put(new(PayloadFormat.Vp8, true, 0, 0), [1, 2, 3]));
        for (var i = 0; i < 5; i++) Assert.False(source.Put(new(PayloadFormat.Vp8, false, 0, 0), sender.Next(out _)));
        Assert.Equal(1, complaints);
        sender.WantsKeyframe = true;
        Assert.True(source.Put(new(PayloadFormat.Vp8, true, 0, 0), sender.Next(out _)));
    }

    [Fact]
    public async Task So_many_conferences_have_pictures_and_with_one_that_ends_there_is_room_for_another()
    {
        using var mixer = new PictureMixer(null, NullLogger.Instance, 2);
        ConferencePictures? Open() => mixer.Open((_, _, _, _, _) => { }, _ => true);
        var (first, second) = (Open(), Open());
        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(Open());
        first.Close();
        for (var i = 0; i < 3_000 && mixer.Count > 1; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.NotNull(Open());
        Assert.Null(Open());
    }

    public void Dispose() => _pictures.Dispose();
}
