using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Parley.tests.Lab;

/// <summary>A program in a terminal (tmux) that a test types into and reads as a person does.</summary>
public sealed class Terminal : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly RunningCommand _command;
    private readonly string _socket;

    private Terminal(RunningCommand command, string socket) => (_command, _socket) = (command, socket);

    /// <summary>What the program shows, line by line, without the spaces at their ends.</summary>
    public string Screen => string.Join('\n', Tmux("capture-pane", "-p", "-J", "-t", "main").Output.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0));

    /// <summary>Starts a program in a terminal of 160 columns and 50 lines.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="home">Whose.</param>
    /// <param name="program">The command, for a shell.</param>
    public static async Task<Terminal> StartAsync(NetworkNamespace ns, PrivateHome home, string program)
    {
        // A screen that stays after the program has ended can still be read.
        var configuration = home.Write("tmux.conf", $"set -g remain-on-exit on\nnew-session -d -x 160 -y 50 -s main \"{program}\"\n");
        var socket = home.At("run/tmux");
        var terminal = new Terminal(ns.Start("env", home.Words(["tmux", "-D", "-f", configuration, "-S", socket], "TERM=xterm-256color")), socket);
        for (var clock = Stopwatch.StartNew(); terminal.Tmux("has-session", "-t", "main").ExitCode != 0; await Task.Delay(50))
        {
            if (clock.Elapsed < Patience) continue;
            terminal.Dispose();
            throw new TimeoutException("tmux did not start:\n" + terminal._command.Text);
        }

        return terminal;
    }

    /// <summary>Types a line.</summary>
    public void Type(string line)
    {
        Tmux("send-keys", "-t", "main", "-l", "--", line);
        Tmux("send-keys", "-t", "main", "Enter");
    }

    /// <summary>Waits until the screen shows something; fails with the screen.</summary>
    public async Task<Match> ShowsAsync(string pattern, TimeSpan? within = null)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            var screen = Screen;
            var match = Regex.Match(screen, pattern);
            if (match.Success) return match;
            if (clock.Elapsed > (within ?? Patience)) throw new TimeoutException($"The screen does not show '{pattern}':\n{screen}");
        }
    }

    public void Dispose()
    {
        if (!_command.Process.HasExited) _command.Process.Kill(entireProcessTree: true);
        _command.Process.WaitForExit();
    }

    private CommandResult Tmux(params string[] words) => Shell.TryRun(Patience, "tmux", ["-S", _socket, .. words]);
}
