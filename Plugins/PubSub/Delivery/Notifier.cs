using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Operations;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Delivery;

/// <summary>Tells of what happened at nodes (XEP-0060 section 12.2, XEP-0163 section 4.3).</summary>
internal sealed class Notifier(IStanzaRouter router, Recipients recipients, SerialWork work, IContributions<IPersonalEventObserver> observers, ILogger<Notifier> log)
{
    private const string Addresses = "http://jabber.org/protocol/address";

    /// <summary>Tells of an outcome, behind everything that the service told before.</summary>
    public void Post(Scene scene, Outcome outcome)
    {
        if (outcome.Event is not null || outcome.Notes is { Count: > 0 }) work.Post(scene.Service.Address, ct => TellAsync(scene.Service.Address, outcome, ct));
    }

    /// <summary>Sends one event to one address.</summary>
    public ValueTask SendAsync(Jid service, Jid to, NotificationType type, Element content, Jid? publisher, CancellationToken ct)
    {
        var message = Envelope(service, to, type).Add(new Element("event", PubSubNames.Event).Add(content));
        // XEP-0163 section 4.3.2: whoever sees the publisher's presence may tell its resources apart.
        if (publisher is { Resource: not null }) message.Add(new Element("addresses", Addresses).Add("address", a => a.Attr("type", "replyto").Attr("jid", publisher.ToString())));
        return router.RouteAsync(new Message(message), ct);
    }

    private async ValueTask TellAsync(Jid service, Outcome outcome, CancellationToken ct)
    {
        if (outcome.Event is { } happened)
        {
            happened.Content.Freeze();
            if (happened.IsTold)
            {
                foreach (var (to, seesPresence) in await recipients.OfAsync(happened, ct)) await SendAsync(service, to, happened.Config.NotificationType, happened.Content, seesPresence ? happened.Publisher : null, ct);
            }

            if (happened.Service.IsPersonal) await ObserveAsync(happened, ct);
        }

        foreach (var note in outcome.Notes ?? [])
        {
            if (note.Content.Namespace == PubSubNames.Event) await SendAsync(service, note.To, NotificationType.Headline, note.Content, null, ct);
            else await router.RouteAsync(new Message(Envelope(service, note.To, NotificationType.Normal).Add(note.Content)), ct);
        }
    }

    private static Element Envelope(Jid service, Jid to, NotificationType type) =>
        new Element("message", Ns.Client).Attr("from", service.ToString()).Attr("to", to.ToString()).Attr("id", Guid.NewGuid().ToString("N")).Attr("type", type == NotificationType.Headline ? "headline" : "normal");

    private async ValueTask ObserveAsync(NodeEvent happened, CancellationToken ct)
    {
        if (happened.Published.Count == 0 && happened.Retracted.Count == 0) return;
        var change = new PersonalChange(happened.Service.Address, happened.Node, happened.Published, happened.Retracted);
        foreach (var observer in observers.Items)
        {
            try
            {
                await observer.ChangedAsync(change, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogError(e, "A plugin failed over a change at {Node}", happened.Node);
            }
        }
    }
}
