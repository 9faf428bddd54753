namespace Parley.Xmpp.Core.Xml;

/// <summary>Bounds on what a peer may make <see cref="XmlStreamParser"/> hold; passing one is a <c>policy-violation</c> (RFC 6120 section 13.12).</summary>
public sealed record XmlStreamLimits
{
    /// <summary>The most attributes, namespace declarations included, that <see cref="Attributes"/> may be set to.</summary>
    public const int MostAttributes = 128;

    /// <summary>Bytes of one stanza, or of the stream header with what precedes it; as many again for the namespaces that its prefixes stand for.</summary>
    public int StanzaBytes { get; init; } = 16 * 1024;

    /// <summary>Nesting of elements inside a stanza, itself included.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>Attributes of one element, namespace declarations included.</summary>
    public int Attributes { get; init; } = 64;

    /// <summary>Bytes of one qualified name.</summary>
    public int NameBytes { get; init; } = 256;

    /// <summary>Elements and pieces of text in one stanza.</summary>
    public int Nodes { get; init; } = 10_000;

    /// <summary>Namespace declarations in force at once.</summary>
    public int Namespaces { get; init; } = 128;
}
