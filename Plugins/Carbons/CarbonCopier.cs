using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Carbons;

/// <summary>Wraps messages (XEP-0297) and gives them to an account's other clients.</summary>
public sealed class CarbonCopier(CarbonSessions sessions)
{
    /// <summary>Copies a message.</summary>
    /// <param name="message">The message, with both its addresses.</param>
    /// <param name="direction"><c>sent</c> or <c>received</c>.</param>
    /// <param name="client">The full address of the account's client that sent or receives it.</param>
    /// <param name="ct">Stops waiting for clients that do not read.</param>
    public async ValueTask CopyAsync(Message message, string direction, Jid client, CancellationToken ct)
    {
        foreach (var session in sessions.Of(client, but: client))
        {
            var copy = new Element("message", Ns.Client)
                .Attr("from", client.Bare.ToString()).Attr("to", session.Jid.ToString()).Attr("type", message.Type)
                .Add(new Element(direction, Ns.Carbons).Add(new Element("forwarded", Ns.Forward).Add(message.Element)));
            await session.SendAsync(new Message(copy), ct);
        }
    }
}
