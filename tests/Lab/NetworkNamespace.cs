using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Parley.tests.Lab;

/// <summary>
/// A network of a test's own: loopback and one veth pair inside the same namespace. Both ends stay inside, so nothing ever leaves the machine;
/// the address makes the namespace look like a laptop with one interface (ICE agents skip loopback).
/// </summary>
public sealed partial class NetworkNamespace : IDisposable
{
    private const int CloneNewNet = 0x40000000;
    private static int _counter;
    private readonly List<Process> _processes = [];
    private readonly Lock _gating = new();
    private int _gates;

    private readonly IReadOnlyDictionary<string, string> _names;

    private NetworkNamespace(string name, IReadOnlyDictionary<string, string> names) => (Name, _names) = (name, names);

    /// <summary>The namespace's name for <c>ip netns exec</c>.</summary>
    public string Name { get; }

    /// <summary>The address of the one interface beside loopback.</summary>
    public const string Address = "10.99.0.1";

    /// <summary>Makes a namespace; names maps host names to addresses inside it.</summary>
    public static NetworkNamespace Create(IReadOnlyDictionary<string, string>? names = null, bool withInterface = true)
    {
        Assert.SkipUnless(Environment.UserName == "root", "Network namespaces need root.");
        var ns = new NetworkNamespace(string.Create(CultureInfo.InvariantCulture, $"pt{Environment.ProcessId}-{Interlocked.Increment(ref _counter)}"), names ?? new Dictionary<string, string>());
        var etc = Path.Combine("/etc/netns", ns.Name);
        Directory.CreateDirectory(etc);
        File.WriteAllLines(Path.Combine(etc, "hosts"), ["127.0.0.1 localhost", "::1 localhost", .. ns._names.Select(n => $"{n.Value} {n.Key}")]);
        File.WriteAllText(Path.Combine(etc, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
        Shell.Run("ip", "netns", "add", ns.Name);
        ns.Ip("link", "set", "lo", "up");
        // IPv6's search for duplicates would end a second or two later, and a browser that sees an address come drops what it is loading.
        Shell.Run("ip", "netns", "exec", ns.Name, "sh", "-c", "for i in all default; do echo 0 > /proc/sys/net/ipv6/conf/$i/accept_dad; done");
        if (!withInterface) return ns;
        ns.Ip("link", "add", "v0", "type", "veth", "peer", "name", "v1");
        ns.Ip("addr", "add", Address + "/24", "dev", "v0");
        ns.Ip("link", "set", "v0", "up");
        ns.Ip("link", "set", "v1", "up");
        ns.Ip("route", "add", "default", "via", "10.99.0.254", "dev", "v0");
        return ns;
    }

    /// <summary>Lays a cable to another namespace.</summary>
    /// <param name="device">The interface at this end.</param>
    /// <param name="other">The other namespace.</param>
    /// <param name="otherDevice">The interface at its end.</param>
    public void Connect(string device, NetworkNamespace other, string otherDevice)
    {
        Ip("link", "add", device, "type", "veth", "peer", "name", otherDevice, "netns", other.Name);
        Ip("link", "set", device, "up");
        other.Ip("link", "set", otherDevice, "up");
    }

    /// <summary>Runs a script of <c>nft</c> commands inside, all or none.</summary>
    public void Nft(string script)
    {
        using var file = new TemporaryFile(script);
        Shell.Run("ip", "netns", "exec", Name, "nft", "-f", file.Path);
    }

    /// <summary>Runs <c>ip</c> inside.</summary>
    public void Ip(params string[] args) => Shell.Run("ip", ["-n", Name, .. args]);

    /// <summary>Runs a command inside and waits for it.</summary>
    public CommandResult Run(TimeSpan limit, string file, params string[] args) => Shell.TryRun(limit, "ip", ["netns", "exec", Name, file, .. args]);

    /// <summary>Starts a command inside; it is killed with the namespace.</summary>
    public RunningCommand Start(string file, IEnumerable<string> args, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var running = RunningCommand.Start("ip", ["netns", "exec", Name, file, .. args], environment);
        _processes.Add(running.Process);
        return running;
    }

    /// <summary>A script that runs a program inside, for tools that take only a path.</summary>
    /// <param name="program">What to run.</param>
    /// <param name="gate">Whose group the program's sockets carry, so that its packets can be stopped alone.</param>
    public string Wrapper(string program, PacketGate? gate = null)
    {
        var group = gate is null ? "" : string.Create(CultureInfo.InvariantCulture, $"setpriv --regid {gate.Group} --clear-groups ");
        var path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{Name}-{gate?.Group ?? 0}-{Path.GetFileName(program)}"));
        File.WriteAllText(path, $"#!/bin/sh\nexec ip netns exec {Name} {group}{program} \"$@\"\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>A gate for the packets of one more program.</summary>
    public PacketGate Gate()
    {
        // The first makes the table that the others add to.
        lock (_gating) return new PacketGate(this, ++_gates);
    }

    /// <summary>Makes a socket that belongs to the namespace; it may be used from any thread.</summary>
    public Socket Socket(AddressFamily family, SocketType type, ProtocolType protocol)
    {
        Socket? socket = null;
        Inside(() => socket = new Socket(family, type, protocol));
        return socket!;
    }

    /// <summary>Gives the namespace a trust store of its own, with these roots alone; programs that are started later see it at the usual places of a Debian system.</summary>
    /// <param name="roots">A PEM file.</param>
    public void Trust(string roots)
    {
        // What is here, ip netns exec mounts over /etc.
        var ssl = Path.Combine("/etc/netns", Name, "ssl");
        var certs = Directory.CreateDirectory(Path.Combine(ssl, "certs")).FullName;
        File.Copy("/etc/ssl/openssl.cnf", Path.Combine(ssl, "openssl.cnf"));
        File.Copy(roots, Path.Combine(certs, "ca-certificates.crt"));
        File.Copy(roots, Path.Combine(certs, "roots.pem"));
        Shell.Run("openssl", "rehash", certs);
    }

    /// <summary>Does something on a thread inside, and waits for it. Sockets and threads made there belong to the namespace.</summary>
    public void Inside(Action action)
    {
        Exception? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                // setns changes this thread only, and those that it starts.
                using var handle = File.OpenHandle(Path.Combine("/run/netns", Name));
                if (SetNs((int)handle.DangerousGetHandle(), CloneNewNet) != 0) throw new InvalidOperationException("setns failed");
                action();
            }
#pragma warning disable CA1031 // thrown again below
            catch (Exception e)
            {
                fault = e;
            }
#pragma warning restore CA1031
        });
        thread.Start();
        thread.Join();
        if (fault is not null) throw new InvalidOperationException("Failed inside the namespace: " + fault.Message, fault);
    }

    /// <summary>A TCP connection to an address inside.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="from">The address that it comes from; null: the system's choice.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<Socket> ConnectAsync(IPEndPoint to, string? from = null, CancellationToken ct = default)
    {
        var socket = Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            if (from is not null) socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(to, ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>An HTTP client whose connections are made inside the namespace; a name that it was not made with is loopback.</summary>
    public HttpClient Http(string? from = null) => new(HttpHandler(from));

    /// <summary>A handler whose connections are made inside the namespace, for WebSockets too.</summary>
    public SocketsHttpHandler HttpHandler(string? from = null) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        ConnectCallback = async (context, ct) =>
        {
            var address = IPAddress.TryParse(_names.GetValueOrDefault(context.DnsEndPoint.Host, context.DnsEndPoint.Host), out var literal) ? literal : IPAddress.Loopback;
            return new NetworkStream(await ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), from, ct), ownsSocket: true);
        },
    };

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        foreach (var pid in Shell.TryRun(TimeSpan.FromSeconds(5), "ip", "netns", "pids", Name).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Shell.TryRun(TimeSpan.FromSeconds(5), "kill", "-9", pid);
        }

        Shell.TryRun(TimeSpan.FromSeconds(5), "ip", "netns", "del", Name);
        Directory.Delete(Path.Combine("/etc/netns", Name), recursive: true);
        foreach (var wrapper in Directory.GetFiles(Path.GetTempPath(), Name + "-*")) File.Delete(wrapper);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(int fd, int type);
}
