using System.Data;
using System.Data.Common;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Archive;

/// <summary>A message ready to be written.</summary>
/// <param name="Owner">Whose archive.</param>
/// <param name="IsAccount">Whether the owner is an account, which must exist then.</param>
/// <param name="Peer">The fingerprint of whom it is with.</param>
/// <param name="Resource">Their resource.</param>
/// <param name="Author">Who wrote it, where the message itself does not say so.</param>
/// <param name="MessageId">The fingerprint of the message's own id.</param>
/// <param name="Time">When it came, in Unix milliseconds.</param>
/// <param name="Stanza">The message.</param>
/// <param name="Origin">The fingerprint of its origin; null: it is new whatever it looks like.</param>
internal sealed record NewEntry(Jid Owner, bool IsAccount, long Peer, string? Resource, string? Author, long? MessageId, long Time, byte[] Stanza, byte[]? Origin);

/// <summary>What was written.</summary>
/// <param name="Owner">The owner's number.</param>
/// <param name="Number">The entry's.</param>
/// <param name="IsDuplicate">It was there already.</param>
internal readonly record struct WrittenEntry(long Owner, long Number, bool IsDuplicate);

/// <summary>
/// Writes entries by statements kept on the one connection that the database writes with. Everything here runs inside a write, one after another, so that numbers ascend in the order
/// of commits: whoever has read up to a number has seen all below it. A write may be undone and run again, so that what is remembered here is only ever a hint.
/// </summary>
internal sealed class ArchiveWriter : IDisposable
{
    /// <summary>For how long a message sent again is known, in milliseconds.</summary>
    public const long OriginTime = 24 * 60 * 60 * 1000;

    private const int MostOwners = 50_000;

    private readonly Dictionary<Jid, Owner> _owners = [];
    private readonly LoggedOrigins _origins;
    private readonly Statement _findOwner, _addAccount, _addOther, _last, _isLogged;
    private readonly RowStatement _areOwners, _findOrigins, _addToLog, _add, _addOrigins;
    private long _seq;

    /// <summary>Makes it for a connection.</summary>
    public ArchiveWriter(DbConnection connection)
    {
        _findOwner = new(connection, "SELECT id FROM archive_owners WHERE address = @address", ("@address", DbType.String));
        _addAccount = new(connection, "INSERT INTO archive_owners (address, account) SELECT account, account FROM accounts WHERE account = @address RETURNING id", ("@address", DbType.String));
        _addOther = new(connection, "INSERT INTO archive_owners (address) VALUES (@address) RETURNING id", ("@address", DbType.String));
        _last = new(connection,
            "SELECT MAX(id) FROM (SELECT MAX(id) AS id FROM archive_entries WHERE owner = @owner UNION ALL SELECT MAX(id) FROM archive_log WHERE owner = @owner) AS ends", ("@owner", DbType.Int64));
        _isLogged = new(connection, "SELECT seq FROM archive_log WHERE seq = @seq AND owner = @owner AND id = @id AND origin IS NOT NULL", ("@seq", DbType.Int64), ("@owner", DbType.Int64), ("@id", DbType.Int64));
        _areOwners = new(connection, "SELECT o.id FROM archive_owners o JOIN (", ") AS v ON o.id = v.column1", DbType.Int64);
        _findOrigins = new(connection, "SELECT o.owner, o.origin, o.entry FROM archive_origins o JOIN (", ") AS v ON o.owner = v.column1 AND o.origin = v.column2", DbType.Int64, DbType.Binary);
        _addToLog = new(connection, "INSERT INTO archive_log (seq, owner, id, peer, resource, author, message, time, origin, stanza)", "",
            DbType.Int64, DbType.Int64, DbType.Int64, DbType.Int64, DbType.String, DbType.String, DbType.Int64, DbType.Int64, DbType.Binary, DbType.Binary);
        _add = new(connection, "INSERT INTO archive_entries (owner, id, peer, resource, author, message, time, stanza)", "",
            DbType.Int64, DbType.Int64, DbType.Int64, DbType.String, DbType.String, DbType.Int64, DbType.Int64, DbType.Binary);
        _addOrigins = new(connection, "INSERT INTO archive_origins (owner, origin, entry)", "ON CONFLICT (owner, origin) DO UPDATE SET entry = excluded.entry", DbType.Int64, DbType.Binary, DbType.Int64);
        UsesLog = !RowStatement.IsFar(connection);
        _origins = LoggedOrigins.Read(connection);
        using var newest = new Statement(connection, "SELECT MAX(seq) FROM archive_log");
        _seq = newest.Number() ?? 0;
    }

    /// <summary>
    /// Whether entries go to the log first. A server of its own writes its journal in the order of arrival whatever the places of the rows are, and what goes through the log too is written
    /// twice and removed once.
    /// </summary>
    public bool UsesLog { get; }

    /// <summary>Up to which entry of the log all have been moved, and that is durable.</summary>
    public void Settled(long seq) => _origins.Settled(seq);

    /// <summary>Writes entries, each unless it is there already under its origin; null for one whose account does not exist.</summary>
    public WrittenEntry?[] Add(IReadOnlyList<NewEntry> entries)
    {
        var owners = FindOwners(entries);
        var former = FindOrigins(entries, owners);
        var written = new WrittenEntry?[entries.Count];
        var rows = new List<object?[]>(entries.Count);
        var origins = new List<object?[]>();
        for (var i = 0; i < written.Length; i++)
        {
            if (owners[i] is not { } owner) continue;
            var entry = entries[i];
            if (entry.Origin is { } origin && former.TryGetValue(new OriginKey(owner.Number, origin), out var first) && first >= EntryNumber.First(entry.Time - OriginTime))
            {
                written[i] = new WrittenEntry(owner.Number, first, true);
                continue;
            }

            owner.Last = EntryNumber.Next(entry.Time, owner.Last);
            if (UsesLog) rows.Add([++_seq, owner.Number, owner.Last, entry.Peer, entry.Resource, entry.Author, entry.MessageId, entry.Time, entry.Origin, entry.Stanza]);
            else rows.Add([owner.Number, owner.Last, entry.Peer, entry.Resource, entry.Author, entry.MessageId, entry.Time, entry.Stanza]);
            written[i] = new WrittenEntry(owner.Number, owner.Last, false);
            if (entry.Origin is null) continue;
            var key = new OriginKey(owner.Number, entry.Origin);
            former[key] = owner.Last;
            if (UsesLog) _origins.Add(key, owner.Last, _seq);
            else origins.Add([owner.Number, entry.Origin, owner.Last]);
        }

        (UsesLog ? _addToLog : _add).Execute(rows);
        _addOrigins.Execute(origins);
        return written;
    }

    /// <summary>Forgets what is known of an owner that is gone.</summary>
    public void Forget(Jid owner) => _owners.Remove(owner);

    public void Dispose()
    {
        foreach (var statement in (IDisposable[])[_findOwner, _addAccount, _addOther, _last, _isLogged, _areOwners, _findOrigins, _addToLog, _add, _addOrigins]) statement.Dispose();
    }

    // Those that are remembered may have been removed since, and perhaps made anew.
    private Owner?[] FindOwners(IReadOnlyList<NewEntry> entries)
    {
        var known = new HashSet<long>();
        foreach (var entry in entries)
        {
            if (_owners.TryGetValue(entry.Owner, out var owner)) known.Add(owner.Number);
        }

        _areOwners.Read([.. known.Select(n => new object?[] { n })], row => known.Remove(row.GetInt64(0)));
        var owners = new Owner?[entries.Count];
        for (var i = 0; i < owners.Length; i++)
        {
            var (address, isAccount) = (entries[i].Owner, entries[i].IsAccount);
            if (known.Count > 0 && _owners.TryGetValue(address, out var former) && known.Contains(former.Number)) _owners.Remove(address);
            owners[i] = FindOrAdd(address, isAccount);
        }

        return owners;
    }

    // The log has no index: what is remembered of it says where to look, and the database whether it is there.
    private Dictionary<OriginKey, long> FindOrigins(IReadOnlyList<NewEntry> entries, Owner?[] owners)
    {
        var found = new Dictionary<OriginKey, long>();
        var others = new List<object?[]>();
        for (var i = 0; i < owners.Length; i++)
        {
            if (owners[i] is not { } owner || entries[i].Origin is not { } origin) continue;
            var key = new OriginKey(owner.Number, origin);
            if (_origins.Find(key) is var (number, seq) && _isLogged.Number(seq, owner.Number, number) is not null) found[key] = number;
            else others.Add([owner.Number, origin]);
        }

        _findOrigins.Read(others, row => found[new OriginKey(row.GetInt64(0), row.GetFieldValue<byte[]>(1))] = row.GetInt64(2));
        return found;
    }

    private Owner? FindOrAdd(Jid owner, bool isAccount)
    {
        if (_owners.TryGetValue(owner, out var known)) return known;
        var address = owner.ToString();
        if ((_findOwner.Number(address) ?? (isAccount ? _addAccount : _addOther).Number(address)) is not { } number) return null;
        if (_owners.Count >= MostOwners) _owners.Clear();
        return _owners[owner] = new Owner(number) { Last = _last.Number(number) ?? 0 };
    }

    private sealed class Owner(long number)
    {
        public long Number => number;

        public long Last { get; set; }
    }
}
