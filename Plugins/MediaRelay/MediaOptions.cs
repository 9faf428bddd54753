using Parley.Media.Core.Audio.Prompts;

namespace Parley.Plugins.MediaRelay;

/// <summary>The section <c>Media</c>.</summary>
public sealed class MediaOptions
{
    /// <summary>Worker threads, one UDP port each; 0 for one per core, at most 8.</summary>
    public int Workers { get; set; }

    /// <summary>The first worker's UDP port; the others' follow.</summary>
    public int FirstPort { get; set; } = 10_000;

    /// <summary>Conferences at once.</summary>
    public int MaxConferences { get; set; } = 1_000;

    /// <summary>Participants in one conference.</summary>
    public int MaxParticipants { get; set; } = 100;

    /// <summary>The ports of media without ICE, first and last; opened only while a leg needs them (docs/legs/raw-udp.md).</summary>
    public string RawPorts { get; set; } = "12000-12999";

    /// <summary>Conferences in which pictures are composed or transcoded at once, a thread each; in others one-to-one clients see whoever speaks.</summary>
    public int MaxPictureConferences { get; set; } = 50;

    /// <summary>A WAVE file with the words by which callers hear that they are recorded; empty for "This call is being recorded." (docs/recording.md).</summary>
    public string RecordedPrompt { get; set; } = "";

    /// <summary>Reads <see cref="RecordedPrompt"/>.</summary>
    /// <returns>The words at 48 kHz; null where the file is not named, or cannot be read.</returns>
    /// <param name="options">The section.</param>
    /// <param name="fault">What is wrong with it; null for nothing.</param>
    public static float[]? ReadPrompt(MediaOptions options, out string? fault)
    {
        fault = null;
        if (options.RecordedPrompt.Length == 0) return null;
        try
        {
            // Whatever it names: a device may have no end.
            using var file = File.OpenRead(options.RecordedPrompt);
            var bytes = new byte[WaveFile.MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length < bytes.Length ? WaveFile.Read(bytes.AsSpan(0, length)) : throw new InvalidDataException($"is longer than {WaveFile.MaxSeconds} seconds");
        }
        catch (InvalidDataException e)
        {
            fault = $"'{options.RecordedPrompt}' {e.Message}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            fault = $"'{options.RecordedPrompt}' cannot be read: {e.Message}";
        }

        return null;
    }

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(MediaOptions options)
    {
        if (options.Workers is < 0 or > 64) yield return "Workers: must be between 0 (one per core, at most 8) and 64";
        if (options.FirstPort is < 1024 or > 65535 - 64) yield return "FirstPort: must be between 1024 and 65471";
        if (!TurnOptions.TryReadPorts(options.RawPorts, out _, out _)) yield return "RawPorts: must be two ports from 1024 on, such as 12000-12999, the first even and at least one below the last";
        _ = ReadPrompt(options, out var fault);
        if (fault is not null) yield return $"RecordedPrompt: {fault}; it must be a WAVE file of one channel with 8000, 16000 or 48000 samples a second, of 16 bits or µ-law, and up to {WaveFile.MaxSeconds} seconds";
        if (options.MaxConferences < 1) yield return "MaxConferences: must be at least 1";
        if (options.MaxPictureConferences is < 0 or > 1_000) yield return "MaxPictureConferences: must be between 0 (none) and 1000";
        if (options.MaxParticipants is < 2 or > 1_000) yield return "MaxParticipants: must be between 2 and 1000";
    }
}
