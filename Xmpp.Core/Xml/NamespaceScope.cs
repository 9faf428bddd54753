namespace Parley.Xmpp.Core.Xml;

/// <summary>The namespace declarations in force, innermost last (Namespaces in XML 1.0 section 6).</summary>
internal sealed class NamespaceScope
{
    private readonly List<(string Prefix, string Uri)> _declared = [];

    /// <summary>How many are in force; what to give to <see cref="Leave"/>.</summary>
    public int Count => _declared.Count;

    /// <summary>Adds a declaration; false if Namespaces in XML forbids it. The prefix is empty for the default namespace.</summary>
    public bool TryDeclare(string prefix, string uri)
    {
        if (prefix == "xmlns" || uri == XmlStreamNames.Xmlns) return false;
        if ((prefix == "xml") != (uri == XmlStreamNames.Xml)) return false;
        // Only the default may be undeclared in version 1.0.
        if (uri.Length == 0 && prefix.Length > 0) return false;
        _declared.Add((prefix, uri));
        return true;
    }

    /// <summary>The namespace of a prefix; null if undeclared. The default is empty where none is declared.</summary>
    public string? Find(ReadOnlySpan<byte> prefix)
    {
        for (var i = _declared.Count - 1; i >= 0; i--)
        {
            if (KnownNames.Same(prefix, _declared[i].Prefix)) return _declared[i].Uri;
        }

        return prefix.IsEmpty ? "" : prefix.SequenceEqual("xml"u8) ? XmlStreamNames.Xml : null;
    }

    /// <summary>Forgets what an element declared.</summary>
    public void Leave(int count) => _declared.RemoveRange(count, _declared.Count - count);
}
