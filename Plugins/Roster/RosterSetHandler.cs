using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Roster;

/// <summary>Adds, changes and removes contacts (RFC 6121 sections 2.3 to 2.5).</summary>
internal sealed class RosterSetHandler(RosterState rosters, PresenceSender presence) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.Sender.Kind != SenderKind.Account || iq.From.Bare != iq.To) return iq.Error(StanzaCondition.Forbidden);
        var account = iq.To;
        var (set, refusal) = RosterSet.Read(iq.Payload, account);
        if (set is null) return iq.Error(refusal);
        if (!set.IsRemoval)
        {
            var change = await rosters.ChangeAsync(account, set.Contact, i => (i ?? RosterItems.New(set.Contact)) with { Name = set.Name, Groups = set.Groups }, ct);
            return change.IsFull ? iq.Error(StanzaCondition.ResourceConstraint, "The roster is full.") : iq.Result();
        }

        // A stranger's waiting request is not in the roster, so it is not removed with it but answered.
        var removal = await rosters.ChangeAsync(account, set.Contact, i => RosterItems.IsListed(i) ? null : i, ct);
        if (!RosterItems.IsListed(removal.Before)) return iq.Error(StanzaCondition.ItemNotFound);
        await EndSubscriptionsAsync(iq, removal.Before!, ct);
        return iq.Result();
    }

    // Section 2.5.2: both directions are cancelled by the server.
    private async ValueTask EndSubscriptionsAsync(IqRequest iq, RosterItem item, CancellationToken ct)
    {
        if (item.SubscribedTo || item.PendingOut) await presence.SendAsync("unsubscribe", iq.To, item.Contact, ct);
        if (item.SubscribedFrom || item.PendingIn is not null) await presence.SendAsync("unsubscribed", iq.To, item.Contact, ct);
        if (item.SubscribedFrom) await presence.SendUnavailableAsync(iq.To, item.Contact, ct);
    }
}
