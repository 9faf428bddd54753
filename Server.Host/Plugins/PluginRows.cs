using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Routing;

namespace Parley.Server.Host.Plugins;

/// <summary>What a plugin puts into the tables of the host.</summary>
internal sealed record PluginRows(
    ImmutableArray<IqRegistration> Iqs,
    ImmutableArray<InterceptorRegistration<IMessageInterceptor>> Messages,
    ImmutableArray<InterceptorRegistration<IPresenceInterceptor>> Presences,
    ImmutableArray<InterceptorRegistration<IIqInterceptor>> IqInterceptors,
    ImmutableArray<ComponentRegistration> Components,
    ImmutableArray<FeatureRegistration> Features,
    ImmutableArray<IdentityRegistration> Identities,
    ImmutableArray<(Type Item, object Value)> Contributions,
    ImmutableArray<HttpRegistration> Http,
    ImmutableArray<ConnectionRegistration> Connections)
{
    /// <summary>Makes the plugin's objects, each behind the gate, and their rows.</summary>
    public static PluginRows Make(PluginDeclaration declaration, RegistrationOwner owner, PluginGate gate, IServiceProvider services, IConfiguration configuration)
    {
        var domains = services.GetRequiredService<IServerInfo>().Domains.Where(owner.Serves).ToList();
        T Get<T>(Type type) => (T)services.GetRequiredService(type);
        return new PluginRows(
            [.. declaration.Iqs.Select(i => new IqRegistration(owner, new IqKey(i.Type, i.Namespace, i.Element, i.Target, i.Component), new GuardedIqHandler(gate, Get<IIqHandler>(i.Handler))))],
            [.. declaration.Messages.Select(m => new InterceptorRegistration<IMessageInterceptor>(owner, m.Point, m.Order, new GuardedMessageInterceptor(gate, Get<IMessageInterceptor>(m.Interceptor))))],
            [.. declaration.Presences.Select(p => new InterceptorRegistration<IPresenceInterceptor>(owner, p.Point, p.Order, new GuardedPresenceInterceptor(gate, Get<IPresenceInterceptor>(p.Interceptor))))],
            [.. declaration.IqInterceptors.Select(i => new InterceptorRegistration<IIqInterceptor>(owner, i.Point, i.Order, new GuardedIqInterceptor(gate, Get<IIqInterceptor>(i.Interceptor))))],
            [.. declaration.Components.SelectMany(c => ComponentsOf(declaration, c, owner, domains, configuration,
                new GuardedComponent(gate, Get<IComponent>(c.Component), services.GetRequiredService<IStanzaRouter>())))],
            [.. declaration.Features.Select(f => new FeatureRegistration(owner, f.Feature, f.Target))],
            [.. declaration.Identities.Select(i => new IdentityRegistration(owner, i.Identity, i.Target))],
            [.. declaration.Contributions.Select(c => (c.Item, services.GetRequiredService(c.Implementation)))],
            [.. declaration.Http.Select(h => new HttpRegistration(declaration.Name, h.Prefix, new GuardedHttpHandler(gate, Get<IHttpHandler>(h.Handler))))],
            [.. declaration.Connections.Select(c => new ConnectionRegistration(declaration.Name, c.Listener.Key, new GuardedConnectionHandler(gate, Get<IConnectionHandler>(c.Handler))))]);
    }

    // One subdomain under each served domain; a name that the operator gave goes to the first of them.
    private static IEnumerable<ComponentRegistration> ComponentsOf(PluginDeclaration plugin, ComponentDeclaration component, RegistrationOwner owner, List<string> domains, IConfiguration configuration, IComponent guarded)
    {
        if (component.EnabledKey is { } enabled && bool.TryParse(configuration[$"{plugin.Section}:{enabled}"], out var isOn) && !isOn) yield break;
        for (var i = 0; i < domains.Count; i++)
        {
            var key = $"{plugin.Section}:{component.DomainKey}";
            var named = i == 0 && component.DomainKey is not null ? configuration[key] : null;
            var domain = named is { Length: > 0 } ? named : $"{component.Name}.{domains[i]}";
            if (!Jid.TryParse(domain, out var jid) || jid.Local is not null || jid.Resource is not null) throw new PluginFaultException(plugin.Name, $"{component.DomainKey}: \"{domain}\" is not a domain name.");
            yield return new ComponentRegistration(owner, component.Name, jid.Domain, domains[i], guarded);
        }
    }
}
