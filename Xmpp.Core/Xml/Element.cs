using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Parley.Xmpp.Core.Xml;

/// <summary>
/// An XML element: a name, a namespace, attributes and content. Built once by chained calls, then sealed by <see cref="Freeze"/> when it is routed,
/// after which it is safe to share between threads and its serialized form is kept.
/// </summary>
public sealed class Element
{
    private List<XmlAttribute>? _attributes;
    private List<object>? _content; // Element or string
    private bool _frozen;
    private byte[]? _serialized;
    private SerializedContent? _shared; // of copies for several recipients

    /// <summary>Makes an empty element. A namespace is always given: stanzas are in <c>jabber:client</c> on every kind of stream.</summary>
    public Element(string name, string ns) => (Name, Namespace) = (name, ns);

    /// <summary>The local name.</summary>
    public string Name { get; }

    /// <summary>The namespace; empty for none.</summary>
    public string Namespace { get; }

    /// <summary>The attributes in order, without namespace declarations.</summary>
    public IReadOnlyList<XmlAttribute> Attributes => _attributes ?? (IReadOnlyList<XmlAttribute>)[];

    /// <summary>The content in order: each an <see cref="Element"/> or a <see cref="string"/>.</summary>
    public IReadOnlyList<object> Content => _content ?? (IReadOnlyList<object>)[];

    /// <summary>The same without an enumerator on the heap.</summary>
    internal ReadOnlySpan<XmlAttribute> AttributeList => CollectionsMarshal.AsSpan(_attributes);

    /// <inheritdoc cref="AttributeList"/>
    internal ReadOnlySpan<object> ContentList => CollectionsMarshal.AsSpan(_content);

    /// <summary>The child elements in order.</summary>
    public IEnumerable<Element> Children => _content?.OfType<Element>() ?? [];

    /// <summary>Whether the element has been sealed.</summary>
    public bool IsFrozen => _frozen;

    /// <summary>The concatenated text directly inside this element.</summary>
    public string Value => _content is null ? "" : _content.Count == 1 && _content[0] is string one ? one : string.Concat(_content.OfType<string>());

    /// <summary>The value of an attribute without a namespace; null if absent.</summary>
    public string? this[string attribute] => Attribute(attribute);

    /// <summary>The value of an attribute; null if absent.</summary>
    public string? Attribute(string name, string ns = "")
    {
        if (_attributes is null) return null;
        foreach (var a in _attributes)
        {
            if (a.Name == name && a.Namespace == ns) return a.Value;
        }

        return null;
    }

    /// <summary>The first child of that name and namespace; null if none.</summary>
    public Element? Child(string name, string ns)
    {
        if (_content is null) return null;
        foreach (var c in _content)
        {
            if (c is Element e && e.Name == name && e.Namespace == ns) return e;
        }

        return null;
    }

    /// <summary>The first child of that name in this element's own namespace; null if none.</summary>
    public Element? Child(string name) => Child(name, Namespace);

    /// <summary>All children of that name and namespace, in order.</summary>
    public IEnumerable<Element> ChildrenNamed(string name, string ns) => Children.Where(c => c.Name == name && c.Namespace == ns);

    /// <summary>Whether name and namespace are these.</summary>
    public bool Is(string name, string ns) => Name == name && Namespace == ns;

    /// <summary>Sets an attribute; null removes it. Returns this element.</summary>
    public Element Attr(string name, string? value, string ns = "")
    {
        ThrowIfFrozen();
        for (var i = (_attributes?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (_attributes![i].Name == name && _attributes[i].Namespace == ns) _attributes.RemoveAt(i);
        }

        if (value is not null) (_attributes ??= []).Add(new XmlAttribute(name, ns, value));
        return this;
    }

    /// <summary>Appends an attribute that is known not to be there yet.</summary>
    internal void Append(XmlAttribute attribute) => (_attributes ??= []).Add(attribute);

    /// <summary>Appends text. Returns this element.</summary>
    public Element Text(string? text)
    {
        ThrowIfFrozen();
        if (!string.IsNullOrEmpty(text)) (_content ??= []).Add(text);
        return this;
    }

    /// <summary>Appends a child; null adds nothing. Returns this element.</summary>
    public Element Add(Element? child)
    {
        ThrowIfFrozen();
        if (child is not null) (_content ??= []).Add(child);
        return this;
    }

    /// <summary>Appends children. Returns this element.</summary>
    public Element Add(IEnumerable<Element> children)
    {
        foreach (var child in children) Add(child);
        return this;
    }

    /// <summary>Appends a new child in this element's namespace, lets <paramref name="build"/> fill it, and returns this element.</summary>
    public Element Add(string name, Action<Element>? build = null)
    {
        var child = new Element(name, Namespace);
        build?.Invoke(child);
        return Add(child);
    }

    /// <summary>Seals this element and everything in it. Returns this element.</summary>
    public Element Freeze()
    {
        if (_frozen) return this;
        foreach (var item in ContentList)
        {
            if (item is Element child) child.Freeze();
        }

        _frozen = true;
        return this;
    }

    /// <summary>An unsealed copy: attributes and content list are new, frozen children are shared, others copied.</summary>
    public Element Copy()
    {
        var copy = new Element(Name, Namespace);
        if (_attributes is not null) copy._attributes = [.. _attributes];
        if (_content is not null) copy._content = [.. _content.Select(c => c is Element { IsFrozen: false } e ? e.Copy() : c)];
        return copy;
    }

    /// <summary>A copy without the children that match.</summary>
    public Element CopyWithout(Predicate<Element> match)
    {
        var copy = Copy();
        copy._content?.RemoveAll(c => c is Element e && match(e));
        return copy;
    }

    /// <summary>A sealed copy of this sealed element with other attributes of these names (null removes one). The content is shared, and so is its serialized form, which makes
    /// copies for many recipients cheap.</summary>
    public Element CopyFor(string? to, string? id)
    {
        if (!_frozen) throw new InvalidOperationException("Only a sealed element can share its content.");
        var copy = new Element(Name, Namespace) { _content = _content, _shared = _shared ??= new SerializedContent(), _frozen = true };
        var attributes = new List<XmlAttribute>((_attributes?.Count ?? 0) + 2);
        foreach (var a in _attributes ?? [])
        {
            if (a.Namespace.Length != 0 || a.Name is not ("to" or "id")) attributes.Add(a);
        }

        if (to is not null) attributes.Add(new XmlAttribute("to", "", to));
        if (id is not null) attributes.Add(new XmlAttribute("id", "", id));
        copy._attributes = attributes;
        return copy;
    }

    /// <summary>Where the serialized content is kept that copies share; null for an element that has no copies.</summary>
    internal SerializedContent? Shared => _shared;

    /// <summary>The UTF-8 form as it stands inside a <c>jabber:client</c> stream. Kept once frozen, so that a fan-out serializes once.</summary>
    public ReadOnlyMemory<byte> ToUtf8()
    {
        if (!_frozen) return XmlWriting.ToUtf8(this);
        return _serialized ??= XmlWriting.ToUtf8(this);
    }

    /// <summary>The XML text, for logs at Debug and for tests.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(ToUtf8().Span);

    private void ThrowIfFrozen()
    {
        if (_frozen) ThrowFrozen();
    }

    [DoesNotReturn]
    private static void ThrowFrozen() => throw new InvalidOperationException("This element has been routed and is sealed; use Copy().");
}

/// <summary>The UTF-8 form of an element's content, made when it is first written. Two threads may make it at once: it is the same.</summary>
internal sealed class SerializedContent
{
    /// <summary>The bytes; null until they are made.</summary>
    public byte[]? Utf8 { get; set; }
}

/// <summary>An attribute. <see cref="Namespace"/> is empty for the usual unprefixed kind.</summary>
public readonly record struct XmlAttribute(string Name, string Namespace, string Value);
