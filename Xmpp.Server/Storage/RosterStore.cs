using System.Text.Json;
using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Rosters in the database. What is written for an account that has been removed is dropped.</summary>
internal sealed class RosterStore(Database database) : IRosterStore
{
    private const string Columns =
        "contact AS Contact, name AS Name, groups AS Groups, subscribed_to AS SubscribedTo, subscribed_from AS SubscribedFrom, pending_out AS PendingOut, pending_in AS PendingIn, pre_approved AS PreApproved";

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RosterItem>> ReadAsync(Jid account, CancellationToken ct = default) =>
        database.ReadAsync<IReadOnlyList<RosterItem>>(c => [.. c.Query<Row>($"SELECT {Columns} FROM roster WHERE account = @account ORDER BY contact", new { account = account.Bare.ToString() }).Select(r => r.ToItem())], ct);

    /// <inheritdoc/>
    public ValueTask<RosterItem?> FindAsync(Jid account, Jid contact, CancellationToken ct = default) =>
        database.ReadAsync(c => c.QueryFirstOrDefault<Row>($"SELECT {Columns} FROM roster WHERE account = @account AND contact = @contact", Key(account, contact))?.ToItem(), ct);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(Jid account, RosterItem item, CancellationToken ct = default)
    {
        var row = new
        {
            account = account.Bare.ToString(),
            contact = item.Contact.Bare.ToString(),
            item.Name,
            groups = JsonSerializer.Serialize(item.Groups),
            subscribedTo = Flag(item.SubscribedTo),
            subscribedFrom = Flag(item.SubscribedFrom),
            pendingOut = Flag(item.PendingOut),
            pendingIn = item.PendingIn is null ? null : StoredXml.Write(item.PendingIn),
            preApproved = Flag(item.PreApproved),
        };
        await database.WriteAsync(c => c.Execute(
            """
            INSERT INTO roster (account, contact, name, groups, subscribed_to, subscribed_from, pending_out, pending_in, pre_approved)
            SELECT account, @contact, @Name, @groups, @subscribedTo, @subscribedFrom, @pendingOut, @pendingIn, @preApproved FROM accounts WHERE account = @account
            ON CONFLICT (account, contact) DO UPDATE SET name = excluded.name, groups = excluded.groups, subscribed_to = excluded.subscribed_to,
              subscribed_from = excluded.subscribed_from, pending_out = excluded.pending_out, pending_in = excluded.pending_in, pre_approved = excluded.pre_approved
            """, row), ct);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(Jid account, Jid contact, CancellationToken ct = default) =>
        database.WriteAsync(c => c.Execute("DELETE FROM roster WHERE account = @account AND contact = @contact", Key(account, contact)) > 0, ct);

    // Flags are numbers: not every database has a type for them.
    private static int Flag(bool set) => set ? 1 : 0;

    private static object Key(Jid account, Jid contact) => new { account = account.Bare.ToString(), contact = contact.Bare.ToString() };

    private sealed class Row
    {
        public string Contact { get; set; } = "";

        public string? Name { get; set; }

        public string Groups { get; set; } = "[]";

        public bool SubscribedTo { get; set; }

        public bool SubscribedFrom { get; set; }

        public bool PendingOut { get; set; }

        public byte[]? PendingIn { get; set; }

        public bool PreApproved { get; set; }

        public RosterItem ToItem() => new(Contact, Name, JsonSerializer.Deserialize<string[]>(Groups) ?? [], SubscribedTo, SubscribedFrom, PendingOut, PendingIn is null ? null : StoredXml.Read(PendingIn), PreApproved);
    }
}
