using System.Collections.Frozen;
using System.Collections.Immutable;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Http;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Routing;

namespace Parley.Server.Host.Plugins;

/// <summary>The host's tables, made anew from the rows of the plugins that run.</summary>
internal sealed class PluginTables(RoutingTableHolder routing, ContributionTable contributions, HttpTable http, ConnectionTable connections, XmppServerSettings settings)
{
    /// <summary>Finds rows that exclude one another.</summary>
    public void Check(IReadOnlyList<LoadedPlugin> plugins, Faults faults)
    {
        foreach (var same in plugins.SelectMany(p => p.Rows.Iqs).GroupBy(r => r.Key))
        {
            foreach (var (a, b) in Pairs(same.ToList()).Where(p => Overlap(p.A.Owner, p.B.Owner)))
            {
                faults.Add($"Plugins:{b.Owner.Plugin}: handles IQ {same.Key.Type} <{same.Key.Element} xmlns='{same.Key.Namespace}'/> for {Name(same.Key)} as {a.Owner.Plugin} does; turn one of them off.");
            }
        }

        var taken = settings.Domains.Select(d => (Domain: d, By: "a served domain")).Concat(settings.GuestDomains.Select(d => (Domain: d, By: "a guest domain")))
            .Concat(settings.ComponentDomains.Select(d => (Domain: d, By: "a component of the section Components")))
            .Concat(plugins.SelectMany(p => p.Rows.Components).Select(c => (c.Domain, By: c.Owner.Plugin)));
        foreach (var same in taken.GroupBy(t => t.Domain).Where(g => g.Count() > 1))
        {
            faults.Add($"Plugins:{same.Last().By}: wants the domain {same.Key}, which is {(same.First().By is ['a', ' ', ..] what ? what : "the plugin " + same.First().By + "'s")} already.");
        }

        foreach (var same in plugins.SelectMany(p => p.Rows.Http).GroupBy(h => h.Prefix.Value).Where(g => g.Count() > 1))
        {
            faults.Add($"Plugins:{same.Last().Plugin}: serves {same.Key} as {same.First().Plugin} does; turn one of them off.");
        }

        foreach (var same in plugins.SelectMany(p => p.Rows.Connections).GroupBy(c => c.Key, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            faults.Add($"Plugins:{same.Last().Plugin}: listens by {same.Key} as {same.First().Plugin} does; turn one of them off.");
        }

        foreach (var row in plugins.SelectMany(p => p.Rows.Http).Where(h => HttpPaths.IsReserved(h.Prefix))) faults.Add($"Plugins:{row.Plugin}: wants {row.Prefix}, which is the server's own.");
    }

    /// <summary>Puts new tables in force.</summary>
    public void Publish(IReadOnlyList<LoadedPlugin> plugins)
    {
        contributions.Publish(plugins.SelectMany(p => p.Rows.Contributions));
        routing.Publish(new RoutingTable(
            plugins.SelectMany(p => p.Rows.Iqs).GroupBy(r => r.Key).ToFrozenDictionary(g => g.Key, g => g.ToImmutableArray()),
            [.. plugins.SelectMany(p => p.Rows.Messages).OrderBy(m => m.Order)],
            [.. plugins.SelectMany(p => p.Rows.Presences).OrderBy(p => p.Order)],
            plugins.SelectMany(p => p.Rows.Components).ToFrozenDictionary(c => c.Domain),
            [.. plugins.SelectMany(p => p.Rows.Features)])
        {
            IqInterceptors = [.. plugins.SelectMany(p => p.Rows.IqInterceptors).OrderBy(i => i.Order)],
            Forms = [.. plugins.SelectMany(p => p.Rows.Contributions.Where(c => c.Item == typeof(IDomainForms)).Select(c => new FormRegistration(p.Owner, (IDomainForms)c.Value)))],
            Identities = [.. plugins.SelectMany(p => p.Rows.Identities)],
        });
        http.Publish(plugins.SelectMany(p => p.Rows.Http));
        connections.Publish(plugins.SelectMany(p => p.Rows.Connections));
    }

    private static bool Overlap(RegistrationOwner a, RegistrationOwner b) => a.Hosts.IsEmpty || b.Hosts.IsEmpty || a.Hosts.Overlaps(b.Hosts);

    private static IEnumerable<(T A, T B)> Pairs<T>(List<T> items) => items.SelectMany((a, i) => items.Skip(i + 1).Select(b => (a, b)));

    private static string Name(IqKey key) => key.Target == IqTarget.Component ? $"the component {key.Component}" : key.Target.ToString();
}
