using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Parley.tests.Lab;

/// <summary>What Gajim shows of a conversation.</summary>
/// <param name="With">The contact or room.</param>
/// <param name="Who"><c>me</c> or <c>them</c>; in a room the nick.</param>
/// <param name="Text">What was said.</param>
public sealed record GajimLine(string With, string Who, string Text);

/// <summary>The home of somebody who uses Gajim: set up for one account before the first start, and read as Gajim keeps it.</summary>
public static class GajimHome
{
    // Gajim's numbers: KindConstant in gajim/common/const.py.
    private const string Lines = "select jid, case kind when 4 then 'them' when 6 then 'me' else contact_name end, message from logs join jids using (jid_id) where message is not null and kind in (2, 4, 6) order by log_line_id";

    /// <summary>Makes one with an account that logs in when Gajim starts. Gajim refuses root, so it is nobody's.</summary>
    public static PrivateHome Make(string person)
    {
        var home = new PrivateHome("65534");
        try
        {
            Set(home, person);
            home.HandOver();
            return home;
        }
        catch
        {
            home.Dispose();
            throw;
        }
    }

    /// <summary>All that was said, in the order in which Gajim heard of it.</summary>
    public static IReadOnlyList<GajimLine> Said(PrivateHome home)
    {
        var file = home.At(".local/share/gajim/logs.db");
        if (!File.Exists(file)) return [];
        using var db = Open(file, SqliteOpenMode.ReadOnly);
        using var command = db.CreateCommand();
        command.CommandText = Lines;
        using var reader = command.ExecuteReader();
        var lines = new List<GajimLine>();
        while (reader.Read()) lines.Add(new GajimLine(reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        return lines;
    }

    private static void Set(PrivateHome home, string person)
    {
        Directory.CreateDirectory(home.At(".config/gajim"));
        using var db = Open(home.At(".config/gajim/settings.sqlite"), SqliteOpenMode.ReadWriteCreate);
        Run(db, "create table settings (name text unique, settings text)");
        Run(db, "create table account_settings (account text unique, settings text)");
        Add(db, "settings", "app", new { use_keyring = false, trayicon = "never", show_main_window_on_startup = "always", ask_online_status = false });
        foreach (var nothing in new[] { "soundevents", "status_presets", "proxies", "plugins" }) Add(db, "settings", nothing, new { });
        Add(db, "settings", "workspaces", new Dictionary<string, object> { ["a5f1c3f4-5f0e-4b86-9d5e-0a8f6f6f1a01"] = new { name = "Chats", color = "", avatar_sha = "", chats = Array.Empty<string>() } });
        var account = new
        {
            name = person,
            hostname = ChatDomain.Name,
            password = ChatDomain.Password(person),
            savepass = true,
            active = true,
            autoconnect = true,
            resource = "desk",
            account_label = person,
            confirm_unencrypted_connection = false,
        };
        Add(db, "account_settings", GajimClient.Account, new { account, contact = new { }, group_chat = new { } });
        Run(db, "pragma user_version = " + SettingsVersion.ToString(CultureInfo.InvariantCulture));
    }

    // It reads only settings of its own version, and mends older ones.
    private static int SettingsVersion => int.Parse(Regex.Match(File.ReadAllText("/usr/lib/python3/dist-packages/gajim/common/settings.py"), @"CURRENT_USER_VERSION = (\d+)").Groups[1].Value, CultureInfo.InvariantCulture);

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var db = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        db.Open();
        return db;
    }

    private static void Add(SqliteConnection db, string table, string name, object settings)
    {
        using var command = db.CreateCommand();
        command.CommandText = table == "settings" ? "insert into settings values ($name, $settings)" : "insert into account_settings values ($name, $settings)";
        command.Parameters.AddWithValue("$name", name);
        command.Parameters.AddWithValue("$settings", JsonSerializer.Serialize(settings));
        command.ExecuteNonQuery();
    }

#pragma warning disable CA2100 // The statements are constants of this file and a number.
    private static void Run(SqliteConnection db, string statement)
    {
        using var command = db.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
#pragma warning restore CA2100
}
