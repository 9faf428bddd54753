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
    private readonly Statement _findOwner, _addAccount, _addOther, _last, _findOrigin, _isLogged, _add;
    private long _seq;

    /// <summary>Makes it for a connection.</summary>
    public ArchiveWriter(DbConnection connection)
    {
        _findOwner = new(connection, "SELECT id FROM archive_owners WHERE address = @address", ("@address", DbType.String));
        _addAccount = new(connection, "INSERT INTO archive_owners (address, account) SELECT account, account FROM accounts WHERE account = @address RETURNING id", ("@address", DbType.String));
        _addOther = new(connection, "INSERT INTO archive_owners (address) VALUES (@address) RETURNING id", ("@address", DbType.String));
        _last = new(connection,
            "SELECT MAX(id) FROM (SELECT MAX(id) AS id FROM archive_entries WHERE owner = @owner UNION ALL SELECT MAX(id) FROM archive_log WHERE owner = @owner) AS ends", ("@owner", DbType.Int64));
        _findOrigin = new(connection, "SELECT entry FROM archive_origins WHERE owner = @owner AND origin = @origin", ("@owner", DbType.Int64), ("@origin", DbType.Binary));
        _isLogged = new(connection, "SELECT seq FROM archive_log WHERE seq = @seq AND owner = @owner AND id = @id AND origin IS NOT NULL", ("@seq", DbType.Int64), ("@owner", DbType.Int64), ("@id", DbType.Int64));
        // The owner may have gone since it was looked up.
        _add = new(connection,
            """
            INSERT INTO archive_log (seq, owner, id, peer, resource, author, message, time, origin, stanza)
            SELECT @seq, id, @id, @peer, @resource, @author, @message, @time, @origin, @stanza FROM archive_owners WHERE id = @owner
            """,
            ("@seq", DbType.Int64), ("@owner", DbType.Int64), ("@id", DbType.Int64), ("@peer", DbType.Int64), ("@resource", DbType.String), ("@author", DbType.String), ("@message", DbType.Int64), ("@time", DbType.Int64),
            ("@origin", DbType.Binary), ("@stanza", DbType.Binary));
        _origins = LoggedOrigins.Read(connection);
        using var newest = new Statement(connection, "SELECT MAX(seq) FROM archive_log");
        _seq = newest.Number() ?? 0;
    }

    /// <summary>Up to which entry of the log all have been moved, and that is durable.</summary>
    public void Settled(long seq) => _origins.Settled(seq);

    /// <summary>Writes one entry, unless it is there already under its origin; null where its account does not exist.</summary>
    public WrittenEntry? Add(NewEntry entry)
    {
        for (var round = 0; round < 2; round++)
        {
            if (FindOrAdd(entry.Owner, entry.IsAccount) is not { } owner) return null;
            if (entry.Origin is { } sent && FindOrigin(owner.Number, sent) is { } former && former >= EntryNumber.First(entry.Time - OriginTime)) return new WrittenEntry(owner.Number, former, true);
            var number = EntryNumber.Next(entry.Time, owner.Last);
            if (_add.Execute(++_seq, owner.Number, number, entry.Peer, entry.Resource, entry.Author, entry.MessageId, entry.Time, entry.Origin, entry.Stanza) > 0)
            {
                owner.Last = number;
                if (entry.Origin is { } origin) _origins.Add(owner.Number, origin, number, _seq);
                return new WrittenEntry(owner.Number, number, false);
            }

            // It was removed since, and perhaps made anew.
            _owners.Remove(entry.Owner);
        }

        return null;
    }

    /// <summary>Forgets what is known of an owner that is gone.</summary>
    public void Forget(Jid owner) => _owners.Remove(owner);

    public void Dispose()
    {
        foreach (var statement in (Statement[])[_findOwner, _addAccount, _addOther, _last, _findOrigin, _isLogged, _add]) statement.Dispose();
    }

    // The log has no index: what is remembered of it says where to look, and the database whether it is there.
    private long? FindOrigin(long owner, byte[] origin) =>
        _origins.Find(owner, origin) is var (number, seq) && _isLogged.Number(seq, owner, number) is not null ? number : _findOrigin.Number(owner, origin);

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
