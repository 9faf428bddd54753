using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Streams.Management;

namespace Parley.Xmpp.Server.Streams.Bosh;

/// <summary>A request's <c>body</c> (XEP-0124 section 4, XEP-0206).</summary>
/// <param name="Rid">Its number.</param>
/// <param name="Sid">The session; null to make one.</param>
/// <param name="Body">The element.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record BoshRequest(long Rid, string? Sid, Element Body, int Bytes)
{
    public const string Namespace = "http://jabber.org/protocol/httpbind";

    private const string Xbosh = "urn:xmpp:xbosh";

    // 2^53, which is what scripts count to (section 4).
    private const long MostRid = 1L << 53;

    /// <summary>Whether the stream begins anew (XEP-0206 section 5).</summary>
    public bool IsRestart => ManagementElements.ReadBoolean(Body.Attribute("restart", Xbosh));

    /// <summary>Whether the client ends the session (section 13).</summary>
    public bool IsTerminate => Body["type"] == "terminate";

    /// <summary>Whether the client says that it will be away (section 10).</summary>
    public bool IsPause => Number("pause") is > 0;

    /// <summary>What it carries.</summary>
    public IEnumerable<Element> Payloads => Body.Children;

    /// <summary>The version of XMPP that the client speaks.</summary>
    public string? Version => Body.Attribute("version", Xbosh);

    /// <summary>A number that the client asks for; null where there is none.</summary>
    public int? Number(string name) => int.TryParse(Body[name], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Reads a request; false if it is none, with what is wrong with its XML where that is why.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, XmlStreamLimits limits, [NotNullWhen(true)] out BoshRequest? request, out StreamError? fault)
    {
        (request, fault) = (null, null);
        var parser = XmlStreamParser.ForFrames(limits);
        var step = parser.Advance(bytes, out var consumed);
        fault = step.Error;
        if (step.Kind != XmlStreamEventKind.Element || !step.Element!.Is("body", Namespace)) return false;
        // White space behind it is nothing; anything else is not one element.
        if (parser.Advance(bytes[consumed..], out _).Kind != XmlStreamEventKind.NeedMore || !parser.IsBetweenElements) return false;
        if (!long.TryParse(step.Element["rid"], NumberStyles.None, CultureInfo.InvariantCulture, out var rid) || rid is <= 0 or >= MostRid) return false;
        request = new BoshRequest(rid, step.Element["sid"], step.Element, bytes.Length);
        return true;
    }
}
