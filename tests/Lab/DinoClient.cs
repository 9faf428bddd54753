using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Parley.tests.Lab;

/// <summary>
/// Debian's Dino with a home, a screen and a session bus of its own. It is used as a person does, with keyboard and mouse, and by its actions on the bus; what it took in is read from its database.
/// </summary>
public sealed partial class DinoClient : IDisposable
{
    private const string Program = "/usr/bin/dino-im", Name = "im.dino.Dino", Path = "/im/dino/Dino", Window = "^Dino$";

    // For whoever follows a failure: PARLEY_DINO='G_MESSAGES_DEBUG=rtp;GST_DEBUG=3'.
    private static readonly string[] Debugging = Environment.GetEnvironmentVariable("PARLEY_DINO")?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly NetworkNamespace _ns;
    private readonly PrivateHome _home;
    private readonly SessionBus _bus;
    private readonly string[] _variables;
    private RunningCommand _command = null!;
    private long _answered;

    private DinoClient(NetworkNamespace ns, PrivateHome home, VirtualScreen screen, SessionBus bus, string[] variables) =>
        (_ns, _home, Screen, _bus, _variables) = (ns, home, screen, bus, ["DISPLAY=" + screen.Display, "GDK_BACKEND=x11", "GSK_RENDERER=cairo", "GTK_A11Y=none", "GSETTINGS_BACKEND=memory", .. variables, .. Debugging]);

    /// <summary>Its screen.</summary>
    public VirtualScreen Screen { get; }

    /// <summary>Everything that it printed since it was started last: each element either way, and its complaints.</summary>
    public string Log => Colour().Replace(_command.Text, "");

    /// <summary>Its home. Files to send lie here, not in <see cref="Storage"/>: the dialog would look into the database, and with that Dino loses its locks on it (POSIX).</summary>
    public string Home => _home.Directory;

    /// <summary>Where it keeps what it was sent, such as <c>files</c> and <c>avatars</c>.</summary>
    public string Storage => _home.At(".local/share/dino");

    /// <summary>Starts one with an account and waits until its window is there and it has told its presence.</summary>
    /// <param name="ns">Where; the namespace trusts the server (<see cref="NetworkNamespace.Trust"/>).</param>
    /// <param name="jid">The account.</param>
    /// <param name="password">Its password.</param>
    /// <param name="variables">More of its environment as <c>NAME=value</c>, such as where its sound goes.</param>
    public static async Task<DinoClient> StartAsync(NetworkNamespace ns, string jid, string password, params string[] variables)
    {
        Assert.SkipUnless(File.Exists(Program), "Dino is not installed: run tests/setup.");
        var home = new PrivateHome();
        var screen = await VirtualScreen.StartAsync(ns);
        var bus = await SessionBus.StartAsync(ns, home.At("run/bus"));
        var dino = new DinoClient(ns, home, screen, bus, variables);
        // It makes its database before it looks at what it is asked for.
        var version = dino.Run("--version");
        await version.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(version.Process.ExitCode == 0, version.Text);
        dino.Execute("INSERT INTO account (bare_jid, resourcepart, password, alias, enabled) VALUES ($a, 'dino', $b, '', 1)", jid, password);
        await dino.StartAgainAsync();
        return dino;
    }

    /// <summary>Starts it again after <see cref="Quit"/>.</summary>
    public async Task StartAgainAsync()
    {
        _command = Run("--print-xmpp=ansi;all");
        await _command.WaitForAsync("<presence", Patience);
        try
        {
            await Screen.FocusAsync(Window);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException("Dino shows no window:\n" + Log, e);
        }
    }

    /// <summary>Asks it to quit, as its menu does.</summary>
    /// <returns>The exit code.</returns>
    public int Quit()
    {
        Activate("quit");
        Assert.True(_command.Process.WaitForExit(Patience), "Dino does not quit:\n" + Log);
        return _command.Process.ExitCode;
    }

    /// <summary>Opens the conversation with somebody, as a link does.</summary>
    public void OpenChat(string jid) => _bus.Call(Name, Path, "org.freedesktop.Application.Open", $"['xmpp:{jid}?message']", "{}");

    /// <summary>Opens a conversation that there is already, as a notification does.</summary>
    public void OpenConversation(string jid) => Activate("open-conversation", Conversation(jid).ToString(CultureInfo.InvariantCulture));

    /// <summary>The number of a conversation, which Dino's actions want.</summary>
    public long Conversation(string jid) => (long)Query("SELECT c.id FROM conversation c JOIN jid j ON j.id = c.jid_id WHERE j.bare_jid = $a AND c.active = 1", jid)[0][0];

    /// <summary>Activates one of its actions, such as <c>quit</c> or <c>accept-call</c>.</summary>
    /// <param name="action">Which.</param>
    /// <param name="parameter">Its parameter as GVariant text, such as <c>(1,2)</c>.</param>
    public void Activate(string action, string? parameter = null) =>
        _bus.Call(Name, Path, "org.gtk.Actions.Activate", action, parameter is null ? "[]" : $"[<{parameter}>]", "{}");

    /// <summary>Types ASCII text into the open conversation and sends it.</summary>
    public async Task SayAsync(string text)
    {
        await Screen.FocusAsync(Window);
        Screen.Type(text);
        Screen.Press("Return");
    }

    /// <summary>Puts the cursor back into the open conversation's entry, after a call.</summary>
    public async Task ReturnToChatAsync()
    {
        await Screen.FocusAsync(Window);
        // Where the window of a call that was declined, which stays for a moment, does not cover it.
        Screen.Click(780, 351);
    }

    /// <summary>Calls somebody by voice, or with a camera that it has.</summary>
    public async Task CallAsync(string jid, bool withVideo = false)
    {
        const string Calls = "SELECT 1 FROM call";
        OpenChat(jid);
        var before = Query(Calls).Count;
        for (var clock = Stopwatch.StartNew(); Query(Calls).Count == before;)
        {
            if (clock.Elapsed > Patience) throw new TimeoutException($"Dino does not call {jid}:\n{Log}");
            await Screen.FocusAsync(Window);
            // The telephone, which is there once Dino knows what the other side can do; and "Audio call" or "Video call" in its menu, which takes a moment to open.
            Screen.Click(689, 28);
            await Task.Delay(1000);
            Screen.Click(689, withVideo ? 111 : 82);
            for (var i = 0; i < 15 && Query(Calls).Count == before; i++) await Task.Delay(200);
        }
    }

    /// <summary>Calls everybody in a room for members, whose conversation there is (XEP-0272).</summary>
    /// <param name="room">The room.</param>
    /// <param name="withVideo">Whether with a camera that it has.</param>
    /// <returns>The room that it makes for the call.</returns>
    public async Task<string> CallGroupAsync(string room, bool withVideo = false)
    {
        const string Calls = "SELECT 1 FROM call";
        OpenConversation(room);
        var before = Query(Calls).Count;
        for (var clock = Stopwatch.StartNew(); Query(Calls).Count == before;)
        {
            if (clock.Elapsed > Patience) throw new TimeoutException($"Dino does not call {room}:\n{Log}");
            await Screen.FocusAsync(Window);
            // As above, with one more button beside it.
            Screen.Click(648, 28);
            await Task.Delay(1000);
            Screen.Click(648, withVideo ? 111 : 82);
            for (var i = 0; i < 15 && Query(Calls).Count == before; i++) await Task.Delay(200);
        }

        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            if (Regex.Match(Log, "<propose[^>]*>\\s*<muji[^>]* room='([^']+)'") is { Success: true } proposed) return proposed.Groups[1].Value;
            if (clock.Elapsed > Patience) throw new TimeoutException("Dino makes no room for the call:\n" + Log);
        }
    }

    /// <summary>Waits for a call to the members of a room and takes it, as its notification does.</summary>
    public async Task AcceptGroupCallAsync(string room)
    {
        var call = await UntilAsync(1, "SELECT id FROM call WHERE direction = 0 ORDER BY id DESC LIMIT 1");
        Activate("accept-call", string.Create(CultureInfo.InvariantCulture, $"({Conversation(room)},{call[0][0]})"));
    }

    /// <summary>Takes the call that rings, as its notification does.</summary>
    public Task AcceptCallAsync(string jid) => AnswerAsync("accept-call", jid);

    /// <summary>Declines it.</summary>
    public Task RejectCallAsync(string jid) => AnswerAsync("reject-call", jid);

    /// <summary>Turns the camera on in a call by voice.</summary>
    public async Task TurnCameraOnAsync()
    {
        for (var clock = Stopwatch.StartNew(); !Log.Contains("action='content-add'", StringComparison.Ordinal); await Task.Delay(700))
        {
            if (clock.Elapsed > Patience) throw new TimeoutException("Dino does not turn its camera on:\n" + Log);
            // Beside the button that ends the call.
            Screen.Click(351, 475);
        }
    }

    /// <summary>Ends the call.</summary>
    public async Task HangUpAsync()
    {
        // Its database has the call as ended from the start.
        var before = Ends();
        for (var clock = Stopwatch.StartNew(); Ends() == before; await Task.Delay(700))
        {
            if (clock.Elapsed > Patience) throw new TimeoutException("Dino does not hang up:\n" + Log);
            // The buttons are out of sight until the mouse moves.
            Screen.Click(421, 475);
        }

        int Ends() => Regex.Count(Log, "action='session-terminate'");
    }

    /// <summary>Sends a file to the open conversation by its dialog.</summary>
    public async Task SendFileAsync(string path)
    {
        // The key is without effect until Dino has found the upload service.
        await ChooseAsync("^Select file$", path, async () =>
        {
            await Screen.FocusAsync(Window);
            Screen.Press("ctrl+u");
        });
        var sent = Count();
        for (var clock = Stopwatch.StartNew(); Count() == sent; await Task.Delay(400))
        {
            if (clock.Elapsed > Patience) throw new TimeoutException("Dino sends no file:\n" + Log);
            // Whether to send it is asked once more.
            await Screen.FocusAsync(Window);
            Screen.Press("Return");
        }

        int Count() => Query("SELECT 1 FROM file_transfer WHERE direction = 1").Count;
    }

    /// <summary>Gives the account a picture by the dialog of accounts.</summary>
    public async Task SetAvatarAsync(string path)
    {
        Activate("accounts");
        // At the upper left of the account's details; without effect while the account connects.
        await ChooseAsync("^Select avatar$", path, async () =>
        {
            await Screen.FocusAsync("^Accounts$");
            Screen.Click(329, 97);
        });
    }

    /// <summary>The rows that its database has for a question; <c>$a</c>, <c>$b</c> … stand for the arguments.</summary>
    public IReadOnlyList<object[]> Query(string sql, params string[] args)
    {
        using var connection = Connect(SqliteOpenMode.ReadOnly);
        using var command = Command(connection, sql, args);
        using var reader = command.ExecuteReader();
        var rows = new List<object[]>();
        while (reader.Read())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Waits until its database answers a question with as many rows as wanted.</summary>
    public async Task<IReadOnlyList<object[]>> UntilAsync(int count, string sql, params string[] args)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            var rows = Query(sql, args);
            if (rows.Count >= count) return rows;
            if (clock.Elapsed > Patience) throw new TimeoutException($"Dino has {rows.Count} of {count} rows for {sql} ({string.Join(", ", args)}):\n{Log}");
        }
    }

    /// <summary>Waits until a message is in a conversation, sent from here or elsewhere or received.</summary>
    public Task HasAsync(string jid, string body) => UntilAsync(1, "SELECT 1 FROM message m JOIN jid j ON j.id = m.counterpart_id WHERE j.bare_jid = $a AND m.body = $b", jid, body);

    /// <summary>What a conversation has, oldest first: <c>to</c> or <c>from</c>, and the text.</summary>
    public IReadOnlyList<string> Messages(string jid) =>
        [.. Query("SELECT m.direction, m.body FROM message m JOIN jid j ON j.id = m.counterpart_id WHERE j.bare_jid = $a ORDER BY m.time, m.id", jid).Select(m => $"{((long)m[0] == 1 ? "to" : "from")}: {m[1]}")];

    /// <summary>Gives a failing test's output what it printed, and its screen.</summary>
    /// <param name="name">Whose it is, where there are several.</param>
    public void Show(string name = "dino")
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"--- Dino: {name}\n{Log}");
        var picture = _home.At("screen.png");
        Screen.Save(picture);
        TestContext.Current.AddAttachment(name + ".png", File.ReadAllBytes(picture), "image/png");
    }

    public void Dispose()
    {
        if (!_command.Process.HasExited) _command.Process.Kill();
        _command.Process.WaitForExit();
        _bus.Dispose();
        Screen.Dispose();
        _home.Dispose();
    }

    private async Task AnswerAsync(string action, string jid)
    {
        // Its database has a call as ended from the start, so what rings is what is new.
        var calls = await UntilAsync(1, "SELECT c.id FROM call c JOIN jid j ON j.id = c.counterpart_id WHERE j.bare_jid = $a AND c.direction = 0 AND c.id > CAST($b AS INTEGER)", jid, _answered.ToString(CultureInfo.InvariantCulture));
        _answered = (long)calls[0][0];
        // The conversation of somebody who was never spoken to is none that shows.
        var conversation = (long)Query("SELECT c.id FROM conversation c JOIN jid j ON j.id = c.jid_id WHERE j.bare_jid = $a", jid)[0][0];
        Activate(action, $"({conversation.ToString(CultureInfo.InvariantCulture)},{_answered.ToString(CultureInfo.InvariantCulture)})");
    }

    // Opens a file dialog and answers it.
    private async Task ChooseAsync(string dialog, string path, Func<Task> open)
    {
        for (var clock = Stopwatch.StartNew(); !Screen.TryFocus(dialog); await Task.Delay(700))
        {
            if (clock.Elapsed > Patience) throw new TimeoutException($"Dino opens no dialog '{dialog}':\n{Log}");
            await open();
        }

        Screen.Type(path);
        for (var clock = Stopwatch.StartNew(); Screen.TryFocus(dialog); await Task.Delay(500))
        {
            if (clock.Elapsed > Patience) throw new TimeoutException($"Dino keeps its dialog '{dialog}':\n{Log}");
            // It takes a moment to find the file.
            Screen.Press("Return");
        }
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, string[] args)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < args.Length; i++) command.Parameters.AddWithValue($"${(char)('a' + i)}", args[i]);
        return command;
    }

    private SqliteConnection Connect(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = System.IO.Path.Combine(Storage, "dino.db"), Mode = mode, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private void Execute(string sql, params string[] args)
    {
        using var connection = Connect(SqliteOpenMode.ReadWrite);
        using var command = Command(connection, sql, args);
        command.ExecuteNonQuery();
    }

    private RunningCommand Run(string argument) => _ns.Start("env", _home.WordsWithin(_bus.Address, ["env", .. _variables, Program, argument]));

    [GeneratedRegex("\x1b\\[[0-9;]*m")]
    private static partial Regex Colour();
}
