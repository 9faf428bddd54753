using System.Globalization;
using System.Net.Sockets;

namespace Parley.tests.Lab;

/// <summary>Somebody else's server in a <see cref="FederationLab"/>: far.test with the account ben, rooms at rooms.far.test, and files at upload.far.test.</summary>
public abstract class OtherServer : IDisposable
{
    private readonly FederationLab _lab;

    protected OtherServer(FederationLab lab) => _lab = lab;

    /// <summary>Ben's password.</summary>
    public const string Password = "battery staple";

    /// <summary>Where it takes and gives files (XEP-0363), by the name that its certificate has.</summary>
    protected const int HttpsPort = 5443;

    /// <summary>The running program.</summary>
    public RunningCommand Command { get; private set; } = null!;

    /// <summary>What it says of itself.</summary>
    public virtual string Log => Command.Text;

    /// <summary>Whether a certificate was enough to prove a name, in the direction in which this server takes one.</summary>
    public abstract bool HasUsedCertificates { get; }

    protected FederationLab Lab => _lab;

    protected string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("parley-other-").FullName;

    /// <summary>Starts one.</summary>
    /// <param name="name"><c>prosody</c> or <c>ejabberd</c>.</param>
    /// <param name="lab">Where.</param>
    /// <param name="trusts">Whether it demands certificates; else dialback will do.</param>
    public static async Task<OtherServer> StartAsync(string name, FederationLab lab, bool trusts)
    {
        OtherServer server = name == "prosody" ? new ProsodyProcess(lab) : new EjabberdProcess(lab);
        server.Configure(trusts);
        await server.StartAgainAsync();
        await server.AddBenAsync();
        return server;
    }

    /// <summary>Starts it again on the same data.</summary>
    public async Task StartAgainAsync()
    {
        Command = Start();
        for (var i = 0; i < 300; i++)
        {
            if (Command.Process.HasExited) break;
            using var socket = _lab.Far.Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(FederationLab.FarAddress, 5269);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(100);
            }
        }

        throw new InvalidOperationException("The other server did not start:\n" + Log);
    }

    /// <summary>Asks it to stop, and waits.</summary>
    public void Stop()
    {
        Shell.TryRun(TimeSpan.FromSeconds(5), "kill", "-TERM", Command.Process.Id.ToString(CultureInfo.InvariantCulture));
        if (!Command.Process.WaitForExit(15_000)) throw new InvalidOperationException("The other server did not stop:\n" + Log);
    }

    public void Dispose()
    {
        if (!Command.Process.HasExited) Command.Process.Kill(entireProcessTree: true);
        Command.Process.WaitForExit();
        System.IO.Directory.Delete(Directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Configure(bool trusts);

    protected abstract RunningCommand Start();

    /// <summary>Adds the account once it runs.</summary>
    protected virtual Task AddBenAsync() => Task.CompletedTask;
}
