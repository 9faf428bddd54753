using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Legs.Web;

/// <summary>Writes slots as contents of a content-add, and reads the page's answers.</summary>
public static class SlotOffers
{
    /// <summary>The content-add of some slots.</summary>
    /// <param name="sid">The session.</param>
    /// <param name="slots">The slots.</param>
    /// <param name="bundle">Every content of the session, these included.</param>
    /// <param name="transport">The session's one transport.</param>
    public static JingleMessage Write(string sid, IReadOnlyList<Slot> slots, IReadOnlyList<string> bundle, MediaTransport transport) => new(JingleAction.ContentAdd, sid)
    {
        Contents = [.. slots.Select(s => new JingleContent(JingleCreator.Responder, s.Name)
        {
            Senders = JingleSenders.Responder,
            Description = s.Terms.Write([.. Sources(s)], s.RtxSsrc is { } rtx ? [new RtpSourceGroup("FID", [s.Ssrc, rtx])] : []),
            // Candidates are known from the accept. The role is offered open, as in any offer; the page keeps the one it has (RFC 8842 section 5.3).
            Transport = transport.Write("actpass", withCandidates: false),
        })],
        Groups = [new JingleGroup("BUNDLE", bundle)],
    };

    /// <summary>Takes the page's content-accept for a slot.</summary>
    public static void Accept(Slot slot, JingleContent answer)
    {
        var terms = answer.Description is { } description ? slot.Terms.Narrow(description) : null;
        slot.State = terms is null || answer.Senders is not (JingleSenders.Responder or JingleSenders.Both) ? SlotState.Refused : SlotState.Open;
        if (terms is not null) slot.Terms = terms;
    }

    private static IEnumerable<RtpSource> Sources(Slot s)
    {
        KeyValuePair<string, string>[] parameters = [KeyValuePair.Create("cname", s.Cname), KeyValuePair.Create("msid", $"{s.Cname} {s.Cname}-{s.Name}")];
        yield return new RtpSource(s.Ssrc, parameters);
        if (s.RtxSsrc is { } rtx) yield return new RtpSource(rtx, parameters);
    }
}
