using System.Text;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Archive;

/// <summary>Messages at rest: their UTF-8 form as inside a <c>jabber:client</c> stream. They were judged by the stream's parser when they came.</summary>
internal sealed class StoredMessage
{
    private static readonly byte[] Header = Encoding.UTF8.GetBytes("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");

    private static readonly XmlStreamLimits Limits = new()
    {
        StanzaBytes = int.MaxValue / 2,
        Depth = 1000,
        Attributes = XmlStreamLimits.MostAttributes,
        NameBytes = int.MaxValue,
        Nodes = int.MaxValue,
        Namespaces = int.MaxValue,
    };

    private readonly XmlStreamParser _parser = XmlStreamParser.ForStream(Limits);

    /// <summary>Makes a reader of several messages, one after another.</summary>
    public StoredMessage() => _parser.Advance(Header, out _);

    /// <summary>The form to keep.</summary>
    public static byte[] Write(Message message) => message.Element.ToUtf8().ToArray();

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not that.</exception>
    public Message Read(byte[] bytes) =>
        _parser.Advance(bytes, out var consumed) is { Kind: XmlStreamEventKind.Element, Element: { } element } && consumed == bytes.Length && Stanza.TryRead(element, out var stanza, out _) && stanza is Message message
            ? message : throw new InvalidDataException("An archived message cannot be read.");
}
