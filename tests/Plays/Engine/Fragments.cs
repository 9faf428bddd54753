using System.Text;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>XML as a play writes it: elements side by side, in <c>jabber:client</c> unless they say otherwise.</summary>
internal static class Fragments
{
    private const string Header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">It is no XML.</exception>
    public static IReadOnlyList<Element> Read(string xml)
    {
        var parser = XmlStreamParser.ForStream(new XmlStreamLimits { StanzaBytes = 1024 * 1024 });
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(Header + xml);
        var elements = new List<Element>();
        while (true)
        {
            var step = parser.Advance(bytes, out var consumed);
            bytes = bytes[consumed..];
            if (step.Kind == XmlStreamEventKind.Fault) throw new FormatException($"This is no XML ({step.Error!.Condition}): {xml}");
            if (step.Kind == XmlStreamEventKind.NeedMore) return parser.IsBetweenElements ? elements : throw new FormatException($"This XML is cut short: {xml}");
            if (step.Kind == XmlStreamEventKind.Element) elements.Add(step.Element!);
        }
    }
}
