using Parley.Media.Core.Rtp;

namespace Parley.Media.Relay.Pictures;

/// <summary>Composes and transcodes the pictures of conferences.</summary>
internal interface IPictureMixer
{
    /// <summary>Begins a conference's pictures.</summary>
    /// <param name="deliver">Takes what is made; called on the worker's thread.</param>
    /// <param name="delayMs">How long after a moment the picture of it is made; 0 for at once.</param>
    /// <returns>Null where as many conferences have pictures made as may.</returns>
    ConferencePictures? Open(PictureDelivery deliver, long delayMs = 0);

    /// <summary>Whether pictures can be decoded and encoded in a format.</summary>
    bool Has(PayloadFormat format) => PictureCodecs.Has(format);
}
