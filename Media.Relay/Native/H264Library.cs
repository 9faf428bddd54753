using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>Whether H.264 can be decoded and encoded on this machine.</summary>
internal static unsafe class H264Library
{
    /// <summary>What an operator does about it.</summary>
    private const string Remedy = "on Debian: apt install libopenh264-7";

    private static readonly Lazy<string?> Lacking = new(Find);

    /// <summary>Whether it can.</summary>
    /// <param name="missing">What is missing, and how it is had, for the operator.</param>
    public static bool IsThere([NotNullWhen(false)] out string? missing)
    {
        missing = Lacking.Value;
        return missing is null;
    }

    private static string? Find()
    {
        if (!NativeLibraries.IsSupported(out var reason)) return reason;
        var handle = NativeLibraries.OpenH264Handle;
        if (handle == 0) return $"{OpenH264Layout.FileName} is not installed ({Remedy})";
        // Cisco's own file of that name may be there without being one: some distributions install an empty one in its place.
        if (((string[])["WelsGetCodecVersionEx", "WelsCreateSVCEncoder", "WelsDestroySVCEncoder", "WelsCreateDecoder", "WelsDestroyDecoder"]).FirstOrDefault(f => !NativeLibrary.TryGetExport(handle, f, out _)) is { } lacking)
            return $"{OpenH264Layout.FileName} lacks {lacking} ({Remedy})";
        var version = stackalloc uint[4];
        LibOpenH264.Version(version);
        var text = $"{version[0]}.{version[1]}.{version[2]}";
        if (!OpenH264Layout.IsKnown(version[0], version[1], version[2])) return $"{OpenH264Layout.FileName} is version {text}, whose structures are not known here";
        return HasLayout() ? null : $"{OpenH264Layout.FileName} says that it is version {text}, but its structures are not those of that version";
    }

    // The settings that an encoder begins with are known, and are spread over the whole structure: were it another, they would be elsewhere.
    private static bool HasLayout()
    {
        const int Room = 4_096;
        using var encoder = new OpenH264Encoder();
        var memory = stackalloc byte[Room];
        new Span<byte>(memory, Room).Fill(0xA5);
        if (LibOpenH264.DefaultSettings(encoder, memory) != LibOpenH264.Ok) return false;
        int At(int offset) => *(int*)(memory + offset);
        return (At(OpenH264Layout.Settings.TemporalLayers), At(OpenH264Layout.Settings.SpatialLayers), At(OpenH264Layout.Settings.IntraPeriod), At(OpenH264Layout.Settings.MaxQuantizer)) == (1, 1, 0, 51)
            && *(short*)(memory + OpenH264Layout.Settings.Threads) == 1 && At(OpenH264Layout.Settings.UsageType) == 0 && memory[OpenH264Layout.Settings.DetectsSceneChanges] == 1
            && new Span<byte>(memory + OpenH264Layout.Settings.Size, Room - OpenH264Layout.Settings.Size).IndexOfAnyExcept((byte)0xA5) < 0;
    }
}
