using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;

namespace Parley.Media.Relay.Pictures;

/// <summary>Somebody's pictures, decoded. On the mixer's thread.</summary>
/// <param name="onLost">Called when a frame could not be decoded and a keyframe is needed; once, until one comes.</param>
internal sealed class PictureSource(Action onLost) : IDisposable
{
    private IPictureDecoder? _decoder;
    private PayloadFormat _format;
    private bool _isLost;

    /// <summary>The latest picture; null while there is none.</summary>
    public I420View? Picture => _decoder?.Picture;

    /// <summary>Rises with each picture.</summary>
    public long Version { get; private set; }

    /// <summary>By how many degrees the latest picture is turned clockwise to be upright.</summary>
    public int Rotation { get; private set; }

    /// <summary>The size of the latest picture, upright.</summary>
    public (int Width, int Height) Size => Picture is not { } p ? (0, 0) : Rotation is 90 or 270 ? (p.Height, p.Width) : (p.Width, p.Height);

    /// <summary>Takes a frame; false if it could not be decoded.</summary>
    public bool Put(in VideoFrame frame, ReadOnlySpan<byte> data)
    {
        // What refers to a frame that failed fails as well, without being tried.
        if (_isLost && !frame.IsKeyframe) return false;
        _isLost = !TryDecode(frame, data);
        if (_isLost)
        {
            onLost();
            return false;
        }

        (Rotation, Version) = (frame.Rotation, Version + 1);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _decoder?.Dispose();

    private bool TryDecode(in VideoFrame frame, ReadOnlySpan<byte> data)
    {
        if (_decoder is null || frame.Format != _format)
        {
            if (!frame.IsKeyframe) return false;
            _decoder?.Dispose();
            (_decoder, _format) = (PictureCodecs.Decoder(frame.Format), frame.Format);
        }

        return _decoder.Decode(data);
    }
}
