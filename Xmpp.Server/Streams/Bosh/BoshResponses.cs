using System.Globalization;
using System.Text;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Streams.Bosh;

/// <summary>Writes the <c>body</c> of responses.</summary>
internal static class BoshResponses
{
    /// <summary>One with nothing in it.</summary>
    public static ReadOnlyMemory<byte> Empty { get; } = Write(New(), []);

    /// <summary>Ends a session, or refuses one (XEP-0124 section 17.2).</summary>
    /// <param name="condition">Why; null where both sides want it.</param>
    public static ReadOnlyMemory<byte> Terminate(string? condition) => Write(New().Attr("type", "terminate").Attr("condition", condition), []);

    /// <summary>One that carries what is formatted already.</summary>
    public static ReadOnlyMemory<byte> Carry(IEnumerable<ReadOnlyMemory<byte>> payloads) => Write(New(), payloads);

    /// <summary>The last one of a session.</summary>
    public static ReadOnlyMemory<byte> CarryLast(IEnumerable<ReadOnlyMemory<byte>> payloads, string? condition) => Write(New().Attr("type", "terminate").Attr("condition", condition), payloads);

    /// <summary>The first one of a session (section 7.2, XEP-0206 section 3).</summary>
    /// <param name="sid">Its id.</param>
    /// <param name="header">The stream's.</param>
    /// <param name="wait">For how long a request is held.</param>
    /// <param name="hold">How many are.</param>
    /// <param name="limits">The limits that it is told.</param>
    /// <param name="payloads">What it carries.</param>
    public static ReadOnlyMemory<byte> Begin(string sid, StreamHeader header, TimeSpan wait, int hold, BoshLimits limits, IEnumerable<ReadOnlyMemory<byte>> payloads) => Write(
        New().Attr("sid", sid).Attr("from", header.From).Attr("authid", header.Id).Attr("ver", "1.11").Attr("wait", Seconds(wait)).Attr("hold", Text(hold)).Attr("requests", Text(hold + 1))
            .Attr("inactivity", Seconds(limits.Inactivity)).Attr("polling", Seconds(limits.Polling)).Attr("maxpause", Seconds(limits.Pause)).Attr("version", header.Version, Xbosh).Attr("restartlogic", "true", Xbosh),
        payloads);

    private const string Xbosh = "urn:xmpp:xbosh";

    private static Element New() => new("body", BoshRequest.Namespace);

    private static ReadOnlyMemory<byte> Write(Element body, IEnumerable<ReadOnlyMemory<byte>> payloads)
    {
        var open = Encoding.UTF8.GetString(StreamWriting.ToUtf8(body, isFrame: true));
        var start = Encoding.UTF8.GetBytes(open[..open.LastIndexOf("/>", StringComparison.Ordinal)]);
        var all = payloads.Where(p => !p.IsEmpty).ToArray();
        if (all.Length == 0) return (byte[])[.. start, .. "/>"u8];
        using var bytes = new MemoryStream();
        bytes.Write(start);
        // Many clients look for the prefix of what is the stream's own.
        bytes.Write(Encoding.UTF8.GetBytes($" xmlns:stream='{Ns.Streams}'>"));
        foreach (var one in all) bytes.Write(one.Span);
        bytes.Write("</body>"u8);
        return bytes.ToArray();
    }

    private static string Seconds(TimeSpan time) => Text((int)time.TotalSeconds);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
