using System.Runtime.InteropServices;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Native;

namespace Parley.Media.Relay.Pictures;

/// <summary>Encodes VP8 or VP9 by libvpx.</summary>
internal sealed unsafe class VpxEncoder : IPictureEncoder
{
    // Of the speeds that libvpx has, the one after which the picture suffers more than the processor gains (docs/performance.md).
    private const int Vp8Speed = -8, Vp9Speed = 8;

    // A keyframe takes at most so much more than an even share, or it would choke a narrow line.
    private const int MaxKeyframePercent = 600;

    private const int ConstantBitrate = 1, KeyframesByRequest = 0, Minimum = 4, Maximum = 56, Clock = 90_000;

    private readonly PictureSettings _settings;
    private readonly VpxLayout _layout = VideoLibraries.Layout;
    private readonly VpxContext _context = new();
    private byte* _image;
    private long _lastTime = -1;

    /// <summary>Makes an encoder.</summary>
    /// <exception cref="InvalidOperationException">libvpx would not.</exception>
    public VpxEncoder(PictureSettings settings)
    {
        _settings = settings;
        _image = (byte*)NativeMemory.AllocZeroed((nuint)_layout.ImageSize);
        var codec = settings.Coding.Format == PayloadFormat.Vp9 ? LibVpx.Vp9Encoder() : LibVpx.Vp8Encoder();
        var memory = stackalloc byte[_layout.SettingsSize];
        Check(LibVpx.DefaultSettings(codec, memory, 0));
        Fill(memory);
        Check(LibVpx.EncoderInit(_context, codec, memory, 0, _layout.EncoderAbi));
        Check(LibVpx.Control(_context, LibVpx.SetCpuUsed, settings.Coding.Format == PayloadFormat.Vp9 ? Vp9Speed : Vp8Speed));
        Check(LibVpx.Control(_context, LibVpx.SetMaxIntraBitratePercent, MaxKeyframePercent));
        Check(LibVpx.Control(_context, LibVpx.SetStaticThreshold, 1));
        if (settings.Coding.Format == PayloadFormat.Vp9) Check(LibVpx.Control(_context, LibVpx.SetVp9AdaptiveQuantisation, 3)); // parts of the picture that change little cost little
    }

    /// <summary>Frees what was dropped.</summary>
    ~VpxEncoder() => NativeMemory.Free(_image);

    /// <inheritdoc/>
    public PictureSettings Settings => _settings;

    /// <inheritdoc/>
    public void Encode(I420Buffer picture, long time, bool asKeyframe, out ReadOnlySpan<byte> frame, out bool isKeyframe)
    {
        frame = default;
        isKeyframe = false;
        ArgumentOutOfRangeException.ThrowIfNotEqual((picture.View.Width, picture.View.Height), (_settings.Width, _settings.Height));
        LibVpx.WrapImage(_image, LibVpx.I420, (uint)_settings.Width, (uint)_settings.Height, 1, (byte*)picture.View.Y);
        time = Math.Max(time, _lastTime + 1);
        _lastTime = time;
        Check(LibVpx.Encode(_context, _image, time, (nuint)(Clock / _settings.Rate), asKeyframe ? LibVpx.ForceKeyframe : 0, LibVpx.RealTime));
        nint iterator = 0;
        while (LibVpx.NextPacket(_context, &iterator) is var packet && packet is not null)
        {
            if (*(int*)(packet + _layout.PacketKind) != 0) continue; // statistics
            frame = new(*(byte**)(packet + _layout.PacketData), (int)*(nuint*)(packet + _layout.PacketLength));
            isKeyframe = (*(uint*)(packet + _layout.PacketFlags) & 1) != 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        NativeMemory.Free(_image);
        _image = null;
        GC.SuppressFinalize(this);
    }

    private void Fill(byte* memory)
    {
        void Set(int offset, int value) => *(int*)(memory + offset) = value;
        Set(_layout.Threads, 1);
        Set(_layout.Width, _settings.Width);
        Set(_layout.Height, _settings.Height);
        Set(_layout.TimebaseNumerator, 1);
        Set(_layout.TimebaseDenominator, Clock);
        Set(_layout.ErrorResilient, 1);
        Set(_layout.Lag, 0);
        Set(_layout.DropThreshold, _settings.MayDrop ? 25 : 0);
        Set(_layout.ResizeAllowed, 0);
        Set(_layout.RateControl, ConstantBitrate);
        Set(_layout.Bitrate, _settings.Bitrate / 1000);
        Set(_layout.MinQuantizer, Minimum);
        Set(_layout.MaxQuantizer, Maximum);
        Set(_layout.Undershoot, 100);
        Set(_layout.Overshoot, 15);
        Set(_layout.BufferMs, 1000);
        Set(_layout.BufferInitialMs, 500);
        Set(_layout.BufferOptimalMs, 600);
        Set(_layout.KeyframeMode, KeyframesByRequest);
        Set(_layout.KeyframeMaxDistance, int.MaxValue);
    }

    private static void Check(int error)
    {
        if (error != LibVpx.Ok) throw new InvalidOperationException($"libvpx would not encode (error {error})");
    }
}
