using System.Globalization;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Service;

/// <summary>The archive of one room (XEP-0313), where the server has archives.</summary>
internal sealed class RoomArchive(Jid room, MucServices services)
{
    /// <summary>Requests of one room that are being answered at once.</summary>
    public const int MostWaiting = 100;

    private int _waiting;

    /// <summary>Whether a request is for a room's archive.</summary>
    public static bool IsAsked(Iq iq) => iq is { IsRequest: true, To.Resource: null, Payload: { Namespace: Ns.Archive, Name: "query" or "metadata" } };

    /// <summary>Archives what was said; durable when this returns.</summary>
    /// <returns>For each its stable id (null: none) and whether it was there already; null if nothing could be archived.</returns>
    public async ValueTask<IReadOnlyList<(string? Id, bool IsDuplicate)>?> AddAsync(IReadOnlyList<PreparedMessage> said, DateTimeOffset now)
    {
        var archive = services.Archive;
        var ids = new (string? Id, bool IsDuplicate)[said.Count];
        // Without an archive a message has an id all the same, so that moderators can name it.
        for (var i = 0; i < ids.Length; i++) ids[i] = (archive is null ? Guid.CreateVersion7(now).ToString("n", CultureInfo.InvariantCulture) : null, false);
        int[] archived = [.. Enumerable.Range(0, said.Count).Where(i => said[i].IsArchived)];
        if (archive is null || archived.Length == 0) return ids;
        try
        {
            var added = await archive.AddAsync([.. archived.Select(i => Addition(said[i], now))]);
            for (var i = 0; i < archived.Length; i++)
            {
                if (added[i] is { } done) ids[archived[i]] = (done.Id, done.IsDuplicate);
            }

            return ids;
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "What was said in a chat room could not be archived");
            return null;
        }
    }

    /// <summary>The archived message of an id; null if there is none.</summary>
    public async ValueTask<ArchiveEntry?> FindAsync(string id) => services.Archive is { } archive ? await archive.FindAsync(room, id) : null;

    /// <summary>What was said last, oldest first.</summary>
    public async ValueTask<IReadOnlyList<(string Id, DateTimeOffset Time, Message Message)>> ReadLatestAsync(int most)
    {
        if (services.Archive is not { } archive || most == 0) return [];
        var page = await archive.ReadAsync(room, new ArchiveQuery { Page = new ResultSetRequest(most, Before: "") });
        return page is null ? [] : [.. page.Entries.Select(e => (e.Id, e.Time, e.Message))];
    }

    /// <summary>Puts tombstones where messages were that were taken back (XEP-0424 section 5).</summary>
    public async ValueTask RetractAsync(IReadOnlyList<Tombstone> tombstones)
    {
        if (services.Archive is not { } archive) return;
        foreach (var tombstone in tombstones)
        {
            if (await archive.FindAsync(room, tombstone.Id) is not { Message.Element: var element }) continue;
            var author = element.Child("occupant-id", MucNames.OccupantId);
            if (tombstone.AuthorId is not null && author?["id"] != tombstone.AuthorId) continue;
            var left = new Element("message", Ns.Client).Attr("from", element["from"]).Attr("type", "groupchat").Attr("id", element["id"]).Add(author).Add(tombstone.Retracted);
            await archive.ReplaceAsync(room, tombstone.Id, new Message(left));
        }
    }

    /// <summary>Forgets all that was said.</summary>
    public async ValueTask RemoveAsync()
    {
        if (services.Archive is { } archive) await archive.RemoveAsync(room);
    }

    /// <summary>Answers a request, in its own time: it holds up nobody in the room.</summary>
    public void Answer(Iq iq, Room source)
    {
        if (services.Archive is not { } archive) Refuse(iq, new StanzaError(StanzaCondition.ServiceUnavailable));
        else if (!source.MayReadArchive(iq.From!)) Refuse(iq, new StanzaError(StanzaCondition.Forbidden));
        else if (Volatile.Read(ref _waiting) >= MostWaiting) Refuse(iq, new StanzaError(StanzaCondition.ResourceConstraint, StanzaErrorType.Wait, "Too many ask at once."));
        else _ = AnswerAsync(iq, archive, source.ArchiveView(iq.From!));
    }

    private async Task AnswerAsync(Iq iq, IMessageArchive archive, Func<Message, Message> view)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            // The place is for reading: whoever takes their time to hear the answer holds up nobody who asks.
            IEnumerable<Stanza> all;
            await services.ArchiveReads.WaitAsync();
            try
            {
                all = await ReadAsync(iq, archive, view);
            }
            finally
            {
                services.ArchiveReads.Release();
            }

            foreach (var stanza in all) await services.Router.RouteAsync(stanza);
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "A chat room's archive could not be read");
            Refuse(iq, new StanzaError(StanzaCondition.InternalServerError));
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async ValueTask<IEnumerable<Stanza>> ReadAsync(Iq iq, IMessageArchive archive, Func<Message, Message> view)
    {
        if (iq.Payload!.Name == "metadata") return [iq.Type == "get" ? iq.Result(ArchiveResults.Metadata(await archive.FindBoundsAsync(room))) : iq.ErrorReply(new StanzaError(StanzaCondition.BadRequest))];
        if (iq.Type == "get") return [iq.Result(ArchiveForm.Describe())];
        if (!ArchiveQuery.TryRead(iq.Payload, out var query, out var error)) return [iq.ErrorReply(error)];
        if (await archive.ReadAsync(room, query) is not { } page) return [iq.ErrorReply(new StanzaError(StanzaCondition.ItemNotFound))];
        var seen = page with { Entries = [.. page.Entries.Select(e => e with { Message = view(e.Message) })] };
        return [.. ArchiveResults.Messages(room, iq.From!, query, seen), iq.Result(ArchiveResults.Fin(seen))];
    }

    private async void Refuse(Iq iq, StanzaError error)
    {
        try
        {
            await services.Router.RouteAsync(iq.ErrorReply(error));
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "A chat room's answer could not be routed");
        }
    }

    private ArchiveAddition Addition(PreparedMessage said, DateTimeOffset now) => new(room, said.Archived.From ?? room, said.Author, said.Archived)
    {
        OriginId = said.Original is { } original ? StanzaIds.OriginOf(original) : null,
        Received = now,
    };
}
