namespace Parley.Plugins.Archive;

/// <summary>The archive's tables.</summary>
internal static class ArchiveSchema
{
    /// <summary>The steps, as the contract has them.</summary>
    public static string[] Steps { get; } =
    [
        // An owner's number is never given again, so that whoever gets its address later finds nothing of it. An account's owner goes with the account; what it left is purged.
        // An entry's id is when it came (see EntryNumber). A peer and a message's own id are fingerprints: they are only ever compared.
        """
        CREATE TABLE archive_keys (
          id BIGINT PRIMARY KEY,
          secret {blob} NOT NULL);
        CREATE TABLE archive_owners (
          id {id},
          address TEXT NOT NULL UNIQUE,
          account TEXT REFERENCES accounts (account) ON DELETE CASCADE);
        CREATE INDEX archive_owners_by_account ON archive_owners (account);
        CREATE TABLE archive_entries (
          owner BIGINT NOT NULL,
          id BIGINT NOT NULL,
          peer BIGINT NOT NULL,
          resource TEXT,
          author TEXT,
          message BIGINT,
          time BIGINT NOT NULL,
          stanza {blob} NOT NULL,
          PRIMARY KEY (owner, id)) {clustered};
        CREATE INDEX archive_entries_by_peer ON archive_entries (owner, peer, id);
        CREATE TABLE archive_origins (
          owner BIGINT NOT NULL,
          origin {blob} NOT NULL,
          entry BIGINT NOT NULL,
          PRIMARY KEY (owner, origin)) {clustered};
        """,
        // Where entries are first: in the order of arrival, so that a commit of many people's messages writes a few pages and not some for each of them. Moved to their places later.
        """
        CREATE TABLE archive_log (
          seq BIGINT PRIMARY KEY,
          owner BIGINT NOT NULL,
          id BIGINT NOT NULL,
          peer BIGINT NOT NULL,
          resource TEXT,
          author TEXT,
          message BIGINT,
          time BIGINT NOT NULL,
          origin {blob},
          stanza {blob} NOT NULL) {clustered};
        """,
        // How much of an owner's is in archive_entries, up to an entry: what comes later is counted on, what goes is taken off.
        """
        CREATE TABLE archive_usage (
          owner BIGINT PRIMARY KEY,
          through BIGINT NOT NULL,
          messages BIGINT NOT NULL,
          bytes BIGINT NOT NULL) {clustered};
        """,
    ];
}
