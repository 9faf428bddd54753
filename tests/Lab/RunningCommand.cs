using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Parley.tests.Lab;

/// <summary>A started command whose lines of output can be waited for.</summary>
public sealed class RunningCommand
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<string> _output = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningCommand(Process process) => Process = process;

    public Process Process { get; }

    /// <summary>Everything printed so far, both streams.</summary>
    public string Text
    {
        get
        {
            lock (_gate) return string.Join('\n', _lines);
        }
    }

    /// <summary>What it printed to standard output so far. What takes several lines is whole here; in <see cref="Text"/> a line of the other stream may stand in its midst.</summary>
    public string Output
    {
        get
        {
            lock (_gate) return string.Join('\n', _output);
        }
    }

    public static RunningCommand Start(string file, IEnumerable<string> args, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var info = new ProcessStartInfo(file, args) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>()) info.Environment[key] = value;
        var process = new Process { StartInfo = info, EnableRaisingEvents = true };
        var running = new RunningCommand(process);
        process.OutputDataReceived += (_, e) => running.Add(e.Data, isOutput: true);
        process.ErrorDataReceived += (_, e) => running.Add(e.Data);
        process.Exited += (_, _) => _ = running.NoteEndAsync();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Waits for a line that matches; fails with everything printed if the command ends or the time is over.</summary>
    public async Task<Match> WaitForAsync(string pattern, TimeSpan limit, int from = 0)
    {
        using var over = new CancellationTokenSource(limit);
        var next = from;
        while (true)
        {
            Task more;
            lock (_gate)
            {
                for (; next < _lines.Count; next++)
                {
                    var match = Regex.Match(_lines[next], pattern);
                    if (match.Success) return match;
                    if (_lines[next].StartsWith("(exit ", StringComparison.Ordinal)) throw new InvalidOperationException($"ended before '{pattern}':\n{string.Join('\n', _lines)}");
                }

                more = _more.Task;
            }

            try
            {
                await more.WaitAsync(over.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"'{pattern}' did not come within {limit}:\n{Text}");
            }
        }
    }

    /// <summary>Writes a line to the command's standard input.</summary>
    public void Say(string line)
    {
        Process.StandardInput.WriteLine(line);
        Process.StandardInput.Flush();
    }

    /// <summary>The number of lines so far, to wait for later ones.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _lines.Count;
        }
    }

    // It ends before what it printed last has been read; what holds its pipes open, a child that it left behind, is not waited for.
    private async Task NoteEndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await Process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Add("(its output stays open)");
        }

        Add($"(exit {Process.ExitCode})");
    }

    private void Add(string? line, bool isOutput = false)
    {
        if (line is null) return;
        TaskCompletionSource more;
        lock (_gate)
        {
            _lines.Add(line);
            if (isOutput) _output.Add(line);
            more = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        more.TrySetResult();
    }
}
