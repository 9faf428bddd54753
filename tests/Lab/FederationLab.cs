using System.Globalization;
using Parley.tests.Xmpp.Server.Federation;

namespace Parley.tests.Lab;

/// <summary>
/// A small internet of two servers with a name server and a certificate authority of their own:
/// <code>
/// near.test 198.51.100.1 (ours) -+
/// far.test  198.51.100.2 (theirs)+- exchange 198.51.100.53, where clients and the name server run
/// </code>
/// </summary>
public sealed class FederationLab : IDisposable
{
    public const string NearAddress = "198.51.100.1";
    public const string FarAddress = "198.51.100.2";

    private const string NameServer = "198.51.100.53";

    private readonly TestAuthority _authority = new();
    private readonly List<NetworkNamespace> _all = [];

    public FederationLab()
    {
        try
        {
            Exchange = Make();
            Exchange.Ip("link", "add", "br0", "type", "bridge");
            Exchange.Ip("link", "set", "br0", "up");
            Exchange.Ip("addr", "add", NameServer + "/24", "dev", "br0");
            (Near, Far) = (Join(NearAddress), Join(FarAddress));
            Exchange.Start("dnsmasq",
            [
                "--keep-in-foreground", "--user=root", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--no-poll", "--pid-file=", "--local=/test/", "--listen-address=" + NameServer, "--bind-interfaces",
                "--host-record=near.test," + NearAddress, "--host-record=xmpp.far.test," + FarAddress,
                "--srv-host=_xmpp-server._tcp.near.test,near.test,5269,5,1", "--srv-host=_xmpps-server._tcp.near.test,near.test,5270,1,1", "--srv-host=_xmpp-server._tcp.rooms.near.test,near.test,5269",
                "--srv-host=_xmpp-server._tcp.far.test,xmpp.far.test,5269", "--srv-host=_xmpp-server._tcp.rooms.far.test,xmpp.far.test,5269",
            ]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where clients run.</summary>
    public NetworkNamespace Exchange { get; }

    /// <summary>Where our server runs.</summary>
    public NetworkNamespace Near { get; }

    /// <summary>Where the other server runs.</summary>
    public NetworkNamespace Far { get; }

    /// <summary>The root that both may trust.</summary>
    public string Roots => _authority.Roots;

    /// <summary>Certificate, chain and key of domains, in one file.</summary>
    public string Certify(params string[] domains) => _authority.Certify(domains);

    /// <summary>Our server, which trusts the root or not.</summary>
    public Task<ServerProcess> StartNearAsync(bool trusts, params string[] settings) => ServerProcess.StartAsync(Near, "http://localhost:5280", [.. NearSettings(trusts), .. settings]);

    /// <summary>How our server is started here.</summary>
    public string[] NearSettings(bool trusts) =>
    [
        "--Server:Domain", "near.test", "--Server:BindAddress", NearAddress, "--Server:AdvertisedAddress", NearAddress, "--Plugins:MediaRelay:Enabled", "false", "--Turn:Enabled", "false",
        .. trusts ? (string[])["--Server:Certificate", Certify("near.test", "calls.near.test", "rooms.near.test", "upload.near.test"), "--Federation:TrustedRoots", Roots] : [],
    ];

    public void Dispose()
    {
        for (var i = _all.Count - 1; i >= 0; i--) _all[i].Dispose();
        _authority.Dispose();
    }

    private NetworkNamespace Make()
    {
        var ns = NetworkNamespace.Create(withInterface: false);
        _all.Add(ns);
        File.WriteAllText(Path.Combine("/etc/netns", ns.Name, "resolv.conf"), $"nameserver {NameServer}\noptions timeout:1 attempts:2\n");
        return ns;
    }

    private NetworkNamespace Join(string address)
    {
        var ns = Make();
        var port = string.Create(CultureInfo.InvariantCulture, $"p{_all.Count}");
        Exchange.Connect(port, ns, "wan");
        Exchange.Ip("link", "set", port, "master", "br0");
        ns.Ip("addr", "add", address + "/24", "dev", "wan");
        return ns;
    }
}
