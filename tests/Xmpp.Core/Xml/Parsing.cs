using System.Text;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Tests.XmlStreams;

/// <summary>Drives the parser in chunks and writes down what it says.</summary>
internal static class Parsing
{
    public const string Header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='1.0'>";

    public static IReadOnlyList<string> Transcript(XmlStreamParser parser, byte[] bytes, Func<int> chunk)
    {
        var said = new List<string>();
        var at = 0;
        while (at < bytes.Length)
        {
            ReadOnlySpan<byte> rest = bytes.AsSpan(at, Math.Min(Math.Max(chunk(), 1), bytes.Length - at));
            while (true)
            {
                var step = parser.Advance(rest, out var consumed);
                at += consumed;
                rest = rest[consumed..];
                if (step.Kind == XmlStreamEventKind.NeedMore) break;
                said.Add(Describe(step) + (step.Kind == XmlStreamEventKind.Fault ? "" : $" at {at}"));
                if (step.Kind == XmlStreamEventKind.Fault) return said;
            }

            Assert.Equal(0, rest.Length);
        }

        return said;
    }

    public static string? FaultOf(string xml, XmlStreamLimits? limits = null, bool isFramed = false) => FaultOf(Encoding.UTF8.GetBytes(xml), limits, isFramed);

    /// <summary>The condition that a document earns, the same for whole, byte by byte and in threes; null if none.</summary>
    public static string? FaultOf(byte[] bytes, XmlStreamLimits? limits = null, bool isFramed = false)
    {
        var found = new[] { int.MaxValue, 1, 3 }.Select(size =>
            Transcript(Make(limits, isFramed), bytes, () => size)[^1] is var last && last.StartsWith("Fault ", StringComparison.Ordinal) ? last[6..] : null).Distinct().ToArray();
        Assert.Single(found);
        return found[0];
    }

    /// <summary>The stanzas behind a header.</summary>
    public static IReadOnlyList<Element> StanzasOf(string xml, XmlStreamLimits? limits = null)
    {
        var parser = Make(limits);
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(Header + xml);
        var found = new List<Element>();
        while (true)
        {
            var step = parser.Advance(rest, out var consumed);
            rest = rest[consumed..];
            if (step.Kind == XmlStreamEventKind.NeedMore) return found;
            Assert.NotEqual(XmlStreamEventKind.Fault, step.Kind);
            if (step.Kind == XmlStreamEventKind.Element) found.Add(step.Element!);
        }
    }

    public static XmlStreamParser Make(XmlStreamLimits? limits = null, bool isFramed = false) =>
        isFramed ? XmlStreamParser.ForFrames(limits ?? new()) : XmlStreamParser.ForStream(limits ?? new());

    /// <summary>A form that tells everything apart that matters, and nothing else: attributes sorted, adjoining text joined.</summary>
    public static string Canonical(Element e)
    {
        var text = new StringBuilder($"{{{e.Namespace}}}{e.Name}[");
        foreach (var a in e.Attributes.OrderBy(a => a.Namespace + "|" + a.Name, StringComparer.Ordinal)) text.Append("{" + a.Namespace + "}" + a.Name + "=" + a.Value + ";");
        text.Append(']');
        foreach (var item in e.Content) text.Append(item is Element child ? "(" + Canonical(child) + ")" : (string)item);
        return text.ToString();
    }

    private static string Describe(XmlStreamEvent step) => step.Kind switch
    {
        XmlStreamEventKind.Fault => "Fault " + step.Error!.Condition,
        XmlStreamEventKind.StreamClosed => "Closed",
        _ => $"{step.Kind} {Canonical(step.Element!)}",
    };
}
