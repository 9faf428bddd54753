using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Core.Xml;

/// <summary>
/// Parses a stream as its bytes come (RFC 6120 sections 4 and 11): strict UTF-8, no DTD, comments, processing instructions or entities of one's own, namespaces
/// well-formed, everything bounded. It says exactly how far it read, so that TLS can begin behind <c>&lt;starttls/&gt;</c>; a restarted stream gets a new parser.
/// </summary>
public sealed class XmlStreamParser
{
    private readonly record struct Frame(Element Element, string QualifiedName, int Namespaces);

    private static readonly Element Root = new Element("stream", Ns.Streams).Freeze();

    private readonly XmlTokenizer _token = new();
    private readonly NamespaceScope _scope = new();
    private readonly List<Frame> _open = [];
    private readonly bool _isFramed;
    private readonly string? _orContent;
    private string _content;
    private XmlStreamEvent? _end;
    private bool _isEndTold;
    private bool _mayDeclare = true;
    private int _bytes;
    private int _nodes;
    private int _spelled;

    private XmlStreamParser(XmlStreamLimits limits, bool isFramed, string content = Ns.Client, string? orContent = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limits.Attributes, XmlStreamLimits.MostAttributes);
        (Limits, _isFramed, _content, _orContent) = (limits, isFramed, content, orContent);
    }

    /// <summary>A parser for a stream on TCP: a header, children, a closing tag.</summary>
    /// <param name="limits">The bounds.</param>
    /// <param name="content">The content namespace (RFC 6120 section 4.8.2); what is in it comes out in <c>jabber:client</c>, as stanzas are everywhere inside the server.</param>
    /// <param name="orContent">Another content namespace that the header may name instead; null for none.</param>
    public static XmlStreamParser ForStream(XmlStreamLimits limits, string content = Ns.Client, string? orContent = null) => new(limits, isFramed: false, content, orContent);

    /// <summary>A parser for the WebSocket framing of RFC 7395, where every element is a document of its own.</summary>
    public static XmlStreamParser ForFrames(XmlStreamLimits limits) => new(limits, isFramed: true);

    /// <summary>The bounds; others count from the next token on.</summary>
    public XmlStreamLimits Limits { get; set; }

    /// <summary>The content namespace.</summary>
    public string Content => _content;

    /// <summary>Whether no element below the stream and no tag is half read: where a frame may end.</summary>
    public bool IsBetweenElements => IsTopLevel && _token.Kind == XmlTokenKind.None;

    private int TopLevel => _isFramed ? 0 : 1;

    private bool IsTopLevel => _open.Count <= TopLevel;

    /// <summary>Reads on to the next event. Call it with the bytes not consumed until it says <see cref="XmlStreamEventKind.NeedMore"/>; a fault is final.</summary>
    public XmlStreamEvent Advance(ReadOnlySpan<byte> bytes, out int consumed)
    {
        consumed = 0;
        while (_end is null)
        {
            if (IsBetweenElements)
            {
                var space = XmlTag.SpaceLength(bytes[consumed..]);
                consumed += space;
                if (space > 0) _mayDeclare = false;
                if (consumed < bytes.Length && bytes[consumed] != '<') return Fail(StreamConditions.BadFormat);
            }

            if (consumed == bytes.Length) return default;
            var length = _token.Scan(bytes[consumed..], out var isComplete);
            if (_bytes + _token.Length + length > Limits.StanzaBytes) return Fail(StreamConditions.PolicyViolation);
            if (!isComplete)
            {
                _token.Keep(bytes[consumed..]);
                consumed = bytes.Length;
                return default;
            }

            _bytes += _token.Length + length;
            var token = _token.Complete(bytes.Slice(consumed, length));
            consumed += length;
            var step = Take(_token.Kind, token);
            _token.Reset();
            if (step.Kind != XmlStreamEventKind.NeedMore) return step;
        }

        if (_end.Value.Kind == XmlStreamEventKind.Fault || !_isEndTold)
        {
            _isEndTold = true;
            return _end.Value;
        }

        // What follows the closing tag is nobody's.
        consumed = bytes.Length;
        return default;
    }

    private XmlStreamEvent Take(XmlTokenKind kind, ReadOnlySpan<byte> token)
    {
        if (kind == XmlTokenKind.Restricted) return Fail(StreamConditions.RestrictedXml);
        if (XmlText.Judge(token) is { } condition) return Fail(condition);
        var mayDeclare = _mayDeclare;
        _mayDeclare = false;
        if (kind == XmlTokenKind.Declaration)
        {
            if (!mayDeclare) return Fail(StreamConditions.RestrictedXml);
            return XmlDeclaration.Judge(token, Limits) is { } fault ? Fail(fault) : default;
        }

        if (kind == XmlTokenKind.Tag && token[1] == '/') return Close(token);
        if (++_nodes > Limits.Nodes) return Fail(StreamConditions.PolicyViolation);
        return kind == XmlTokenKind.Tag ? Open(token) : Text(kind, token);
    }

    private XmlStreamEvent Text(XmlTokenKind kind, ReadOnlySpan<byte> token)
    {
        if (IsTopLevel) return Fail(StreamConditions.BadFormat);
        string text;
        if (kind == XmlTokenKind.Cdata) text = XmlText.ReadCdata(token[9..^3]);
        else if (XmlText.TryReadText(token, out text) is { } condition) return Fail(condition);
        _open[^1].Element.Text(text);
        return default;
    }

    private XmlStreamEvent Open(ReadOnlySpan<byte> token)
    {
        var outer = _scope.Count;
        if (XmlElementReader.TryRead(token, Limits, _scope, _content, out var element, out var qualifiedName, out var isEmpty) is { } condition) return Fail(condition);
        // A prefix stays short however long its namespace is; written out again, each use would cost the whole of it.
        _spelled += SpellingLength(element!, _open.Count > TopLevel ? _open[^1].Element.Namespace : Ns.Client);
        if (_spelled > Limits.StanzaBytes) return Fail(StreamConditions.PolicyViolation);
        _open.Add(new Frame(element!, qualifiedName, outer));
        if (_open.Count == TopLevel) return OpenStream(isEmpty);
        if (_open.Count - TopLevel > Limits.Depth) return Fail(StreamConditions.PolicyViolation);
        if (_open.Count > TopLevel + 1) _open[^2].Element.Add(element);
        return isEmpty ? Leave() : default;
    }

    // What XmlWriting spells out for an element beside its own bytes: namespaces, since it knows no prefixes.
    private static int SpellingLength(Element element, string scope)
    {
        var length = element.Namespace == scope ? 0 : element.Namespace.Length;
        foreach (var a in element.Attributes) length += a.Namespace == XmlStreamNames.Xml ? 0 : a.Namespace.Length;
        return length;
    }

    private XmlStreamEvent OpenStream(bool isEmpty)
    {
        var (header, qualifiedName, _) = _open[0];
        if (header.Namespace != Ns.Streams) return Fail(StreamConditions.InvalidNamespace);
        if (header.Name != "stream") return Fail(StreamConditions.BadFormat);
        if (qualifiedName != "stream:stream") return Fail(StreamConditions.BadNamespacePrefix);
        // RFC 6120 section 4.8.2: the content namespace, where it is declared here at all.
        var content = _scope.Find([]);
        if (content is not null && content == _orContent) _content = content;
        if (content is null || (content.Length > 0 && content != _content)) return Fail(StreamConditions.InvalidNamespace);
        (_bytes, _nodes, _spelled) = (0, 0, 0);
        if (isEmpty) _end = new XmlStreamEvent(XmlStreamEventKind.StreamClosed);
        // For as long as the stream lasts only the name is needed, and there are as many streams as clients.
        _open[0] = _open[0] with { Element = Root, QualifiedName = "stream:stream" };
        return new XmlStreamEvent(XmlStreamEventKind.StreamOpened, header);
    }

    private XmlStreamEvent Close(ReadOnlySpan<byte> token)
    {
        var name = token[2..^1];
        var nameLength = XmlNames.RunLength(name);
        if (XmlTag.SpaceLength(name[nameLength..]) != name.Length - nameLength) return Fail(StreamConditions.NotWellFormed);
        if (_open.Count == 0 || !KnownNames.Same(name[..nameLength], _open[^1].QualifiedName)) return Fail(StreamConditions.NotWellFormed);
        return Leave();
    }

    private XmlStreamEvent Leave()
    {
        var (element, _, namespaces) = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        _scope.Leave(namespaces);
        if (_open.Count > TopLevel) return default;
        if (_open.Count < TopLevel)
        {
            _end = new XmlStreamEvent(XmlStreamEventKind.StreamClosed);
            _isEndTold = true;
            return _end.Value;
        }

        (_bytes, _nodes, _spelled) = (0, 0, 0);
        _mayDeclare = _isFramed;
        return new XmlStreamEvent(XmlStreamEventKind.Element, element);
    }

    private XmlStreamEvent Fail(string condition)
    {
        _token.Reset();
        _end = new XmlStreamEvent(XmlStreamEventKind.Fault, Error: new StreamError(condition));
        return _end.Value;
    }
}
