namespace Parley.Plugins.PubSub.Storage;

/// <summary>The tables, version by version.</summary>
internal static class Schema
{
    /// <summary>A node belongs to a service: an account's bare address, with which it goes, or a component's domain. Items are in the order of <c>seq</c>.</summary>
    public static string[] Steps { get; } =
    [
        """
        CREATE TABLE pubsub_nodes (
          id {id},
          service TEXT NOT NULL,
          node TEXT NOT NULL,
          account TEXT REFERENCES accounts (account) ON DELETE CASCADE,
          config TEXT NOT NULL,
          purge_offline INTEGER NOT NULL,
          bytes BIGINT NOT NULL,
          created BIGINT NOT NULL,
          UNIQUE (service, node));
        CREATE INDEX pubsub_nodes_by_account ON pubsub_nodes (account);
        CREATE TABLE pubsub_items (
          node_id BIGINT NOT NULL REFERENCES pubsub_nodes (id) ON DELETE CASCADE,
          item TEXT NOT NULL,
          seq BIGINT NOT NULL,
          publisher TEXT NOT NULL,
          published BIGINT NOT NULL,
          size BIGINT NOT NULL,
          payload {blob},
          PRIMARY KEY (node_id, item));
        CREATE INDEX pubsub_items_by_seq ON pubsub_items (node_id, seq);
        CREATE TABLE pubsub_affiliations (
          node_id BIGINT NOT NULL REFERENCES pubsub_nodes (id) ON DELETE CASCADE,
          jid TEXT NOT NULL,
          affiliation TEXT NOT NULL,
          PRIMARY KEY (node_id, jid)) {clustered};
        CREATE INDEX pubsub_affiliations_by_jid ON pubsub_affiliations (jid, node_id);
        CREATE TABLE pubsub_subscriptions (
          node_id BIGINT NOT NULL REFERENCES pubsub_nodes (id) ON DELETE CASCADE,
          jid TEXT NOT NULL,
          bare TEXT NOT NULL,
          state TEXT NOT NULL,
          PRIMARY KEY (node_id, jid)) {clustered};
        CREATE INDEX pubsub_subscriptions_by_bare ON pubsub_subscriptions (bare, node_id);
        """,
        // What a component's nodes need: who made one, for whom its names are, and that whoever takes a removed account's name inherits nothing.
        """
        ALTER TABLE pubsub_nodes ADD COLUMN creator TEXT;
        ALTER TABLE pubsub_nodes ADD COLUMN access TEXT;
        CREATE INDEX pubsub_nodes_by_creator ON pubsub_nodes (service, creator);
        ALTER TABLE pubsub_affiliations ADD COLUMN account TEXT REFERENCES accounts (account) ON DELETE CASCADE;
        ALTER TABLE pubsub_subscriptions ADD COLUMN account TEXT REFERENCES accounts (account) ON DELETE CASCADE;
        UPDATE pubsub_affiliations SET account = (SELECT account FROM accounts a WHERE a.account = pubsub_affiliations.jid);
        UPDATE pubsub_subscriptions SET account = (SELECT account FROM accounts a WHERE a.account = pubsub_subscriptions.bare);
        CREATE INDEX pubsub_affiliations_by_account ON pubsub_affiliations (account);
        CREATE INDEX pubsub_subscriptions_by_account ON pubsub_subscriptions (account);
        """,
    ];
}
