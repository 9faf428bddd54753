using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Operations;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.PubSub.Requests;

/// <summary>Takes owners' answers to requests for a subscription (XEP-0060 section 8.6): forms in messages to the service, here the owner's own account.</summary>
internal sealed class Authorizations(PubSubEngine engine) : IMessageInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        if (message.To is not { IsBare: true } account || message.From?.Bare != account || context.Sender.Kind != SenderKind.Account) return Interception.Continue;
        return await TakeAsync(new Service(account, true), message, context.Sender.Kind, ct) ? Interception.Handled : Interception.Continue;
    }

    /// <summary>Takes one; false if the message is something else.</summary>
    public async ValueTask<bool> TakeAsync(Service service, Message message, SenderKind kind, CancellationToken ct)
    {
        if (DataForm.Within(message.Element) is not { Type: "submit", FormType: PubSubNames.SubscribeAuthorization } form) return false;
        if (form.Value("pubsub#node") is not { } node || !Jid.TryParse(form.Value("pubsub#subscriber_jid"), out var subscriber)) return false;
        var scene = await engine.SceneAsync(service, message.From!, kind, ct);
        await engine.WriteAsync(scene, c => People.Authorize(c, scene, node, subscriber, form.Flag("pubsub#allow") == true), ct);
        return true;
    }
}
