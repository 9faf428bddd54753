using Parley.Media.Core.Rtp;

namespace Parley.Media.Relay.Pictures;

/// <summary>Takes what an output made.</summary>
/// <param name="output">Which.</param>
/// <param name="frame">The encoded frame.</param>
/// <param name="isKeyframe">Whether decoding can begin with it.</param>
/// <param name="momentMs">Of when it is, on the worker's clock.</param>
internal delegate void PictureWriter(int output, ReadOnlySpan<byte> frame, bool isKeyframe, long momentMs);

/// <summary>Takes what was made, where it goes out.</summary>
/// <param name="output">Of which output.</param>
/// <param name="frame">The encoded frame.</param>
/// <param name="isKeyframe">Whether decoding can begin with it.</param>
/// <param name="momentMs">Of when it is, on the worker's clock.</param>
/// <param name="nowMs">Now, on the same clock: later than the moment by as long as the making took, and by what a recording waits.</param>
internal delegate void PictureDelivery(int output, ReadOnlySpan<byte> frame, bool isKeyframe, long momentMs, long nowMs);

/// <summary>A stream of pictures that is made. On the mixer's thread.</summary>
internal interface IPictureOutput : IDisposable
{
    /// <summary>In which codec.</summary>
    PayloadFormat Format { get; }

    /// <summary>Whether it is the composed picture, not one person's.</summary>
    bool IsComposed { get; }

    /// <summary>Somebody cannot decode without a keyframe: the next one is. From any thread.</summary>
    void RequestKeyframe();

    /// <summary>A source has a new picture.</summary>
    void OnPicture(int source, PictureSource picture, PictureWriter write, long nowMs);

    /// <summary>A moment of composing: <see cref="Renditions.Rate"/> times a second.</summary>
    /// <param name="moment">Which.</param>
    /// <param name="people">Who is there.</param>
    /// <param name="sourceOf">Finds pictures.</param>
    /// <param name="write">Takes what is made.</param>
    /// <param name="nowMs">The time.</param>
    void Compose(long moment, IReadOnlyList<PersonView> people, Func<int, PictureSource?> sourceOf, PictureWriter write, long nowMs);
}
