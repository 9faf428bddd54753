using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Negotiation;

namespace Parley.Plugins.FocusAgent.Legs.Web;

/// <summary>
/// The slots of one page and whom each serves. A person's voice and picture go through slots of the same number where possible, because receivers keep those
/// two in step.
/// </summary>
/// <param name="ssrcs">Gives SSRCs.</param>
public sealed class SlotTable(Ssrcs ssrcs)
{
    private readonly List<Slot> _slots = [];
    private readonly Dictionary<int, string> _cnames = [];

    /// <summary>Every slot, in order of making.</summary>
    public IReadOnlyList<Slot> Slots => _slots;

    /// <summary>The slot that serves somebody; null if none does.</summary>
    public Slot? Find(Participant holder, MediaKind kind) => _slots.FirstOrDefault(s => s.Kind == kind && s.Holder == holder);

    /// <summary>Makes the chosen ones, and only those, have a slot.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="chosen">Whom to receive; no more than there may be slots.</param>
    /// <param name="limit">The most slots of this kind.</param>
    /// <param name="terms">The terms of a new slot.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Serve(MediaKind kind, IReadOnlyList<Participant> chosen, int limit, MediaTerms terms)
    {
        var isChanged = false;
        foreach (var slot in _slots.Where(s => s.Kind == kind && s.Holder is not null && (s.State == SlotState.Refused || !chosen.Contains(s.Holder))))
        {
            slot.Holder = null;
            isChanged = true;
        }

        foreach (var participant in chosen.Where(p => Find(p, kind) is null))
        {
            if ((FindFree(kind, participant) ?? Make(kind, limit, terms)) is not { } slot) break;
            slot.Holder = participant;
            isChanged = true;
        }

        return isChanged;
    }

    private Slot? FindFree(MediaKind kind, Participant participant)
    {
        var free = _slots.Where(s => s.Kind == kind && s.Holder is null && s.State != SlotState.Refused).ToList();
        var twin = _slots.FirstOrDefault(s => s.Kind != kind && s.Holder == participant);
        return free.FirstOrDefault(s => s.Index == twin?.Index)
            ?? free.FirstOrDefault(s => !_slots.Any(o => o.Kind != kind && o.Index == s.Index && o.Holder is not null))
            ?? free.FirstOrDefault();
    }

    private Slot? Make(MediaKind kind, int limit, MediaTerms terms)
    {
        var index = _slots.Count(s => s.Kind == kind);
        if (index >= limit) return null;
        if (!_cnames.TryGetValue(index, out var cname)) _cnames[index] = cname = Ids.New();
        var slot = new Slot(kind, index, terms) { Ssrc = ssrcs.Next(), RtxSsrc = terms.HasRtx ? ssrcs.Next() : null, Cname = cname };
        _slots.Add(slot);
        return slot;
    }
}
