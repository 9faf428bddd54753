namespace Parley.Media.Control;

/// <summary>What a relay mixes at this moment.</summary>
/// <param name="Conferences">Conferences that are mixed.</param>
/// <param name="Voices">Voices that are decoded.</param>
/// <param name="Listeners">Slots that are given what is mixed, or a single voice in another codec.</param>
public sealed record MixLoad(int Conferences, int Voices, int Listeners);

/// <summary>What a relay composes and transcodes.</summary>
/// <param name="Conferences">Conferences for which pictures are made at this moment, a thread each.</param>
/// <param name="Composing">Encoders of composed pictures at this moment, one for each size that somebody receives, by codec.</param>
/// <param name="Transcoding">Encoders of single people's pictures at this moment, by codec.</param>
/// <param name="Composed">Composed pictures made since the start.</param>
/// <param name="Transcoded">Transcoded pictures made since the start.</param>
/// <param name="Dropped">Pictures lost since the start, by reason.</param>
/// <param name="CpuSeconds">Processor time that these threads have used, in seconds.</param>
/// <param name="PerSecond">Pictures made a second, over the last ten.</param>
/// <param name="Cores">Processors that these threads kept busy, over the last ten seconds.</param>
public sealed record PictureLoad(int Conferences, IReadOnlyDictionary<string, int> Composing, IReadOnlyDictionary<string, int> Transcoding, long Composed, long Transcoded,
    IReadOnlyDictionary<string, long> Dropped, double CpuSeconds, double PerSecond, double Cores);
