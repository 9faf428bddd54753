using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>
/// Which proposals of calls (XEP-0353) must not reach a client that is given a backlog: those of calls that were taken back, or answered or declined by another of the
/// account's clients, and those whose caller will have given up. Such a client would ring, though nobody calls. What ended the call is left, for clients show a missed call by it.
/// </summary>
public static class StaleCalls
{
    /// <summary>How long after a proposal a client may begin to ring.</summary>
    public static readonly TimeSpan RingTime = TimeSpan.FromMinutes(1);

    /// <summary>Whether a stanza, or what it is a copy of (XEP-0280), proposes a call to the account.</summary>
    public static bool IsProposal(Stanza stanza, Jid account) => Read(stanza, account) is { IsProposal: true };

    /// <summary>Finds those proposals.</summary>
    /// <param name="account">The bare address of the account whose client is given the backlog.</param>
    /// <param name="backlog">The backlog, each stanza with when it came.</param>
    /// <param name="now">The time.</param>
    /// <returns>Their places in the backlog.</returns>
    public static IReadOnlySet<int> Find(Jid account, IReadOnlyList<(Stanza Stanza, DateTimeOffset Received)> backlog, DateTimeOffset now)
    {
        List<(int Place, Signal Signal)>? proposals = null;
        HashSet<(string Id, Jid With)> over = [];
        for (var i = 0; i < backlog.Count; i++)
        {
            if (Read(backlog[i].Stanza, account) is not { } signal) continue;
            if (signal.IsProposal) (proposals ??= []).Add((i, signal));
            else if (signal.IsEnd) over.Add((signal.Id, signal.With));
        }

        var stale = new HashSet<int>();
        foreach (var (place, (_, id, with)) in proposals ?? [])
        {
            var (stanza, received) = backlog[place];
            if (DelayStamp.Read(stanza, account.Domain) is { } stamp && stamp < received) received = stamp; // not for the first time
            // The account's own word to itself, as older clients say that they accept, names nobody else.
            if (now - received > RingTime || over.Contains((id, with)) || over.Contains((id, account))) stale.Add(place);
        }

        return stale;
    }

    // An id is unique, but who may speak of a call are its two parties.
    private static Signal? Read(Stanza stanza, Jid account)
    {
        if (stanza is not Message message) return null;
        var (element, from, to, isOwn) = (message.Element, message.From, message.To, false);
        if (from == account && element.Children.FirstOrDefault(c => c.Namespace == Ns.Carbons && c.Name is "sent" or "received") is { } copy)
        {
            if (copy.Child("forwarded", Ns.Forward)?.Child("message", Ns.Client) is not { } inner) return null;
            if (!Jid.TryParse(inner["from"], out from)) return null;
            (element, isOwn) = (inner, copy.Name == "sent");
            if (!Jid.TryParse(inner["to"], out to)) to = account;
        }

        if (element.Children.FirstOrDefault(c => c.Namespace == Ns.JingleMessage) is not { } child || child["id"] is not { } id || from is null) return null;
        var with = from.Bare == account ? (to ?? account).Bare : from.Bare;
        // What the account proposes from another client rings elsewhere.
        return isOwn && child.Name == "propose" ? null : new Signal(child.Name, id, with);
    }

    private sealed record Signal(string Name, string Id, Jid With)
    {
        public bool IsProposal => Name == "propose";

        public bool IsEnd => Name is "retract" or "accept" or "proceed" or "reject" or "finish";
    }
}
