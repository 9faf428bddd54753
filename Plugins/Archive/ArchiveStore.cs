using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Archive;

/// <summary>The archive in the server's database.</summary>
internal sealed class ArchiveStore : IMessageArchive, IDisposable
{
    private const string FindOwner = "SELECT id FROM archive_owners WHERE address = @address";

    // By the connection that the database writes with: one, until it is opened anew.
    private readonly ConditionalWeakTable<DbConnection, ArchiveWriter> _writers = [];
    private readonly IPluginDatabase _database;
    private readonly IServerInfo _server;
    private readonly IOptionsMonitor<ArchiveOptions> _options;
    private readonly TimeProvider _time;
    private readonly GroupedWrites<NewEntry, WrittenEntry?> _additions;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile EntryIds? _ids;
    private readonly SemaphoreSlim _full = new(0);
    private long _added, _duplicates, _queries;
    private int _logged;
    private volatile bool _usesLog;

    /// <summary>Makes it; nothing is read yet.</summary>
    public ArchiveStore(IPluginDatabase database, IServerInfo server, IOptionsMonitor<ArchiveOptions> options, TimeProvider time)
    {
        (_database, _server, _options, _time) = (database, server, options, time);
        _additions = new(async entries => await database.WriteAsync(c =>
        {
            var writer = _writers.GetValue(c, static c => new ArchiveWriter(c));
            _usesLog = writer.UsesLog;
            return writer.Add(entries);
        }));
    }

    /// <summary>Since the start: entries added, messages that were there already, pages read.</summary>
    public (long Added, long Duplicates, long Queries) Figures => (Volatile.Read(ref _added), Volatile.Read(ref _duplicates), Volatile.Read(ref _queries));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ArchivedAs?>> AddAsync(IReadOnlyList<ArchiveAddition> additions, CancellationToken ct = default)
    {
        if (additions.Count == 0) return [];
        var begun = await BeginAsync(additions, ct);
        await begun.Written;
        return Read(begun);
    }

    /// <summary>Hands over what is to be written, in the order of calls, and does not wait for that: <see cref="Read"/> tells what became of it.</summary>
    public async ValueTask<BegunAddition> BeginAsync(IReadOnlyList<ArchiveAddition> additions, CancellationToken ct)
    {
        if (_ids is null) await OpenAsync(ct);
        var now = _time.GetUtcNow();
        var entries = new NewEntry[additions.Count];
        for (var i = 0; i < entries.Length; i++) entries[i] = Prepare(additions[i], now);
        return new BegunAddition(_additions.WriteAsync(entries), entries);
    }

    /// <summary>How each was archived, once it is written; to be called once. Throws what the write threw.</summary>
    public IReadOnlyList<ArchivedAs?> Read(BegunAddition begun)
    {
        var written = begun.Written.GetAwaiter().GetResult();
        var result = new ArchivedAs?[written.Count];
        for (var i = 0; i < result.Length; i++)
        {
            if (written[i] is not var (owner, number, isDuplicate)) continue;
            Interlocked.Increment(ref isDuplicate ? ref _duplicates : ref _added);
            if (!isDuplicate && _usesLog && Interlocked.Increment(ref _logged) == ArchiveLog.BatchSize) _full.Release();
            result[i] = new ArchivedAs(_ids!.Write(owner, number), isDuplicate ? EntryNumber.TimeOf(number) : DateTimeOffset.FromUnixTimeMilliseconds(begun.Entries[i].Time), isDuplicate);
        }

        return result;
    }

    /// <summary>Waits until all whose writing has begun can be read.</summary>
    public Task FlushAsync() => _additions.FlushAsync();

    /// <summary>Moves what is in the log to its place.</summary>
    public async ValueTask SettleAsync(CancellationToken ct)
    {
        Volatile.Write(ref _logged, 0);
        // What comes while it goes on fills the log anew: only a full batch may have left some.
        for (var isFull = true; isFull;)
        {
            (var last, isFull, var writer) = await _database.WriteAsync(c =>
            {
                var (settled, full) = ArchiveLog.Settle(c);
                return (settled, full, _writers.TryGetValue(c, out var w) ? w : null);
            }, ct);
            writer?.Settled(last);
        }
    }

    /// <summary>Waits until the log is full, or for that long.</summary>
    public async ValueTask WaitForLogAsync(TimeSpan most, CancellationToken ct) => await _full.WaitAsync(most, ct);

    /// <inheritdoc/>
    public ValueTask<ArchivePage?> ReadAsync(Jid owner, ArchiveQuery query, CancellationToken ct = default)
    {
        Interlocked.Increment(ref _queries);
        var max = _options.CurrentValue.MaxMessagesPerQuery;
        return ReadAsync(r => r.Read(r.FindOwner(owner.Bare), query, max), ct);
    }

    /// <inheritdoc/>
    public ValueTask<ArchiveEntry?> FindAsync(Jid owner, string id, CancellationToken ct = default) =>
        ReadAsync(r => r.FindOwner(owner.Bare) is { } number && r.Find(number, id) is { } entry ? r.ToEntry(number, entry) : null, ct);

    /// <inheritdoc/>
    public ValueTask<ArchiveBounds?> FindBoundsAsync(Jid owner, CancellationToken ct = default) =>
        ReadAsync(r => r.FindOwner(owner.Bare) is { } number ? r.FindBounds(number) : null, ct);

    /// <summary>The newest message with somebody that has that id of its own and that author; null if there is none among the newest <paramref name="lookAt"/>.</summary>
    public ValueTask<ArchiveEntry?> FindByMessageIdAsync(Jid owner, Jid with, string messageId, Jid author, int lookAt, CancellationToken ct) =>
        ReadAsync(r => r.FindOwner(owner.Bare) is { } number && r.FindByMessageId(number, with, messageId, author, lookAt) is { } entry ? r.ToEntry(number, entry) : null, ct);

    /// <inheritdoc/>
    public async ValueTask<bool> ReplaceAsync(Jid owner, string id, Message message, CancellationToken ct = default)
    {
        var ids = _ids ?? await OpenAsync(ct);
        var stanza = StoredMessage.Write(message);
        return await _database.WriteAsync(c =>
        {
            using var find = new Statement(c, FindOwner, ("@address", DbType.String));
            if (find.Number(owner.Bare.ToString()) is not { } number || !ids.TryRead(number, id, out var entry)) return false;
            ArchiveUsage.Replacing(c, number, entry, stanza.Length);
            foreach (var table in (string[])["archive_entries", "archive_log"])
            {
                using var update = new Statement(c, $"UPDATE {table} SET stanza = @stanza WHERE owner = @owner AND id = @id", ("@stanza", DbType.Binary), ("@owner", DbType.Int64), ("@id", DbType.Int64));
                if (update.Execute(stanza, number, entry) > 0) return true;
            }

            return false;
        }, ct);
    }

    /// <summary>Lets a message that did not reach its addressee be sent again under the same origin-id.</summary>
    public async ValueTask ForgetOriginAsync(Jid owner, Jid author, Jid with, string originId, CancellationToken ct) => await _database.WriteAsync(c =>
    {
        var fingerprint = Fingerprints.OfOrigin(author, with, originId);
        using var forget = new Statement(c, $"UPDATE archive_log SET origin = NULL WHERE owner = ({FindOwner}) AND origin = @origin", ("@address", DbType.String), ("@origin", DbType.Binary));
        using var delete = new Statement(c, $"DELETE FROM archive_origins WHERE owner = ({FindOwner}) AND origin = @origin", ("@address", DbType.String), ("@origin", DbType.Binary));
        return forget.Execute(owner.Bare.ToString(), fingerprint) + delete.Execute(owner.Bare.ToString(), fingerprint);
    }, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(Jid owner, CancellationToken ct = default) => await _database.WriteAsync(c =>
    {
        // What it leaves is purged later.
        if (_writers.TryGetValue(c, out var writer)) writer.Forget(owner.Bare);
        using var delete = new Statement(c, "DELETE FROM archive_owners WHERE address = @address", ("@address", DbType.String));
        return delete.Execute(owner.Bare.ToString());
    }, ct);

    public void Dispose()
    {
        foreach (var (_, writer) in _writers) writer.Dispose();
        _ids?.Dispose();
        _opening.Dispose();
        _full.Dispose();
    }

    private NewEntry Prepare(ArchiveAddition addition, DateTimeOffset now)
    {
        var (owner, with, author, message) = (addition.Owner.Bare, addition.With, addition.Author.Bare, addition.Message);
        return new NewEntry(
            owner, owner.Local is not null && _server.Domains.Contains(owner.Domain), Fingerprints.OfPeer(with), with.Resource, message.From?.Bare == author ? null : author.ToString(),
            message.Id is { } id ? Fingerprints.OfMessage(id) : null, (addition.Received ?? now).ToUnixTimeMilliseconds(), StoredMessage.Write(message),
            addition.OriginId is { } origin ? Fingerprints.OfOrigin(author, with, origin) : null);
    }

    private async ValueTask<T> ReadAsync<T>(Func<ArchiveReader, T> read, CancellationToken ct)
    {
        var ids = _ids ?? await OpenAsync(ct);
        return await _database.ReadAsync(c => read(new ArchiveReader(c, ids)), ct);
    }

    private async ValueTask<EntryIds> OpenAsync(CancellationToken ct)
    {
        await _opening.WaitAsync(ct);
        try
        {
            return _ids ??= new EntryIds(await _database.WriteAsync(c =>
            {
                using var add = new Statement(c, "INSERT INTO archive_keys (id, secret) VALUES (1, @secret) ON CONFLICT (id) DO NOTHING", ("@secret", DbType.Binary));
                add.Execute(RandomNumberGenerator.GetBytes(EntryIds.KeyLength));
                using var find = new Statement(c, "SELECT secret FROM archive_keys WHERE id = 1");
                using var row = find.Read();
                return row.Read() ? row.GetFieldValue<byte[]>(0) : throw new InvalidOperationException("The archive has no key.");
            }, ct));
        }
        finally
        {
            _opening.Release();
        }
    }
}
