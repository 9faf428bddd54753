using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Core.Xml;

/// <summary>Makes elements of start tags: declares their namespaces, resolves their names, refuses what occurs twice (Namespaces in XML 1.0).</summary>
internal static class XmlElementReader
{
    /// <summary>Reads a start tag. What it declares stays in the scope, also after a fault.</summary>
    /// <param name="token">The tag.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="scope">The namespaces in force.</param>
    /// <param name="content">The stream's content namespace, which stands for <c>jabber:client</c>.</param>
    /// <param name="element">The element.</param>
    /// <param name="qualifiedName">Its name as it stands there.</param>
    /// <param name="isEmpty">Whether the tag ends it.</param>
    /// <returns>The condition of a fault.</returns>
    public static string? TryRead(ReadOnlySpan<byte> token, XmlStreamLimits limits, NamespaceScope scope, string content, out Element? element, out string qualifiedName, out bool isEmpty)
    {
        element = null;
        qualifiedName = "";
        // An attribute needs an equals sign, so there are no more of them than of those.
        Span<RawAttribute> buffer = stackalloc RawAttribute[Math.Min(token.Count((byte)'='), limits.Attributes)];
        if (XmlTag.TryRead(token, limits, buffer, out var nameLength, out var prefixLength, out var count, out isEmpty) is { } fault) return fault;
        var attributes = buffer[..count];
        if (Declare(token, limits, scope, attributes) is { } undeclarable) return undeclarable;

        var name = token.Slice(1, nameLength);
        if (scope.Find(name[..prefixLength]) is not { } ns) return StreamConditions.NotWellFormed;
        var local = KnownNames.Get(LocalPart(name, prefixLength));
        element = new Element(local, ns == content ? Ns.Client : ns);
        qualifiedName = prefixLength == 0 ? local : KnownNames.Get(name);
        foreach (var a in attributes)
        {
            var attribute = token.Slice(a.Name, a.NameLength);
            if (IsDeclaration(attribute, a.PrefixLength)) continue;
            // An attribute without a prefix is in no namespace, whatever the default is.
            if ((a.PrefixLength == 0 ? "" : scope.Find(attribute[..a.PrefixLength])) is not { } attributeNs) return StreamConditions.NotWellFormed;
            if (XmlText.TryReadValue(token.Slice(a.Value, a.ValueLength), out var value) is { } condition) return condition;
            var attributeName = KnownNames.Get(LocalPart(attribute, a.PrefixLength));
            if (a.PrefixLength > 0 && element.Attribute(attributeName, attributeNs) is not null) return StreamConditions.NotWellFormed;
            element.Append(new XmlAttribute(attributeName, attributeNs, value));
        }

        return null;
    }

    private static string? Declare(ReadOnlySpan<byte> token, XmlStreamLimits limits, NamespaceScope scope, ReadOnlySpan<RawAttribute> attributes)
    {
        foreach (var a in attributes)
        {
            var name = token.Slice(a.Name, a.NameLength);
            if (!IsDeclaration(name, a.PrefixLength)) continue;
            if (scope.Count == limits.Namespaces) return StreamConditions.PolicyViolation;
            if (XmlText.TryReadValue(token.Slice(a.Value, a.ValueLength), out var uri) is { } condition) return condition;
            if (!scope.TryDeclare(a.PrefixLength == 0 ? "" : KnownNames.Get(LocalPart(name, a.PrefixLength)), uri)) return StreamConditions.NotWellFormed;
        }

        return null;
    }

    private static bool IsDeclaration(ReadOnlySpan<byte> name, int prefixLength) => (prefixLength == 0 ? name : name[..prefixLength]).SequenceEqual("xmlns"u8);

    private static ReadOnlySpan<byte> LocalPart(ReadOnlySpan<byte> name, int prefixLength) => prefixLength == 0 ? name : name[(prefixLength + 1)..];
}
