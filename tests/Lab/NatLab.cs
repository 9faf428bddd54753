namespace Parley.tests.Lab;

/// <summary>
/// A small internet of a test's own: two hosts behind a NAT each, and a server with a public address, or behind a 1:1 NAT that has it.
/// <code>
/// host A 10.1.0.2 - NAT A 198.51.100.11 -+
/// host B 10.2.0.2 - NAT B 198.51.100.12 -+- 198.51.100.1 server   (or NAT 198.51.100.1 - server 10.3.0.2)
/// </code>
/// </summary>
public sealed class NatLab : IDisposable
{
    /// <summary>The server's public address.</summary>
    public const string PublicAddress = "198.51.100.1";

    /// <summary>The domain that the hosts know at that address.</summary>
    public const string Domain = "chat.test";

    private const string PrivateAddress = "10.3.0.2";

    private static readonly Dictionary<string, string> Names = new() { [Domain] = PublicAddress };

    private readonly List<NetworkNamespace> _all = [];
    private readonly NetworkNamespace _exchange;

    /// <summary>Lays it out.</summary>
    /// <param name="kind">How both hosts' NATs map.</param>
    /// <param name="isServerBehindNat">Whether the server has a private address and a 1:1 NAT in front.</param>
    public NatLab(NatKind kind = NatKind.Symmetric, bool isServerBehindNat = false)
    {
        try
        {
            _exchange = Make();
            _exchange.Ip("link", "add", "br0", "type", "bridge");
            _exchange.Ip("link", "set", "br0", "up");
            Server = Make();
            ServerAddress = isServerBehindNat ? PrivateAddress : PublicAddress;
            if (isServerBehindNat)
            {
                Front = Route(PublicAddress, Server, "10.3.0.1", PrivateAddress);
                Front.MapOneToOne(PublicAddress, PrivateAddress);
            }
            else
            {
                Join(Server, "wan", PublicAddress);
            }

            (HostA, HostB) = (Make(Names), Make(Names));
            NatA = Route("198.51.100.11", HostA, "10.1.0.1", "10.1.0.2");
            NatB = Route("198.51.100.12", HostB, "10.2.0.1", "10.2.0.2");
            NatA.Masquerade(kind);
            NatB.Masquerade(kind);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the server runs.</summary>
    public NetworkNamespace Server { get; }

    /// <summary>The address that the server binds to.</summary>
    public string ServerAddress { get; }

    /// <summary>What is in front of a server that is behind a NAT; else null.</summary>
    public NatRouter? Front { get; }

    /// <summary>One client's machine.</summary>
    public NetworkNamespace HostA { get; }

    /// <summary>The other's.</summary>
    public NetworkNamespace HostB { get; }

    /// <summary>The router of <see cref="HostA"/>.</summary>
    public NatRouter NatA { get; }

    /// <summary>The router of <see cref="HostB"/>.</summary>
    public NatRouter NatB { get; }

    /// <summary>Gives the server's NAT another public address.</summary>
    public void MoveServer(string address)
    {
        Front!.Namespace.Ip("addr", "add", address + "/24", "dev", "wan");
        Front.MapOneToOne(address, PrivateAddress);
    }

    /// <summary>One more machine, with a public address of its own.</summary>
    public NetworkNamespace AddHost(string address)
    {
        var host = Make();
        Join(host, "wan", address);
        return host;
    }

    public void Dispose()
    {
        for (var i = _all.Count - 1; i >= 0; i--) _all[i].Dispose();
    }

    private NetworkNamespace Make(IReadOnlyDictionary<string, string>? names = null)
    {
        var ns = NetworkNamespace.Create(names, withInterface: false);
        _all.Add(ns);
        return ns;
    }

    private void Join(NetworkNamespace ns, string device, string address)
    {
        var port = $"p{_all.IndexOf(ns)}";
        _exchange.Connect(port, ns, device);
        _exchange.Ip("link", "set", port, "master", "br0");
        ns.Ip("addr", "add", address + "/24", "dev", device);
    }

    private NatRouter Route(string outside, NetworkNamespace host, string gateway, string inside)
    {
        var router = Make();
        Join(router, "wan", outside);
        router.Connect("lan", host, "eth0");
        router.Ip("addr", "add", gateway + "/24", "dev", "lan");
        host.Ip("addr", "add", inside + "/24", "dev", "eth0");
        host.Ip("route", "add", "default", "via", gateway);
        return new NatRouter(router);
    }
}
