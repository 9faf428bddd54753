using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>What the affiliations would be after several changes, to judge them whole.</summary>
internal sealed class AffiliationPlan(RoomState room)
{
    private readonly Dictionary<Jid, Affiliation> _planned = [];

    /// <summary>Plans one.</summary>
    public void Set(Jid account, Affiliation affiliation) => _planned[account] = affiliation;

    /// <summary>Why it cannot be so; null if it can.</summary>
    public StanzaError? Judge()
    {
        if (_planned.Count == 0) return null;
        var owners = room.Affiliations.With(Affiliation.Owner).Count(e => !_planned.ContainsKey(e.Key)) + _planned.Values.Count(a => a == Affiliation.Owner);
        // A room without owners could never be configured again (sections 10.4 and 10.5).
        if (owners == 0 && _planned.Keys.Any(k => room.Affiliations.Find(k)?.Affiliation == Affiliation.Owner)) return new StanzaError(StanzaCondition.Conflict, "The room would have no owner.");
        var count = room.Affiliations.Count + _planned.Sum(p => (p.Value == Affiliation.None ? 0 : 1) - (room.Affiliations.Find(p.Key) is null ? 0 : 1));
        return count > room.Rules.MaxAffiliations && count > room.Affiliations.Count ? new StanzaError(StanzaCondition.ResourceConstraint, "The room has as many affiliations as it may.") : null;
    }
}
