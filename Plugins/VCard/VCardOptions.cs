namespace Parley.Plugins.VCard;

/// <summary>The section <c>Plugins:VCard</c>.</summary>
public sealed class VCardOptions
{
    /// <summary>The largest vCard, in bytes of UTF-8; a picture makes up most of it.</summary>
    public int MaxBytes { get; set; } = 128 * 1024;
}
