namespace Parley.Xmpp.Server.Storage;

/// <summary>The database's schema, version by version. A step is never changed once released; a new one is added.</summary>
internal static class Migrations
{
    /// <summary>Step n brings <c>user_version</c> from n to n + 1.</summary>
    public static IReadOnlyList<string> Steps { get; } =
    [
        // An account is its bare address as text. What belongs to one goes with it.
        """
        CREATE TABLE accounts (
          account TEXT PRIMARY KEY,
          domain TEXT NOT NULL,
          created INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX accounts_by_domain ON accounts (domain, account);
        CREATE TABLE credentials (
          account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
          hash TEXT NOT NULL,
          salt BLOB NOT NULL,
          iterations INTEGER NOT NULL,
          stored_key BLOB NOT NULL,
          server_key BLOB NOT NULL,
          PRIMARY KEY (account, hash)) WITHOUT ROWID;
        CREATE TABLE roster (
          account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
          contact TEXT NOT NULL,
          name TEXT,
          groups TEXT NOT NULL,
          subscribed_to INTEGER NOT NULL,
          subscribed_from INTEGER NOT NULL,
          pending_out INTEGER NOT NULL,
          pending_in BLOB,
          pre_approved INTEGER NOT NULL,
          PRIMARY KEY (account, contact)) WITHOUT ROWID;
        CREATE TABLE offline (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
          received INTEGER NOT NULL,
          stanza BLOB NOT NULL);
        CREATE INDEX offline_by_account ON offline (account, id);
        CREATE TABLE documents (
          account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
          name TEXT NOT NULL,
          document BLOB NOT NULL,
          PRIMARY KEY (account, name)) WITHOUT ROWID;
        CREATE TABLE account_changes (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          account TEXT NOT NULL);
        """,
    ];
}
