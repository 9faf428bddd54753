using System.Diagnostics;

namespace Parley.bench.Chat;

/// <summary>Debian's ejabberd with the modules of its own example configuration that chat needs, without shapers.</summary>
internal sealed class EjabberdChat : ChatServer
{
    public override string Name => "ejabberd";

    protected override async Task<ProcessStartInfo> PrepareAsync(ChatSetup setup)
    {
        var file = Path.Combine(DataDirectory, "ejabberd.yml");
        var hasArchive = setup.Archive != ChatArchive.None;
        var archive = hasArchive
            ? $"""
                 mod_mam:
                   default: always
                   db_type: sql
                   compress_xml: false
               """
            : "";
        var sql = !hasArchive ? ""
            : Database is null ? $"sql_type: sqlite\nsql_database: {DataDirectory}/archive.sqlite\n"
            : $"sql_type: pgsql\nsql_server: 127.0.0.1\nsql_port: {Database.Port}\nsql_database: postgres\nsql_username: postgres\nsql_password: none\n";
        var (certificates, tls) = ("", "");
        if (setup.HasTls)
        {
            var (certificate, key) = ChatCertificate.Make(DataDirectory);
            (certificates, tls) = ($"certfiles: [{certificate}, {key}]", "starttls: true");
        }

        await File.WriteAllTextAsync(file,
            $$"""
            hosts: [localhost]
            loglevel: error
            auth_password_format: scram
            {{sql}}
            {{certificates}}
            listen:
              -
                port: {{Port}}
                ip: "127.0.0.1"
                module: ejabberd_c2s
                max_stanza_size: 262144
                access: all
                {{tls}}
            shaper_rules:
              max_user_sessions: 1000
              max_user_offline_messages: 1000
            modules:
              mod_adhoc: {}
              mod_blocking: {}
              mod_caps: {}
              mod_carboncopy: {}
              mod_client_state: {}
              mod_disco: {}
              mod_last: {}
              mod_muc:
                hosts: [rooms.localhost]
                max_users: 1000
                user_message_shaper: none
                default_room_options:
                  max_users: 1000
                  mam: false
              mod_offline: {}
              mod_ping: {}
              mod_privacy: {}
              mod_private: {}
              mod_pubsub:
                plugins: [flat, pep]
              mod_register:
                ip_access: all
              mod_roster: {}
              mod_stream_mgmt: {}
              mod_vcard: {}
              mod_version: {}
            {{archive}}
            registration_timeout: infinity
            """);
        if (hasArchive) await CreateSchemaAsync();
        var start = new ProcessStartInfo("erl", ["-noinput", "+K", "true", "-mnesia", "dir", $"\"{DataDirectory}\"", "-s", "ejabberd"]);
        start.Environment["ERL_LIBS"] = "/usr/lib/x86_64-linux-gnu";
        start.Environment["EJABBERD_CONFIG_PATH"] = file;
        start.Environment["EJABBERD_LOG_PATH"] = Path.Combine(DataDirectory, "ejabberd.log");
        start.Environment["HOME"] = DataDirectory;
        return start;
    }

    // By in-band registration: its command line takes a second for each.
    protected override Task AddAccountsAsync(int accounts) => Parallel.ForEachAsync(Enumerable.Range(0, accounts), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, ct) =>
    {
        using var client = await ChatClient.ConnectAsync(Port);
        await client.SendAsync($"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>u{i}</username><password>{Password}</password></query></iq>");
        if (!(await client.ReadUntilAsync("</iq>", "/>")).Contains("result", StringComparison.Ordinal)) throw new InvalidOperationException($"ejabberd does not register u{i}");
    });

    private async Task CreateSchemaAsync()
    {
        if (Database is not null)
        {
            await Database.ExecuteAsync(await File.ReadAllTextAsync("/usr/share/ejabberd/sql/pg.sql"));
            return;
        }

        var schema = Directory.GetFiles("/usr/lib/x86_64-linux-gnu", "lite.sql", SearchOption.AllDirectories).Concat(Directory.Exists("/usr/share/ejabberd") ? Directory.GetFiles("/usr/share/ejabberd", "lite.sql", SearchOption.AllDirectories) : []).First();
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={DataDirectory}/archive.sqlite");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = await File.ReadAllTextAsync(schema);
        await command.ExecuteNonQueryAsync();
    }
}
