using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Parley.bench.Turn;

/// <summary>A program like <c>bench/peers/turn.c</c>: what relaying costs where the kernel's part is nearly all of it.</summary>
internal sealed class TurnFloor : ITurnPeer
{
    private readonly Process _process;

    /// <summary>Starts it.</summary>
    /// <param name="name">What result lines call it.</param>
    /// <param name="program">The program, by its source's name in <c>bench/peers</c>.</param>
    /// <param name="args">What it is told.</param>
    public TurnFloor(string name, string program, params string[] args)
    {
        Name = name;
        _process = Process.Start(new ProcessStartInfo(CPeer.Compile(program), args) { RedirectStandardOutput = true })!;
        var told = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the C program has ended");
        EndPoint = new IPEndPoint(IPAddress.Loopback, int.Parse(told.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    /// <summary>What result lines call it.</summary>
    public string Name { get; }

    public IPEndPoint EndPoint { get; }

    public long CpuNanoseconds => ThreadTimes.Of(_process.Id);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
