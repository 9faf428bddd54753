using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Roster;

/// <summary>Gives the roster to its owner, whose session is interested in changes from now on (RFC 6121 section 2.1.3).</summary>
internal sealed class RosterGetHandler(RosterState rosters, ISessionDirectory sessions) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.Sender is not { Kind: SenderKind.Account, SessionId: { } id } || iq.From.Bare != iq.To) return iq.Error(StanzaCondition.Forbidden);
        // Interested first: a change made while the roster is read is then pushed, if need be twice.
        if (sessions.FindById(id) is { } session) session.IsInterested = true;
        var items = RosterItems.Listed(await rosters.ReadAsync(iq.To, ct));
        var version = RosterItems.VersionOf(items);
        // Section 2.6.3: whoever has it already is told nothing more.
        if (iq.Payload["ver"] == version) return iq.Result();
        return iq.Result(new Element("query", Ns.Roster).Attr("ver", version).Add(items));
    }
}
