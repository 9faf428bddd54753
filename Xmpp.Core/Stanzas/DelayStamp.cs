using System.Globalization;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Stanzas;

/// <summary>Tells when a message came that is delivered later (XEP-0203).</summary>
public static class DelayStamp
{
    /// <summary>The message with this server's stamp. One that claims to be this server's own already is taken off: it came with the message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="domain">Who stamps: the domain that kept it.</param>
    /// <param name="received">When it came.</param>
    /// <param name="reason">Why it is late, for people; null for none.</param>
    public static Message Add(Message message, string domain, DateTimeOffset received, string? reason = null)
    {
        var stamped = message.Element.CopyWithout(c => c.Is("delay", Ns.Delay) && c["from"] == domain);
        return new Message(stamped.Add(new Element("delay", Ns.Delay)
            .Attr("from", domain)
            .Attr("stamp", received.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
            .Text(reason)), message.From, message.To);
    }

    /// <summary>When a stanza came according to a domain's stamp; null if it has none that can be read. Whoever sent it may have put that there.</summary>
    public static DateTimeOffset? Read(Stanza stanza, string domain) =>
        stanza.Element.ChildrenNamed("delay", Ns.Delay).FirstOrDefault(d => d["from"] == domain)?["stamp"] is { } stamp
            && DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
