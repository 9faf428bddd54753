namespace Parley.Plugins.Muc.Storage;

/// <summary>The tables of rooms that stay.</summary>
internal static class RoomSchema
{
    /// <summary>The schema, version by version.</summary>
    public static string[] Steps { get; } =
    [
        """
        CREATE TABLE muc_rooms (
            room TEXT NOT NULL PRIMARY KEY,
            creator TEXT,
            secret {blob} NOT NULL,
            config TEXT NOT NULL,
            subject TEXT NOT NULL,
            vcard {blob}
        ) {clustered}
        """,
        """
        CREATE TABLE muc_affiliations (
            room TEXT NOT NULL REFERENCES muc_rooms (room) ON DELETE CASCADE,
            account TEXT NOT NULL,
            affiliation TEXT NOT NULL,
            nick TEXT,
            reason TEXT,
            PRIMARY KEY (room, account)
        ) {clustered}
        """,
        """
        CREATE TABLE muc_hats (
            room TEXT NOT NULL REFERENCES muc_rooms (room) ON DELETE CASCADE,
            uri TEXT NOT NULL,
            title TEXT NOT NULL,
            hue TEXT,
            PRIMARY KEY (room, uri)
        ) {clustered}
        """,
        """
        CREATE TABLE muc_hat_wearers (
            room TEXT NOT NULL REFERENCES muc_rooms (room) ON DELETE CASCADE,
            account TEXT NOT NULL,
            uri TEXT NOT NULL,
            PRIMARY KEY (room, account, uri)
        ) {clustered}
        """,
        "CREATE INDEX muc_affiliations_account ON muc_affiliations (account)",
    ];
}
