namespace Parley.Plugins.Upload;

/// <summary>A file, or the slot for one.</summary>
/// <param name="Key">What its URL's token is stored as.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its media type; null for an unknown one.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Created">When the slot was given, in Unix milliseconds.</param>
/// <param name="Expires">When the slot, or the file that is there, ends, in Unix milliseconds.</param>
/// <param name="LastsUntil">When the file must be gone, in Unix milliseconds; null: when its lifetime is over.</param>
internal sealed record StoredFile(string Key, string Account, string Name, string? Type, long Size, long Created, long Expires, long? LastsUntil);

/// <summary>Why there is no slot.</summary>
internal enum SlotRefusal
{
    /// <summary>There is one.</summary>
    None,
    /// <summary>The account has uploaded as much as it may in a day.</summary>
    Daily,
    /// <summary>The account's files take as much room as they may.</summary>
    Total,
}
