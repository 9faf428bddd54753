namespace Parley.Media.Relay.Native;

/// <summary>Whether names can be written into pictures on this machine.</summary>
internal static class TextLibraries
{
    private static readonly Lazy<bool> Found = new(() => NativeLibraries.IsSupported(out _)
        && new[] { LibPango.CairoName, LibPango.Name, LibCairo.Name, LibCairo.ObjectName }.All(n => NativeLibraries.TryLoad(n)));

    /// <summary>Whether they are there.</summary>
    public static bool AreThere => Found.Value;
}
