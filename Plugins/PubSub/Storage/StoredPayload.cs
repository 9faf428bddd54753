using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Storage;

/// <summary>Payloads at rest: documents of their own in UTF-8.</summary>
internal static class StoredPayload
{
    // Wider than any stream's, so that what came in can be read back whatever the server's limits become. Namespaces are spelled out here, which costs attributes.
    private static readonly XmlStreamLimits Limits = new() { StanzaBytes = 16 * 1024 * 1024, Depth = 512, Attributes = XmlStreamLimits.MostAttributes, NameBytes = 4096, Nodes = 1_000_000, Namespaces = 4096 };

    public static byte[] Write(Element payload) => XmlWriting.ToStandaloneUtf8(payload);

    /// <summary>Reads it; null if it cannot be.</summary>
    public static Element? Read(ReadOnlySpan<byte> bytes) => XmlStreamParser.ForFrames(Limits).Advance(bytes, out _) is { Kind: XmlStreamEventKind.Element, Element: { } element } ? element.Freeze() : null;
}
