using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Parley.tests.Lab;

/// <summary>Microphone and speakers of a machine that has neither (PulseAudio): into the one goes a tone, and what the other would play can be heard by a test.</summary>
public sealed class SoundCard : IDisposable
{
    private const int SampleRate = 48_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly PrivateHome _home = new();
    private readonly NetworkNamespace _ns;
    private readonly RunningCommand _daemon;

    private SoundCard(NetworkNamespace ns, int? hertz)
    {
        _ns = ns;
        _daemon = ns.Start("env", _home.WordsWithin("disabled:", Daemon(hertz)));
    }

    /// <summary>What to put into the environment of whoever shall use it.</summary>
    public string Variable => "PULSE_SERVER=unix:" + Socket;

    private string Socket => _home.At("run/sound");

    /// <summary>Starts one.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="hertz">The tone in the microphone; null for silence.</param>
    public static async Task<SoundCard> StartAsync(NetworkNamespace ns, int? hertz)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/pulseaudio"), "PulseAudio is not installed: run tests/setup.");
        var card = new SoundCard(ns, hertz);
        for (var clock = Stopwatch.StartNew(); card.Try("pactl", "set-default-source", "microphone").ExitCode != 0; await Task.Delay(100))
        {
            if (clock.Elapsed > Patience) throw new TimeoutException("PulseAudio does not answer:\n" + card._daemon.Text);
        }

        var speakers = card.Try("pactl", "set-default-sink", "speakers");
        Assert.True(speakers.ExitCode == 0, speakers.All);
        var path = card._home.Write("heard", "");
        ns.Start("env", card.Words("parecord", "--device=speakers.monitor", "--raw", "--format=s16le", "--channels=1", "--latency-msec=50", "--rate=" + SampleRate.ToString(CultureInfo.InvariantCulture), path));
        return card;
    }

    /// <summary>Listens to what the speakers play from now on, for half a second.</summary>
    /// <param name="hertz">The tones to look for.</param>
    /// <returns>How loud each is, in decibels of full scale.</returns>
    public async Task<double[]> LevelsAsync(params int[] hertz)
    {
        const int Window = 16_384, Some = 2 * (Window + (SampleRate / 5));
        using var heard = new FileStream(_home.At("heard"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var from = heard.Length;
        for (var clock = Stopwatch.StartNew(); heard.Length < from + Some; await Task.Delay(100))
        {
            if (clock.Elapsed > Patience) throw new TimeoutException("Nothing is recorded:\n" + _daemon.Text);
        }

        var bytes = new byte[Some];
        heard.Seek(from & ~1, SeekOrigin.Begin);
        await heard.ReadExactlyAsync(bytes);
        var samples = MemoryMarshal.Cast<byte, short>(bytes)[^Window..].ToArray();
        return [.. hertz.Select(h => Tones.Level(samples, h, SampleRate))];
    }

    public void Dispose()
    {
        if (!_daemon.Process.HasExited) _daemon.Process.Kill(entireProcessTree: true);
        _daemon.Process.WaitForExit();
        _home.Dispose();
    }

    private IEnumerable<string> Daemon(int? hertz) =>
    [
        "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit", "--use-pid-file=no", "--high-priority=no",
        "-L", $"module-native-protocol-unix socket={Socket} auth-anonymous=1",
        "-L", $"module-null-sink sink_name=speakers rate={SampleRate}",
        "-L", $"module-null-sink sink_name=silence rate={SampleRate}",
        "-L", "module-remap-source source_name=microphone master=silence.monitor",
        .. hertz is null ? Array.Empty<string>() : ["-L", string.Create(CultureInfo.InvariantCulture, $"module-sine sink=silence rate={SampleRate} frequency={hertz}")],
    ];

    private CommandResult Try(string file, params string[] args) => _ns.Run(Patience, "env", [.. Words(file, args)]);

    private IEnumerable<string> Words(string file, params string[] args) => _home.WordsWithin("disabled:", ["env", Variable, file, .. args]);
}
