using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Routing;

/// <summary>
/// What guests may do: ask the server that they came to about itself (service discovery, ping, external services), and talk with its components, which are
/// where call rooms live. Accounts, other guests and other servers are out of their reach, and they out of those'.
/// </summary>
internal sealed class GuestPolicy(XmppServerSettings settings)
{
    private static readonly HashSet<string> Asked = new(StringComparer.Ordinal) { Ns.DiscoInfo, Ns.DiscoItems, Ns.Ping, Ns.ExtDisco, Ns.ExtDisco1, SessionRequest.Namespace };

    /// <summary>Judges a stanza on its way; null if it may go on.</summary>
    public StanzaCondition? Judge(Stanza stanza, SenderInfo sender, RoutingTable table)
    {
        var to = Addressee.Of(stanza.To ?? stanza.From!, settings, table);
        if (sender.Kind != SenderKind.Guest && to.Kind != AddresseeKind.Guest) return null;
        var from = Addressee.Of(stanza.From!, settings, table);
        if (sender.Kind == SenderKind.Guest) return FromGuest(stanza, from, to);
        // To everybody else a guest's address is as one that does not exist.
        return from.Domain == to.Domain && !from.IsExternal && from.Kind is AddresseeKind.Component or AddresseeKind.Server ? null : StanzaCondition.ServiceUnavailable;
    }

    private static StanzaCondition? FromGuest(Stanza stanza, Addressee from, Addressee to)
    {
        if (to.Domain != from.Domain) return StanzaCondition.Forbidden;
        var isSelf = to.Kind == AddresseeKind.Guest && (stanza.To is null || stanza.To.Bare == stanza.From!.Bare);
        return to.Kind switch
        {
            AddresseeKind.Component when !to.IsExternal => null, // an external one cannot tell guests from accounts
            AddresseeKind.Server => OfIq(stanza),
            AddresseeKind.Guest when isSelf && stanza is Presence { To: null } => null, // its own presence: nobody subscribes to it
            AddresseeKind.Guest when isSelf => OfIq(stanza),
            _ => StanzaCondition.Forbidden,
        };
    }

    private static StanzaCondition? OfIq(Stanza stanza) => stanza switch
    {
        Iq { IsRequest: false } => null,
        Iq iq => Asked.Contains(iq.Payload!.Namespace) ? null : StanzaCondition.ServiceUnavailable,
        _ => StanzaCondition.Forbidden,
    };
}
