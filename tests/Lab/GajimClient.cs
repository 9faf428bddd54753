using System.Diagnostics;

namespace Parley.tests.Lab;

/// <summary>Debian's Gajim on a screen of its own: a test activates what its menus and buttons do over D-Bus, types into its window, and reads what it keeps.</summary>
public sealed class GajimClient : IDisposable
{
    /// <summary>The name under which it has its one account.</summary>
    public const string Account = "account";

    private const string Program = "org.gajim.Gajim";
    private const string Window = "gajim";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly NetworkNamespace _ns;
    private readonly PrivateHome _home;
    private readonly VirtualScreen _screen;
    private readonly RunningCommand _command;

    private GajimClient(NetworkNamespace ns, PrivateHome home, VirtualScreen screen, RunningCommand command) => (_ns, _home, _screen, _command) = (ns, home, screen, command);

    /// <summary>What it logs: everything, the XML that it sends and receives too.</summary>
    public string Log => File.Exists(_home.At("log")) ? File.ReadAllText(_home.At("log")) : _command.Text;

    /// <summary>Starts it in a home made by <see cref="GajimHome"/> and waits until it is online.</summary>
    public static async Task<GajimClient> StartAsync(NetworkNamespace ns, PrivateHome home)
    {
        var screen = await VirtualScreen.StartAsync(ns);
        foreach (var left in new[] { "bus", "log" }) File.Delete(home.At(left));
        // Debian's Python, as the program's first line says; whatever else is called python3 lacks its modules.
        var start = $"echo \"$DBUS_SESSION_BUS_ADDRESS\" > {home.At("bus")}; exec /usr/bin/python3 /usr/bin/gajim -v > {home.At("log")} 2>&1";
        var client = new GajimClient(ns, home, screen, ns.Start("env", home.Words(["sh", "-c", start], "DISPLAY=" + screen.Display, "NO_AT_BRIDGE=1", "GSETTINGS_BACKEND=memory")));
        try
        {
            await client.UntilAsync(() => client.Log.Contains("bookmarks", StringComparison.Ordinal) && client.Log.Contains("Request finished: ", StringComparison.Ordinal), "it is online and has read its archive");
        }
        catch
        {
            client.Dispose();
            throw;
        }

        return client;
    }

    /// <summary>Opens a chat, shows it and puts the cursor where messages are typed.</summary>
    /// <param name="jid">With whom, or which room.</param>
    /// <param name="kind"><c>chat</c> or <c>groupchat</c>.</param>
    public async Task OpenAsync(string jid, string kind = "chat")
    {
        Ask("/window/1", "Activate", "add-chat", $"[<{{'account': <'{Account}'>, 'jid': <'{jid}'>, 'type': <'{kind}'>, 'select': <true>}}>]", "{}");
        // It moves the cursor when it has the time to. What is typed is there once it may be sent.
        await UntilAsync(() =>
        {
            Press("x");
            return HasText;
        }, "the cursor is where messages are typed");
        await UntilAsync(() =>
        {
            Press("BackSpace");
            return !HasText;
        }, "there is no text");
    }

    /// <summary>Types a message into the chat that it shows, and Return.</summary>
    public async Task SayAsync(string text)
    {
        _screen.FocusProgram(Window);
        _screen.Type(text);
        await UntilAsync(() => HasText, "there is text to send");
        Press("Return");
    }

    /// <summary>Drops a file on the chat that it shows, and says yes to what it then asks.</summary>
    public async Task SendFileAsync(string path)
    {
        Ask("/window/1", "Activate", "send-file-httpupload", $"[<['file://{path}']>]", "{}");
        // The page slides in with its button chosen. Before and after that, Return is a message of no words, which is not sent.
        await UntilAsync(() =>
        {
            Press("Return");
            return Log.Contains("http:upload:0\" filename=", StringComparison.Ordinal);
        }, "it asks for a place to upload to");
    }

    /// <summary>Quits by its menu, and waits.</summary>
    public void Quit()
    {
        Ask("", "Activate", "quit", "[]", "{}");
        Assert.True(_command.Process.WaitForExit(Patience), "Gajim does not quit:\n" + Log);
    }

    /// <summary>Waits until something holds; fails with the log's end.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        for (var clock = Stopwatch.StartNew(); !condition(); await Task.Delay(200))
        {
            if (_command.Process.HasExited) throw new InvalidOperationException("Gajim ended:\n" + Log);
            if (clock.Elapsed > Patience) throw new TimeoutException("Not within the time: " + what);
        }
    }

    public void Dispose()
    {
        if (!_command.Process.HasExited) _command.Process.Kill(entireProcessTree: true);
        _command.Process.WaitForExit();
        _screen.Dispose();
    }

    private void Press(string key)
    {
        _screen.FocusProgram(Window);
        _screen.Press(key);
    }

    // (true, …) where the action is enabled, which it is with a connection and something to send.
    private bool HasText => Ask("/window/1", "Describe", "send-message").StartsWith("((true", StringComparison.Ordinal);

    // What its menus and buttons do (org.gtk.Actions).
    private string Ask(string where, string method, params string[] parameters)
    {
        var bus = File.ReadAllText(_home.At("bus")).Trim();
        var result = _ns.Run(Patience, "env", [.. _home.WordsWithin(bus,
            ["gdbus", "call", "--session", "--dest", Program, "--object-path", "/org/gajim/Gajim" + where, "--method", "org.gtk.Actions." + method, .. parameters])]);
        Assert.True(result.ExitCode == 0, result.All);
        return result.Output;
    }
}
