using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Core.Xml;

/// <summary>What <see cref="XmlStreamParser.Advance"/> came upon.</summary>
public enum XmlStreamEventKind
{
    /// <summary>All bytes are consumed and nothing is complete.</summary>
    NeedMore,
    /// <summary>The stream header (RFC 6120 section 4.2): an element with attributes and no content.</summary>
    StreamOpened,
    /// <summary>A whole child of the stream: a stanza or a nonza.</summary>
    Element,
    /// <summary>The closing tag of the stream (RFC 6120 section 4.4).</summary>
    StreamClosed,
    /// <summary>The peer broke the rules; nothing after it is read.</summary>
    Fault,
}

/// <summary>A step of a parsed stream.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Element">The header or child.</param>
/// <param name="Error">The stream error that a fault is answered with.</param>
public readonly record struct XmlStreamEvent(XmlStreamEventKind Kind, Element? Element = null, StreamError? Error = null);
