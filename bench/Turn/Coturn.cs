using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Parley.bench.Turn;

/// <summary>Debian's coturn on loopback, with one relay thread, as it stands but for what the benchmark needs.</summary>
internal sealed class Coturn : ITurnPeer
{
    private readonly System.Diagnostics.Process _process;

    public Coturn()
    {
        EndPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
        string[] args =
        [
            "-n", "-L", "127.0.0.1", "-E", "127.0.0.1", "-p", EndPoint.Port.ToString(CultureInfo.InvariantCulture), "-m", "1", "--no-tls", "--no-dtls", "--no-cli", "--allow-loopback-peers",
            "--use-auth-secret", $"--static-auth-secret={ITurnPeer.Secret}", "-r", ITurnPeer.Realm, "--log-file=/dev/null", "--no-stdout-log", "--pidfile=/dev/null",
            "--min-port=40000", "--max-port=48999", $"--userdb={Path.Combine(Path.GetTempPath(), "parley-bench-turndb")}",
        ];
        _process = System.Diagnostics.Process.Start(new ProcessStartInfo("turnserver", args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Its process, as /proc names it.</summary>
    public string Process => _process.Id.ToString(CultureInfo.InvariantCulture);

    public long CpuNanoseconds => ThreadTimes.Of(_process.Id);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var socket = Media.Relay.Native.UdpSocket.Open(new(IPAddress.Loopback, 0));
        return socket.Port;
    }
}
