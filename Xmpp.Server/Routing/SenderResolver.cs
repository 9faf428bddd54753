using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Tells what the server knows of a sender by its address.</summary>
internal sealed class SenderResolver(XmppServerSettings settings, SessionRegistry sessions)
{
    private static readonly SenderInfo Account = new(SenderKind.Account);
    private static readonly SenderInfo Guest = new(SenderKind.Guest);
    private static readonly SenderInfo Component = new(SenderKind.Component);
    private static readonly SenderInfo Remote = new(SenderKind.Remote);

    /// <summary>What is known of an address that sends.</summary>
    public SenderInfo Of(Jid from, RoutingTable table) => Addressee.Of(from, settings, table).Kind switch
    {
        AddresseeKind.Account => sessions.Find(from)?.Sender ?? Account,
        AddresseeKind.Guest => sessions.Find(from)?.Sender ?? Guest,
        AddresseeKind.Server or AddresseeKind.Component => Component,
        _ => Remote,
    };
}
