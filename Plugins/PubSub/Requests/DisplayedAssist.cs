using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Operations;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Requests;

/// <summary>Publishes for a client how far a conversation was read, as it says in a message of that conversation (XEP-0490 section 3.3). The other side does not see it, nor does any archive.</summary>
internal sealed class DisplayedAssist(PubSubEngine engine) : IMessageInterceptor
{
    /// <summary>What accounts say that can do this.</summary>
    public const string Feature = "urn:xmpp:mds:server-assist:0";

    /// <summary>The node, and the namespace of its payloads.</summary>
    public const string Node = "urn:xmpp:mds:displayed:0";

    /// <inheritdoc/>
    public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        if (context.Sender.Kind != SenderKind.Account || message.From is not { } from || message.Element.Child("displayed", Node) is not { } displayed) return Interception.Continue;
        // The item is named by the address as the client wrote it: a room's occupant is another conversation than the room.
        if (message.To is { } conversation && !message.IsError)
        {
            var scene = await engine.SceneAsync(new Service(from.Bare, true), from, context.Sender.Kind, ct);
            var item = new Element("item", Nodes.PubSubNames.Namespace).Attr("id", conversation.ToString()).Add(displayed);
            // What is refused (too large, too much) concerns the node alone: the message goes on.
            await engine.WriteAsync(scene, c => Publishing.Run(c, scene, Node, [item], null), ct);
        }

        return Interception.Replace(new Message(message.Element.CopyWithout(c => c.Is("displayed", Node))));
    }
}
