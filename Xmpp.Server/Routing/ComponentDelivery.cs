using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Gives stanzas to components: in order for each sender, and bounded.</summary>
internal sealed class ComponentDelivery(XmppServerSettings settings, RoutingTableHolder tables, SessionRegistry sessions, IqDispatcher dispatcher, PluginCalls calls, ILogger<ComponentDelivery> log)
{
    private readonly SenderQueues _queues = new(settings.Limits.PendingPerSender, settings.Limits.PendingBytesPerSender);

    /// <summary>Queues a stanza for a component; <paramref name="answer"/> takes what goes back, later.</summary>
    public Outcome Post(Stanza stanza, ComponentRegistration component, SenderInfo sender, Func<Stanza, ValueTask> answer) =>
        _queues.TryPost(component.Domain, stanza.From!, stanza.Element.ToUtf8().Length, () => GiveAsync(stanza, component.Domain, sender, answer)) ? Outcome.Done : Outcome.Refuse(StanzaCondition.ResourceConstraint);

    private async Task GiveAsync(Stanza stanza, string domain, SenderInfo sender, Func<Stanza, ValueTask> answer)
    {
        Outcome outcome;
        var plugin = "";
        try
        {
            // Looked up now: the plugin may have been unloaded or reloaded since.
            var table = tables.Current;
            var component = table.Components.GetValueOrDefault(domain);
            plugin = component?.Owner.Plugin;
            outcome = component is null ? Outcome.Refuse(StanzaCondition.ServiceUnavailable) : await GiveAsync(stanza, component, sender, table);
        }
        catch (Exception e)
        {
            log.LogError(e, "A component of plugin {Plugin} failed", plugin);
            outcome = Outcome.Refuse(StanzaCondition.InternalServerError);
        }

        if (outcome.ReplyTo(stanza) is { } reply) await answer(reply);
    }

    private async ValueTask<Outcome> GiveAsync(Stanza stanza, ComponentRegistration component, SenderInfo sender, RoutingTable table)
    {
        if (stanza is Iq { IsRequest: true } iq)
        {
            if (IqDispatcher.Find(iq, IqTarget.Component, component.Name, component.ParentDomain, table) is { } handler)
            {
                return await dispatcher.CallAsync(handler, new IqRequest(iq, sender, component.ParentDomain), CancellationToken.None);
            }

            if (ServiceDiscovery.IsAsked(iq)) return ServiceDiscovery.OfComponent(iq, component, table);
        }

        var point = sender.Kind is SenderKind.Remote or SenderKind.Component ? StanzaPoint.FromRemote : StanzaPoint.FromLocalSession;
        var context = new StanzaContext(point, sender, component.ParentDomain, sessions.Find(stanza.From!));
        return await calls.CallAsync(async c =>
        {
            await component.Component.OnStanzaAsync(stanza, context, c);
            return Outcome.Done;
        }, CancellationToken.None);
    }
}
