using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.VCard;

/// <summary>A picture, as items of nodes have it (XEP-0084) and as a vCard does (XEP-0054, XEP-0153).</summary>
/// <param name="Bytes">The picture.</param>
/// <param name="Type">Its media type.</param>
internal sealed record Avatar(byte[] Bytes, string Type)
{
    /// <summary>The node with pictures, each by its hash.</summary>
    public const string DataNode = "urn:xmpp:avatar:data";

    /// <summary>The node that says which of them it is.</summary>
    public const string MetadataNode = "urn:xmpp:avatar:metadata";

    private const int MaxType = 100;

    /// <summary>The hash that names it: SHA-1 in hexadecimal (XEP-0084 section 4.1).</summary>
    [field: AllowNull]
    public string Id => field ??= Hash(Bytes);

    /// <summary>The payload of the data node.</summary>
    public Element ToData() => new Element("data", DataNode).Text(Convert.ToBase64String(Bytes));

    /// <summary>The payload of the metadata node; for null the one that says that there is no picture (section 4.2.1).</summary>
    public static Element ToMetadata(Avatar? avatar)
    {
        var metadata = new Element("metadata", MetadataNode);
        return avatar is null ? metadata : metadata.Add("info", i => i.Attr("bytes", avatar.Bytes.Length.ToString(CultureInfo.InvariantCulture)).Attr("id", avatar.Id).Attr("type", avatar.Type));
    }

    /// <summary>The photo of a vCard.</summary>
    public Element ToPhoto() => new Element("PHOTO", Ns.VCard).Add("TYPE", t => t.Text(Type)).Add("BINVAL", b => b.Text(Convert.ToBase64String(Bytes)));

    /// <summary>The id and type of the picture that metadata names and that lies at the data node; nulls if there is none. One that is only elsewhere does not count (XEP-0398 section 4.1).</summary>
    public static (string? Id, string? Type) ReadMetadata(Element? metadata)
    {
        var info = metadata?.ChildrenNamed("info", MetadataNode).FirstOrDefault(i => i["url"] is null && i["id"] is not null);
        return (info?["id"], info?["type"]);
    }

    /// <summary>Reads the payload of the data node; null if it is not the picture of that id.</summary>
    public static Avatar? ReadData(Element? data, string id, string? type) =>
        data?.Is("data", DataNode) == true && Decode(data.Value) is { } bytes && Hash(bytes) == id ? new Avatar(bytes, type is { Length: > 0 and <= MaxType } ? type : Sniff(bytes)) : null;

    /// <summary>Reads the photo of a vCard; null if there is none that is in it.</summary>
    public static Avatar? ReadPhoto(Element card)
    {
        var photo = card.Child("PHOTO", Ns.VCard);
        if (photo?.Child("BINVAL")?.Value is not { } text || Decode(text) is not { Length: > 0 } bytes) return null;
        return new Avatar(bytes, photo.Child("TYPE")?.Value is { Length: > 0 and <= MaxType } type ? type : Sniff(bytes));
    }

    // Base64 may be folded, which the decoder takes in its stride.
    private static byte[]? Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    [SuppressMessage("Security", "CA5350", Justification = "The standard names it.")]
    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA1.HashData(bytes));

    private static string Sniff(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 3 && bytes[0] == 0x89 && bytes[1..].StartsWith("PNG"u8) ? "image/png"
        : bytes.StartsWith("GIF8"u8) ? "image/gif"
        : bytes.Length > 11 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? "image/webp"
        : bytes.Length > 2 && bytes[0] == 0xFF && bytes[1] == 0xD8 ? "image/jpeg"
        : "application/octet-stream";
}
