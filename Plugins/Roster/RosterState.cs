using System.Globalization;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Roster;

/// <summary>Changes roster items, one at a time for each account, and pushes what the user sees of a change to all interested resources (RFC 6121 section 2.1.6).</summary>
internal sealed class RosterState(IRosterStore store, ISessionDirectory sessions, IContributions<IRosterOffers> offers, IOptionsMonitor<RosterOptions> options)
{
    // What an address, a name and groups take on average where a roster is as full as it may be: some people's take more, and real ones far less.
    private const int BytesPerItem = 512;

    private readonly AccountLocks _locks = new();
    private long _pushes;

    /// <summary>All items of an account: its own, and what is offered to it beside them.</summary>
    public async ValueTask<IReadOnlyList<RosterItem>> ReadAsync(Jid account, CancellationToken ct)
    {
        var own = await store.ReadAsync(account, ct);
        var offered = Offered(account).Where(o => own.All(i => i.Contact != o.Contact)).ToList();
        return offered.Count == 0 ? own : [.. own, .. offered];
    }

    /// <summary>One item; null if absent.</summary>
    public async ValueTask<RosterItem?> FindAsync(Jid account, Jid contact, CancellationToken ct) => await store.FindAsync(account, contact, ct) ?? Offered(account).FirstOrDefault(o => o.Contact == contact);

    /// <summary>Changes one item: <paramref name="change"/> is given what there is (null if nothing) and gives what shall be (null: nothing).</summary>
    /// <returns>What there was and is; <c>IsFull</c> if a new item would have been one too many, or all would be too long.</returns>
    public async ValueTask<RosterChange> ChangeAsync(Jid account, Jid contact, Func<RosterItem?, RosterItem?> change, CancellationToken ct)
    {
        using var turn = await _locks.EnterAsync(account, ct);
        var before = await FindAsync(account, contact, ct);
        var after = change(before);
        if (after is not null && RosterItems.IsEmpty(after)) after = null;
        if (Equals(before, after)) return new RosterChange(before, after);
        if (after is not null && await IsFullAsync(account, before, after, ct)) return new RosterChange(before, before, IsFull: true);
        if (after is null) await store.RemoveAsync(account, contact, ct);
        else await store.WriteAsync(account, after, ct);

        if (RosterItems.IsListed(after) && !Equals(before is null ? null : before with { PendingIn = null }, after with { PendingIn = null })) await PushAsync(account, RosterItems.Write(after), ct);
        else if (RosterItems.IsListed(before) && !RosterItems.IsListed(after)) await PushAsync(account, RosterItems.WriteRemoved(contact), ct);
        return new RosterChange(before, after);
    }

    private IEnumerable<RosterItem> Offered(Jid account) =>
        offers.Items.SelectMany(o => o.For(account)).DistinctBy(o => o.Contact).Select(o => new RosterItem(o.Contact, o.Name, o.Group is null ? [] : [o.Group], SubscribedTo: true, SubscribedFrom: true, PendingOut: false, PendingIn: null));

    // What the user sees and what strangers ask count apart; what only changes is never too much, unless it grows.
    private async ValueTask<bool> IsFullAsync(Jid account, RosterItem? before, RosterItem after, CancellationToken ct)
    {
        var isListed = RosterItems.IsListed(after);
        var isNew = before is null || RosterItems.IsListed(before) != isListed;
        var grows = isListed && RosterItems.LengthOf(after) > (isNew ? 0 : RosterItems.LengthOf(before!));
        if (!isNew && !grows) return false;
        var (max, others) = (options.CurrentValue.MaxItems, (await store.ReadAsync(account, ct)).Where(i => RosterItems.IsListed(i) == isListed && i.Contact != after.Contact).ToList());
        if (isNew && others.Count >= (isListed ? max : options.CurrentValue.MaxRequests)) return true;
        return grows && others.Sum(i => (long)RosterItems.LengthOf(i)) + RosterItems.LengthOf(after) > (long)max * BytesPerItem;
    }

    private async ValueTask PushAsync(Jid account, Element item, CancellationToken ct)
    {
        var interested = sessions.Of(account).Where(s => s.IsInterested).ToList();
        if (interested.Count == 0) return;
        // Within the account's turn, so that each version comes with the change that made it.
        var version = RosterItems.VersionOf(RosterItems.Listed(await ReadAsync(account, ct)));
        var query = new Element("query", Ns.Roster).Attr("ver", version).Add(item);
        foreach (var session in interested)
        {
            var id = "push" + Interlocked.Increment(ref _pushes).ToString(CultureInfo.InvariantCulture);
            await session.SendAsync(Iq.Request("set", id, null, session.Jid, query), ct);
        }
    }
}

/// <summary>What a change did.</summary>
internal readonly record struct RosterChange(RosterItem? Before, RosterItem? After, bool IsFull = false);
