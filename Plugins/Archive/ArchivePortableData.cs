using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Archive;

/// <summary>
/// Accounts' archives in portable files (XEP-0227 section 4.11). An entry's place is its time; its id here is another than it was there, and clients that ask for what came after an
/// id of the old server are told that there is none.
/// </summary>
internal sealed class ArchivePortableData(IPluginDatabase database, ArchiveStore archive, TimeProvider time) : IPortableData
{
    private const int PageSize = 200;

    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [new("archive", "urn:xmpp:pie:0#mam", IsList: true)];

    /// <inheritdoc/>
    public async IAsyncEnumerable<Element> ExportAsync(Jid account, PortableElement element, [EnumeratorCancellation] CancellationToken ct)
    {
        for (string? last = null; ;)
        {
            var page = await archive.ReadAsync(account, new ArchiveQuery { Page = new ResultSetRequest(PageSize, last, null) }, ct);
            foreach (var entry in page?.Entries ?? []) yield return Write(entry);
            // One that was removed just now ends the list; retention takes the oldest.
            if (page is null or { IsComplete: true } or { Entries.Count: 0 }) break;
            last = page.Entries[^1].Id;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ImportAsync(Jid account, PortableElement element, IReadOnlyList<Element> pieces, CancellationToken ct)
    {
        List<(long Time, Message Message)> entries = [.. pieces.Select(p => Read(account, p))];
        return await database.WriteAsync(c =>
        {
            // So that all that is there is in one place.
            while (ArchiveLog.Settle(c).IsFull)
            {
                // On with the rest.
            }

            using var writer = new Writer(c, account);
            return entries.Count(e => writer.Add(e.Time, e.Message));
        }, ct);
    }

    private static Element Write(ArchiveEntry entry) => new Element("result", Ns.Archive)
        .Attr("id", entry.Id)
        .Add(new Element("forwarded", Ns.Forward)
            .Add(new Element("delay", Ns.Delay).Attr("stamp", entry.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)))
            .Add(entry.Message.Element));

    private (long Time, Message Message) Read(Jid account, Element piece)
    {
        if (!piece.Is("result", Ns.Archive) || piece.Child("forwarded", Ns.Forward) is not { } forwarded) throw new FormatException($"<{piece.Name}/> is no archived message");
        if (!DateTimeOffset.TryParse(forwarded.Child("delay", Ns.Delay)?["stamp"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var came) || came < DateTimeOffset.UnixEpoch) throw new FormatException("an archived message without a time");
        if (forwarded.Child("message", Ns.Client) is not { } stored) throw new FormatException("an archived message without the message");
        // Some leave out the account's own address.
        var whole = stored["from"] is null || stored["to"] is null ? stored.Copy().Attr("from", stored["from"] ?? account.ToString()).Attr("to", stored["to"] ?? account.ToString()).Freeze() : stored;
        if (!Stanza.TryRead(whole, out var stanza, out _) || stanza is not Message { From: not null, To: not null } message) throw new FormatException("an archived message with an address that is none");
        // Before all that a server beside this one may be writing now.
        return (Math.Min(came.ToUnixTimeMilliseconds(), time.GetUtcNow().AddSeconds(-1).ToUnixTimeMilliseconds()), message);
    }

    /// <summary>Puts entries where their time is, unless they are there.</summary>
    private sealed class Writer(DbConnection connection, Jid account) : IDisposable
    {
        private readonly Statement _findOwner = new(connection, "SELECT id FROM archive_owners WHERE address = @address", ("@address", DbType.String));
        private readonly Statement _addOwner = new(connection, "INSERT INTO archive_owners (address, account) SELECT account, account FROM accounts WHERE account = @address RETURNING id", ("@address", DbType.String));
        private readonly Statement _ofTime = new(connection, "SELECT id, stanza FROM archive_entries WHERE owner = @owner AND id >= @low AND id < @high ORDER BY id",
            ("@owner", DbType.Int64), ("@low", DbType.Int64), ("@high", DbType.Int64));
        private readonly Statement _add = new(connection,
            "INSERT INTO archive_entries (owner, id, peer, resource, author, message, time, stanza) VALUES (@owner, @id, @peer, @resource, NULL, @message, @time, @stanza)",
            ("@owner", DbType.Int64), ("@id", DbType.Int64), ("@peer", DbType.Int64), ("@resource", DbType.String), ("@message", DbType.Int64), ("@time", DbType.Int64), ("@stanza", DbType.Binary));
        private long? _owner;

        public bool Add(long time, Message message)
        {
            _owner ??= _findOwner.Number(account.ToString()) ?? _addOwner.Number(account.ToString()) ?? throw new FormatException("there is no such account");
            var stanza = StoredMessage.Write(message);
            var number = EntryNumber.First(time);
            using (var same = _ofTime.Read(_owner, number, EntryNumber.First(time + 1)))
            {
                while (same.Read())
                {
                    if (same.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(stanza)) return false;
                    number = same.GetInt64(0) + 1;
                }
            }

            var with = message.From!.Bare == account ? message.To! : message.From;
            return _add.Execute(_owner, number, Fingerprints.OfPeer(with), with.Resource, message.Id is { } id ? Fingerprints.OfMessage(id) : null, time, stanza) > 0;
        }

        public void Dispose()
        {
            foreach (var statement in (Statement[])[_findOwner, _addOwner, _ofTime, _add]) statement.Dispose();
        }
    }
}
