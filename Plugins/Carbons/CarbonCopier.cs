using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Carbons;

/// <summary>Wraps messages (XEP-0297) and gives them to an account's other clients.</summary>
public sealed class CarbonCopier(CarbonSessions sessions)
{
    /// <summary>Who wants a copy of what an account's client sends or receives: the account's other clients that turned it on.</summary>
    /// <param name="client">The full address of the client.</param>
    public IReadOnlyList<ISession> Others(Jid client) => sessions.Of(client, but: client);

    /// <summary>Copies a message.</summary>
    /// <param name="message">The message, with both its addresses.</param>
    /// <param name="direction"><c>sent</c> or <c>received</c>.</param>
    /// <param name="client">The full address of the account's client that sent or receives it.</param>
    /// <param name="others">Who gets it.</param>
    /// <param name="ct">Stops waiting for clients that do not read.</param>
    public static async ValueTask CopyAsync(Message message, string direction, Jid client, IReadOnlyList<ISession> others, CancellationToken ct) =>
        // Side by side: clients that do not read make the sender wait for as long as one of them does, not for each in turn.
        await Task.WhenAll(others.Select(s => CopyAsync(message, direction, client.Bare, s, ct).AsTask()));

    private static ValueTask CopyAsync(Message message, string direction, Jid account, ISession session, CancellationToken ct)
    {
        var copy = Wrap(message, direction, account, session.Jid);
        // Should the client that receives the message never have it, it goes to the others only if they have no copy.
        return direction == "received" ? session.SendCopyAsync(copy, message, ct) : session.SendAsync(copy, ct);
    }

    private static Message Wrap(Message message, string direction, Jid account, Jid to) => new(new Element("message", Ns.Client)
        .Attr("from", account.ToString()).Attr("to", to.ToString()).Attr("type", message.Type)
        .Add(new Element(direction, Ns.Carbons).Add(new Element("forwarded", Ns.Forward).Add(message.Element))));
}
