namespace Parley.Xmpp.Server.Storage;

/// <summary>The database's schema, version by version. A step is never changed once released; a new one is added.</summary>
internal static class Migrations
{
    /// <summary>Step n brings the schema from version n to n + 1, in the words of <see cref="DatabaseEngine.Translate"/>.</summary>
    public static IReadOnlyList<string> Steps { get; } =
    [
        // An account is its bare address as text. What belongs to one goes with it.
        """
        CREATE TABLE accounts (
          account TEXT PRIMARY KEY,
          domain TEXT NOT NULL,
          created BIGINT NOT NULL) {clustered};
        CREATE INDEX accounts_by_domain ON accounts (domain, account);
        CREATE TABLE credentials (
          account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
          hash TEXT NOT NULL,
          salt {blob} NOT NULL,
          iterations INTEGER NOT NULL,
          stored_key {blob} NOT NULL,
          server_key {blob} NOT NULL,
          PRIMARY KEY (account, hash)) {clustered};
        CREATE TABLE roster (
          account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
          contact TEXT NOT NULL,
          name TEXT,
          groups TEXT NOT NULL,
          subscribed_to INTEGER NOT NULL,
          subscribed_from INTEGER NOT NULL,
          pending_out INTEGER NOT NULL,
          pending_in {blob},
          pre_approved INTEGER NOT NULL,
          PRIMARY KEY (account, contact)) {clustered};
        CREATE TABLE offline (
          id {id},
          account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
          received BIGINT NOT NULL,
          stanza {blob} NOT NULL);
        CREATE INDEX offline_by_account ON offline (account, id);
        CREATE TABLE documents (
          account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
          name TEXT NOT NULL,
          document {blob} NOT NULL,
          PRIMARY KEY (account, name)) {clustered};
        CREATE TABLE account_changes (
          id {id},
          account TEXT NOT NULL);
        """,
        """
        CREATE TABLE plugin_schemas (
          plugin TEXT PRIMARY KEY,
          version INTEGER NOT NULL) {clustered};
        """,
        """
        CREATE TABLE client_tokens (
          account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
          client TEXT NOT NULL,
          is_new INTEGER NOT NULL,
          mechanism TEXT NOT NULL,
          nonce {blob} NOT NULL,
          issued BIGINT NOT NULL,
          expires BIGINT NOT NULL,
          PRIMARY KEY (account, client, is_new)) {clustered};
        """,
        // In the order of arrival; mostly few, and gone soon.
        """
        CREATE TABLE unacknowledged (
          id BIGINT PRIMARY KEY,
          account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
          received BIGINT NOT NULL,
          stanza {blob} NOT NULL) {clustered};
        """,
        // Every log-in asks for its account's last change.
        "CREATE INDEX account_changes_by_account ON account_changes (account, id)",
        // Whether the account was removed: that there is one of its name again does not tell.
        "ALTER TABLE account_changes ADD COLUMN is_removal INTEGER NOT NULL DEFAULT 0",
    ];
}
