using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Storage;

/// <summary>Rooms that stay, in the database. What a method returned from is on the disk.</summary>
internal sealed class RoomStore(IPluginDatabase database)
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>All rooms, those that cannot be read as well.</summary>
    public async ValueTask<IReadOnlyList<ListedRoom>> ListAsync(CancellationToken ct)
    {
        var rows = await database.ReadAsync(c => c.Query<(string Room, string? Creator, string Config)>("SELECT room, creator, config FROM muc_rooms").AsList(), ct);
        return [.. rows.Select(r => List(r.Room, r.Creator, r.Config))];
    }

    /// <summary>All of a room; null if it is not kept.</summary>
    public ValueTask<RoomRecord?> FindAsync(Jid room, CancellationToken ct)
    {
        var key = new { room = room.ToString() };
        return database.ReadAsync(
            c =>
            {
                var row = c.QueryFirstOrDefault<RoomRow>("SELECT creator AS Creator, secret AS Secret, config AS Config, subject AS Subject, vcard AS VCard FROM muc_rooms WHERE room = @room", key);
                if (row is null) return null;
                return new RoomRecord(room, row.Secret)
                {
                    Creator = row.Creator is null ? null : Jid.Parse(row.Creator),
                    Config = Read<RoomConfig>(row.Config),
                    Subject = Read<Subject>(row.Subject),
                    VCard = row.VCard is null ? null : ReadElement(row.VCard),
                    Affiliations = [.. c.Query<AffiliationRow>("SELECT account AS Account, affiliation AS Affiliation, nick AS Nick, reason AS Reason FROM muc_affiliations WHERE room = @room", key)
                        .Select(a => new KeyValuePair<Jid, AffiliationEntry>(Jid.Parse(a.Account), new AffiliationEntry(Enum.Parse<Affiliation>(a.Affiliation, true), a.Nick, a.Reason)))],
                    Hats = [.. c.Query<HatRow>("SELECT uri AS Uri, title AS Title, hue AS Hue FROM muc_hats WHERE room = @room", key).Select(h => new Hat(h.Uri, h.Title, h.Hue))],
                    Worn = [.. c.Query<WearerRow>("SELECT account AS Account, uri AS Uri FROM muc_hat_wearers WHERE room = @room", key).Select(w => (Jid.Parse(w.Account), w.Uri))],
                };
            },
            ct);
    }

    /// <summary>Keeps all of a room, in place of whatever was kept.</summary>
    public async ValueTask SaveAsync(RoomRecord room, CancellationToken ct) => await database.WriteAsync(
        c =>
        {
            SaveRoom(c, room);
            c.Execute("DELETE FROM muc_affiliations WHERE room = @room", Key(room.Address));
            foreach (var (account, entry) in room.Affiliations) SaveAffiliation(c, room.Address, account, entry);
            SaveHats(c, room);
            return 0;
        },
        ct);

    /// <summary>Keeps what changed of a room that is kept already.</summary>
    public async ValueTask SaveAsync(RoomRecord room, RoomChanges changes, Func<Jid, AffiliationEntry?> find, CancellationToken ct) => await database.WriteAsync(
        c =>
        {
            if (changes.Room) SaveRoom(c, room);
            foreach (var account in changes.Affiliations) SaveAffiliation(c, room.Address, account, find(account));
            if (changes.Hats) SaveHats(c, room);
            return 0;
        },
        ct);

    /// <summary>Forgets a room.</summary>
    public async ValueTask RemoveAsync(Jid room, CancellationToken ct) => await database.WriteAsync(c => c.Execute("DELETE FROM muc_rooms WHERE room = @room", Key(room)), ct);

    /// <summary>Forgets what an account is in every room.</summary>
    public async ValueTask ForgetAsync(Jid account, CancellationToken ct) => await database.WriteAsync(
        c => c.Execute("DELETE FROM muc_affiliations WHERE account = @account", new { account = account.ToString() }) + c.Execute("DELETE FROM muc_hat_wearers WHERE account = @account", new { account = account.ToString() }), ct);

    private static ListedRoom List(string room, string? creator, string config)
    {
        var listed = new ListedRoom(room, Jid.TryParse(room, out var address) ? address : null, Jid.TryParse(creator, out var account) ? account : null, null, null);
        try
        {
            if (address?.Local is null || address.Resource is not null) throw new FormatException("The address is no room's.");
            if (creator is not null && account is null) throw new FormatException("The creator is no address.");
            return listed with { Config = Read<RoomConfig>(config) };
        }
        catch (Exception e) when (e is FormatException or JsonException or NotSupportedException)
        {
            return listed with { Fault = e };
        }
    }

    private static void SaveRoom(DbConnection c, RoomRecord room) => c.Execute(
        "INSERT INTO muc_rooms (room, creator, secret, config, subject, vcard) VALUES (@room, @creator, @secret, @config, @subject, @vcard) "
        + "ON CONFLICT (room) DO UPDATE SET creator = @creator, secret = @secret, config = @config, subject = @subject, vcard = @vcard",
        new
        {
            room = room.Address.ToString(),
            creator = room.Creator?.ToString(),
            secret = room.Secret,
            config = JsonSerializer.Serialize(room.Config, Json),
            subject = JsonSerializer.Serialize(room.Subject, Json),
            vcard = room.VCard?.ToUtf8().ToArray(),
        });

    private static void SaveAffiliation(DbConnection c, Jid room, Jid account, AffiliationEntry? entry)
    {
        if (entry is null)
        {
            c.Execute("DELETE FROM muc_affiliations WHERE room = @room AND account = @account", new { room = room.ToString(), account = account.ToString() });
            return;
        }

        c.Execute(
            "INSERT INTO muc_affiliations (room, account, affiliation, nick, reason) VALUES (@room, @account, @affiliation, @nick, @reason) "
            + "ON CONFLICT (room, account) DO UPDATE SET affiliation = @affiliation, nick = @nick, reason = @reason",
            new { room = room.ToString(), account = account.ToString(), affiliation = entry.Affiliation.Word(), nick = entry.Nick, reason = entry.Reason });
    }

    private static void SaveHats(DbConnection c, RoomRecord room)
    {
        c.Execute("DELETE FROM muc_hats WHERE room = @room", Key(room.Address));
        c.Execute("DELETE FROM muc_hat_wearers WHERE room = @room", Key(room.Address));
        foreach (var hat in room.Hats) c.Execute("INSERT INTO muc_hats (room, uri, title, hue) VALUES (@room, @uri, @title, @hue)", new { room = room.Address.ToString(), uri = hat.Uri, title = hat.Title, hue = hat.Hue });
        foreach (var (account, uri) in room.Worn) c.Execute("INSERT INTO muc_hat_wearers (room, account, uri) VALUES (@room, @account, @uri)", new { room = room.Address.ToString(), account = account.ToString(), uri });
    }

    private static object Key(Jid room) => new { room = room.ToString() };

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Json) ?? throw new JsonException("A stored room is empty.");

    // What was written is in the form of a jabber:client stream; the parser wants it to stand for itself.
    private static Element ReadElement(byte[] bytes)
    {
        var parser = XmlStreamParser.ForFrames(new XmlStreamLimits { StanzaBytes = Math.Max(bytes.Length, 1024) * 2 });
        return parser.Advance(bytes, out _).Element ?? throw new InvalidDataException("A stored vCard is no element.");
    }

    private sealed class RoomRow
    {
        public string? Creator { get; init; }

        public byte[] Secret { get; init; } = [];

        public string Config { get; init; } = "";

        public string Subject { get; init; } = "";

        public byte[]? VCard { get; init; }
    }

    private sealed class AffiliationRow
    {
        public string Account { get; init; } = "";

        public string Affiliation { get; init; } = "";

        public string? Nick { get; init; }

        public string? Reason { get; init; }
    }

    private sealed class HatRow
    {
        public string Uri { get; init; } = "";

        public string Title { get; init; } = "";

        public string? Hue { get; init; }
    }

    private sealed class WearerRow
    {
        public string Account { get; init; } = "";

        public string Uri { get; init; } = "";
    }
}
