using System.Runtime.InteropServices;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Native;
using Layout = Parley.Media.Relay.Native.OpenH264Layout;

namespace Parley.Media.Relay.Pictures;

/// <summary>Encodes H.264 by OpenH264: constrained baseline, at a level that the receiver takes. A frame is a byte stream (annex B); a keyframe has its parameter sets.</summary>
internal sealed unsafe class H264Encoder : IPictureEncoder
{
    private const int CameraInRealTime = 0, ConstantBitrate = 1, Baseline = 66, OneSlice = 0, SlicesBySize = 3, SameIds = 0, LowComplexity = 0;

    // What a slice may be longer than was asked for, as the library itself has it.
    private const int SliceSlack = 50;

    private readonly OpenH264Encoder _encoder = new();
    private byte* _picture, _output;
    private byte[] _frame = new byte[16 * 1024];
    private long _lastTime = -90;
    private bool _isCut;

    /// <summary>Makes an encoder.</summary>
    /// <exception cref="InvalidOperationException">OpenH264 would not.</exception>
    public H264Encoder(PictureSettings settings)
    {
        Settings = settings;
        _picture = (byte*)NativeMemory.AllocZeroed(Layout.Picture.Size);
        _output = (byte*)NativeMemory.AllocZeroed(Layout.Output.Size);
        Check(LibOpenH264.Silence(_encoder));
        var memory = stackalloc byte[Layout.Settings.Size];
        Check(LibOpenH264.DefaultSettings(_encoder, memory));
        Fill(memory);
        Check(LibOpenH264.EncoderInit(_encoder, memory));
    }

    /// <summary>Frees what was dropped.</summary>
    ~H264Encoder() => Free();

    /// <inheritdoc/>
    public PictureSettings Settings { get; }

    /// <inheritdoc/>
    public void Encode(I420Buffer picture, long time, bool asKeyframe, out ReadOnlySpan<byte> frame, out bool isKeyframe)
    {
        frame = default;
        isKeyframe = false;
        var view = picture.View;
        ArgumentOutOfRangeException.ThrowIfNotEqual((view.Width, view.Height), (Settings.Width, Settings.Height));
        *(int*)(_picture + Layout.Picture.Format) = LibOpenH264.I420;
        var strides = (int*)(_picture + Layout.Picture.Strides);
        (strides[0], strides[1], strides[2]) = (view.YStride, view.UvStride, view.UvStride);
        var planes = (nint*)(_picture + Layout.Picture.Planes);
        (planes[0], planes[1], planes[2]) = (view.Y, view.U, view.V);
        *(int*)(_picture + Layout.Picture.Width) = view.Width;
        *(int*)(_picture + Layout.Picture.Height) = view.Height;
        time = Math.Max(time, _lastTime + 90); // milliseconds, and they rise
        _lastTime = time;
        *(long*)(_picture + Layout.Picture.TimeMs) = time / 90;
        if (asKeyframe || _isCut) Check(LibOpenH264.ForceKeyframe(_encoder));
        Check(LibOpenH264.Encode(_encoder, _picture, _output));
        var type = *(int*)(_output + Layout.Output.FrameType);
        if (type is 0 or LibOpenH264.FrameSkipped) return;
        var length = Gather();
        if (_isCut) return;
        frame = _frame.AsSpan(0, length);
        isKeyframe = type == LibOpenH264.FrameIdr;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        Free();
        GC.SuppressFinalize(this);
    }

    // The parameter sets are one layer, the slices another, each in memory of its own.
    private int Gather()
    {
        var length = 0;
        _isCut = false;
        var layers = Math.Clamp(*(int*)(_output + Layout.Output.Layers), 0, Layout.Output.MostLayers);
        for (var i = 0; i < layers; i++)
        {
            var layer = _output + Layout.Output.FirstLayer + i * Layout.Output.LayerSize;
            var lengths = *(int**)(layer + Layout.Output.LayerLengths);
            var (size, units) = (0, Math.Clamp(*(int*)(layer + Layout.Output.LayerUnits), 0, Layout.Output.MostUnits));
            for (var n = 0; n < units; n++) size += lengths[n];
            // More slices than it has room for, as of noise, it leaves out without a word: nobody could decode that, nor what refers to it.
            _isCut |= units == Layout.Output.MostUnits;
            if (length + size > _frame.Length) Array.Resize(ref _frame, Math.Max(_frame.Length * 2, length + size));
            new ReadOnlySpan<byte>(*(byte**)(layer + Layout.Output.LayerBytes), size).CopyTo(_frame.AsSpan(length));
            length += size;
        }

        return length;
    }

    private void Fill(byte* memory)
    {
        void Set(int offset, int value) => *(int*)(memory + offset) = value;
        Set(Layout.Settings.UsageType, CameraInRealTime);
        Set(Layout.Settings.Width, Settings.Width);
        Set(Layout.Settings.Height, Settings.Height);
        Set(Layout.Settings.Bitrate, Settings.Bitrate);
        Set(Layout.Settings.RateControl, ConstantBitrate);
        *(float*)(memory + Layout.Settings.MaxFrameRate) = Settings.Rate;
        Set(Layout.Settings.Complexity, LowComplexity);
        Set(Layout.Settings.IntraPeriod, 0);
        Set(Layout.Settings.References, 1);
        Set(Layout.Settings.ParameterSetIds, SameIds);
        Set(Layout.Settings.EntropyCoding, 0);
        memory[Layout.Settings.SkipsFrames] = 1;
        memory[Layout.Settings.DetectsSceneChanges] = 0; // a keyframe of its own would choke a narrow line
        *(short*)(memory + Layout.Settings.Threads) = 1;
        var layer = Layout.Settings.FirstLayer;
        Set(layer + Layout.Layer.Width, Settings.Width);
        Set(layer + Layout.Layer.Height, Settings.Height);
        *(float*)(memory + layer + Layout.Layer.FrameRate) = Settings.Rate;
        Set(layer + Layout.Layer.Bitrate, Settings.Bitrate);
        Set(layer + Layout.Layer.Profile, Baseline);
        Set(layer + Layout.Layer.SliceMode, Settings.Coding.HasSingleUnits ? SlicesBySize : OneSlice);
        if (!Settings.Coding.HasSingleUnits) return;
        Set(Layout.Settings.MaxUnit, VideoPackets.MaxPayload);
        Set(layer + Layout.Layer.SliceSize, VideoPackets.MaxPayload - SliceSlack);
    }

    private void Free()
    {
        NativeMemory.Free(_picture);
        NativeMemory.Free(_output);
        _picture = _output = null;
    }

    private static void Check(int error)
    {
        if (error != LibOpenH264.Ok) throw new InvalidOperationException($"OpenH264 would not encode (error {error})");
    }
}
