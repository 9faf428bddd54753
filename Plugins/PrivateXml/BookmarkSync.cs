using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PrivateXml;

/// <summary>
/// Keeps an account's bookmarks the same wherever its clients look for them: in private storage (XEP-0049), in one item (XEP-0048) or in an item each (XEP-0402), as XEP-0411
/// and XEP-0402 section 4.2 have it. The items of XEP-0402 are what counts; only what differs is changed, so that a change does not come back as another.
/// </summary>
internal sealed class BookmarkSync(IContributions<IPersonalEvents> contributed) : IPersonalEventObserver
{
    private readonly AccountLocks _locks = new();

    /// <summary>Whether there is anything to keep the same.</summary>
    public bool IsOn => contributed.Items.Count > 0;

    /// <inheritdoc/>
    public async ValueTask ChangedAsync(PersonalChange change, CancellationToken ct)
    {
        if (change.Node == Bookmarks.Native) await TellLegacyAsync(change.Account, ct);
        else if (change.Node == Bookmarks.Legacy && change.Published is [.., { Payload: { } payload }] && Bookmarks.IsStorage(payload)) await TakeAsync(change.Account, payload, ct);
    }

    /// <summary>What private storage shows: the items, if the account has any, and the bookmarks of other kinds that were stored.</summary>
    public async ValueTask<Element?> ShownAsync(Jid account, Element? stored, CancellationToken ct)
    {
        if (contributed.Items is not [var events, ..] || await events.ReadAsync(account, Bookmarks.Native, account, ct) is not { } items) return stored;
        return Bookmarks.Write(items.Select(Bookmarks.Read).OfType<Bookmark>(), stored);
    }

    /// <summary>Takes a list that a client left in the old way: items that differ are published, those that it does not have are deleted.</summary>
    public async ValueTask TakeAsync(Jid account, Element storage, CancellationToken ct)
    {
        if (contributed.Items is not [var events, ..]) return;
        using var turn = await _locks.EnterAsync(account, ct);
        var items = await events.ReadAsync(account, Bookmarks.Native, account, ct) ?? [];
        var wanted = Bookmarks.Read(storage);
        foreach (var bookmark in wanted)
        {
            var there = items.LastOrDefault(i => Bookmarks.Read(i)?.Room == bookmark.Room);
            if (there is not null && Bookmarks.Read(there) == bookmark) continue;
            // Nobody else must come to see them (XEP-0411 section 5): a node that others may read is left alone.
            if (!await events.PublishAsync(account, Bookmarks.Native, Bookmarks.Write(bookmark, there?.Payload) with { Id = there?.Id ?? bookmark.Room.ToString() }, PersonalAccess.PrivateList, ct)) return;
        }

        foreach (var item in items)
        {
            if (Bookmarks.Read(item) is { } gone && wanted.All(w => w.Room != gone.Room)) await events.RetractAsync(account, Bookmarks.Native, item.Id, ct);
        }
    }

    private async ValueTask TellLegacyAsync(Jid account, CancellationToken ct)
    {
        if (contributed.Items is not [var events, ..]) return;
        using var turn = await _locks.EnterAsync(account, ct);
        var bookmarks = (await events.ReadAsync(account, Bookmarks.Native, account, ct) ?? []).Select(Bookmarks.Read).OfType<Bookmark>().ToList();
        var legacy = await events.ReadAsync(account, Bookmarks.Legacy, account, ct) is [.., { } last] ? last : null;
        var before = legacy?.Payload is { } payload && Bookmarks.IsStorage(payload) ? payload : null;
        if (Bookmarks.AreSame(before is null ? [] : Bookmarks.Read(before), bookmarks)) return;
        await events.PublishAsync(account, Bookmarks.Legacy, new PersonalItem(legacy?.Id ?? "current", Bookmarks.Write(bookmarks, before)), PersonalAccess.Private, ct);
    }
}
