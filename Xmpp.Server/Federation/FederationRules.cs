using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Routing;

namespace Parley.Xmpp.Server.Federation;

/// <summary>What negotiation with another server asks about this one.</summary>
internal interface IFederationRules
{
    /// <summary>Whether nothing is said without TLS.</summary>
    bool RequiresTls { get; }

    /// <summary>Whether dialback counts.</summary>
    bool AllowsDialback { get; }

    /// <summary>A domain to answer with where none that was asked for is here.</summary>
    string DefaultDomain { get; }

    /// <summary>Whether a domain is ours, so that other servers may write to it: served, or a component's. Guests' are not.</summary>
    bool Serves(string domain);

    /// <summary>Whether another server may speak for a domain: one that is not ours, and that the operator allows.</summary>
    bool Admits(string domain);

    /// <summary>The keys of dialback.</summary>
    DialbackKeys Keys { get; }
}

/// <summary>The same, from the settings and the components of this moment.</summary>
internal sealed class FederationRules(XmppServerSettings settings, RoutingTableHolder tables, FederationPolicy policy, DialbackKeys keys) : IFederationRules
{
    public bool RequiresTls => settings.FederationRequiresTls;

    public bool AllowsDialback => settings.Federation.Dialback;

    public string DefaultDomain => settings.Domains[0];

    public DialbackKeys Keys { get; } = keys;

    public bool Serves(string domain) => KindOf(domain) is AddresseeKind.Server or AddresseeKind.Component && settings.ParentOfGuestDomain(domain) is null;

    public bool Admits(string domain) => KindOf(domain) == AddresseeKind.Remote && policy.Allows(domain);

    private AddresseeKind KindOf(string domain) => Addressee.Of((Jid)domain, settings, tables.Current).Kind;
}
