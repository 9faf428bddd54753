using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Parley.bench.Chat;

/// <summary>Debian's Prosody with the modules that its own example configuration turns on.</summary>
internal sealed class ProsodyChat : ChatServer
{
    public override string Name => "prosody";

    protected override async Task<ProcessStartInfo> PrepareAsync(ChatSetup setup)
    {
        var folder = Path.Combine(DataDirectory, "localhost", "accounts");
        Directory.CreateDirectory(folder);
        var account = Account();
        for (var i = 0; i < setup.Accounts; i++) await File.WriteAllTextAsync(Path.Combine(folder, $"u{i}.dat"), account);
        // sqlite_tune = "safe" is synchronous = FULL, as ours.
        var sql = Database is null ? $"driver = \"SQLite3\"; database = \"{DataDirectory}/archive.sqlite\""
            : $"driver = \"PostgreSQL\"; database = \"postgres\"; username = \"postgres\"; password = \"\"; host = \"127.0.0.1\"; port = {Database.Port}";
        var archive = setup.Archive != ChatArchive.None
            ? $$"""
               storage = { archive = "sql"; }
               sql = { {{sql}} }
               sqlite_tune = "safe"
               default_archive_policy = true
               """
            : "";
        var tls = "";
        if (setup.HasTls)
        {
            var (certificate, key) = ChatCertificate.Make(DataDirectory);
            tls = $$"""ssl = { certificate = "{{certificate}}"; key = "{{key}}" }""";
        }

        var file = Path.Combine(DataDirectory, "prosody.cfg.lua");
        await File.WriteAllTextAsync(file,
            $$"""
            run_as_root = true
            data_path = "{{DataDirectory}}"
            pidfile = "{{DataDirectory}}/prosody.pid"
            log = { error = "*console" }
            modules_enabled = { "disco", "roster", "saslauth", "tls", "blocklist", "bookmarks", "carbons", "limits", "pep", "private", "smacks", "vcard4", "vcard_legacy", "ping", "time", "uptime", "version", "posix"{{(setup.Archive != ChatArchive.None ? ", \"mam\"" : "")}} }
            modules_disabled = { "s2s" }
            authentication = "internal_hashed"
            allow_unencrypted_plain_auth = true
            c2s_require_encryption = false
            c2s_ports = { {{Port}} }
            c2s_interfaces = { "127.0.0.1" }
            limits = { }
            network_backend = "epoll"
            {{archive}}
            {{tls}}
            VirtualHost "localhost"
            Component "rooms.localhost" "muc"
            muc_room_locking = false
            """);
        return new ProcessStartInfo("prosody", ["--config", file, "-F"]);
    }

    // The keys of SCRAM-SHA-1 (RFC 5802) with as many iterations as both others and Prosody itself take by default.
    private static string Account()
    {
        const string Salt = "parley-bench-salt";
        var salted = Rfc2898DeriveBytes.Pbkdf2(Password, Encoding.UTF8.GetBytes(Salt), 10_000, HashAlgorithmName.SHA1, 20);
        var stored = Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.SHA1, CryptographicOperations.HmacData(HashAlgorithmName.SHA1, salted, "Client Key"u8)));
        var server = Convert.ToHexStringLower(CryptographicOperations.HmacData(HashAlgorithmName.SHA1, salted, "Server Key"u8));
        return $"return {{ [\"stored_key\"] = \"{stored}\"; [\"server_key\"] = \"{server}\"; [\"salt\"] = \"{Salt}\"; [\"iteration_count\"] = 10000; }};\n";
    }
}
