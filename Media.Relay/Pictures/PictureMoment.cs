namespace Parley.Media.Relay.Pictures;

/// <summary>Of when a picture that is made here is.</summary>
/// <param name="MadeMs">When it was drawn, on the worker's clock.</param>
/// <param name="Source">Whose picture in it matters most: whoever speaks; -1 for nobody's.</param>
/// <param name="CaptureMs">When that was taken by its sender's reports; <see cref="Unknown"/> where they do not tell.</param>
internal readonly record struct PictureMoment(long MadeMs, int Source, long CaptureMs)
{
    /// <summary>Stands for a capture time that is not known.</summary>
    public const long Unknown = long.MinValue;
}
