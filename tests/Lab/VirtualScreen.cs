using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Parley.tests.Lab;

/// <summary>A screen that nobody looks at (Xvfb), with keyboard and mouse (xdotool), for one client with windows. There is no window manager: windows lie at the upper left, and the keys go where they are told.</summary>
public sealed class VirtualScreen : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly NetworkNamespace _ns;
    private readonly RunningCommand _server;

    private VirtualScreen(NetworkNamespace ns, RunningCommand server, string display) => (_ns, _server, Display) = (ns, server, display);

    /// <summary>Its name for the variable <c>DISPLAY</c>.</summary>
    public string Display { get; }

    /// <summary>Puts up a screen of 1100 by 750.</summary>
    public static async Task<VirtualScreen> StartAsync(NetworkNamespace ns)
    {
        // It finds a free number itself and prints it. Its only socket is an abstract one, which belongs to the namespace; those in /tmp are the machine's, and another server's of the same number.
        var server = ns.Start("Xvfb", ["-displayfd", "1", "-screen", "0", "1100x750x24", "-nolisten", "tcp", "-nolisten", "unix", "-nolock", "-extension", "GLX"]);
        var number = await server.WaitForAsync("^\\d+$", Patience);
        return new VirtualScreen(ns, server, ":" + number.Value);
    }

    /// <summary>Waits for a window and gives it the keyboard.</summary>
    /// <param name="title">A regular expression for its title.</param>
    public async Task FocusAsync(string title)
    {
        for (var clock = Stopwatch.StartNew(); !TryFocus(title); await Task.Delay(50))
        {
            if (clock.Elapsed > Patience) throw new TimeoutException($"There is no window '{title}'.");
        }
    }

    /// <summary>Gives a window the keyboard.</summary>
    /// <returns>False where there is none of that title.</returns>
    public bool TryFocus(string title) => Find(title) is [var window, ..] && Try("xdotool", "windowfocus", window).ExitCode == 0;

    /// <summary>Gives the window of a program the keyboard, for programs whose titles change.</summary>
    /// <param name="program">Its class (WM_CLASS).</param>
    public void FocusProgram(string program) => Control("search", "--onlyvisible", "--class", program, "windowfocus");

    /// <summary>The windows in sight with such a title.</summary>
    public IReadOnlyList<string> Find(string title) => Try("xdotool", "search", "--onlyvisible", "--name", title).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Types ASCII text into the window that has the keyboard.</summary>
    public void Type(string text) => Control("type", "--delay", "5", text);

    /// <summary>Presses a key, such as <c>Return</c> or <c>ctrl+u</c>.</summary>
    public void Press(string key) => Control("key", key);

    /// <summary>Clicks at a place on the screen, in pixels.</summary>
    public void Click(int x, int y) => Control("mousemove", x.ToString(CultureInfo.InvariantCulture), y.ToString(CultureInfo.InvariantCulture), "click", "1");

    /// <summary>What is to be seen, as PNG.</summary>
    public void Save(string path) => Inside("import", "-window", "root", path);

    /// <summary>The colour of a dot on it, each part from 0 to 255.</summary>
    public (int Red, int Green, int Blue) Pixel(int x, int y)
    {
        // As text, such as "0,0: (208,16,16) #D01010 red".
        var result = Try("import", "-window", "root", "-crop", string.Create(CultureInfo.InvariantCulture, $"1x1+{x}+{y}"), "-depth", "8", "txt:-");
        var dot = Regex.Match(result.Output, @"^0,0: \((\d+),(\d+),(\d+)", RegexOptions.Multiline);
        if (!dot.Success) throw new InvalidOperationException("import: " + result.All);
        return (Part(1), Part(2), Part(3));
        int Part(int group) => int.Parse(dot.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        if (!_server.Process.HasExited) _server.Process.Kill();
        _server.Process.WaitForExit();
    }

    private void Control(params string[] args) => Inside("xdotool", args);

    private void Inside(string file, params string[] args)
    {
        var result = Try(file, args);
        if (result.ExitCode != 0) throw new InvalidOperationException($"{file} {string.Join(' ', args)}: {result.All}");
    }

    private CommandResult Try(string file, params string[] args) => _ns.Run(Patience, "env", ["DISPLAY=" + Display, file, .. args]);
}
