using Parley.tests.Xmpp.Server.Federation;

namespace Parley.tests.Lab;

/// <summary>
/// A chat server as the world meets one: a domain with SRV records, and a certificate of an authority that every program in the namespace trusts, because the namespace has a trust store
/// of its own. Nothing of the machine's is touched.
/// </summary>
public sealed class ChatDomain : IDisposable
{
    /// <summary>The domain.</summary>
    public const string Name = "chat.test";

    private readonly TestAuthority _authority = new();
    private ServerProcess? _server;

    public ChatDomain()
    {
        try
        {
            string[] names = [Name, "rooms." + Name, "calls." + Name, "upload." + Name];
            Namespace = NetworkNamespace.Create(names.ToDictionary(n => n, _ => NetworkNamespace.Address));
            Namespace.Trust(_authority.Roots);
            Namespace.Start("dnsmasq",
            [
                "--keep-in-foreground", "--user=root", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--no-poll", "--pid-file=", "--local=/test/", "--listen-address=127.0.0.1", "--bind-interfaces",
                .. names.Select(n => $"--host-record={n},{NetworkNamespace.Address}"),
                $"--srv-host=_xmpp-client._tcp.{Name},{Name},5222,5,1", $"--srv-host=_xmpps-client._tcp.{Name},{Name},5223,10,1",
            ]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it all runs.</summary>
    public NetworkNamespace Namespace { get; } = null!;

    /// <summary>The server.</summary>
    public ServerProcess Server => _server ?? throw new InvalidOperationException("Start it first.");

    /// <summary>Starts the server with people whose passwords are <see cref="Password"/>.</summary>
    public async Task StartAsync(params string[] people)
    {
        _server = await ServerProcess.StartAsync(Namespace, $"http://{NetworkNamespace.Address}:5280",
            "--Server:Domain", Name, "--Server:BindAddress", NetworkNamespace.Address, "--Server:Certificate", _authority.Certify(Name, "rooms." + Name, "calls." + Name, "upload." + Name),
            "--Media:Workers", "1", "--Turn:Enabled", "false");
        foreach (var person in people) _server.AddUser($"{person}@{Name}", Password(person));
    }

    /// <summary>Somebody's password.</summary>
    public static string Password(string person) => person + "'s secret";

    /// <summary>Logs somebody in who says what a test wants, and comes online.</summary>
    public async Task<XmppTestClient> LogInAsync(string person)
    {
        var client = await XmppTestClient.ConnectAsync(Namespace, Name, isDirectTls: true, NetworkNamespace.Address);
        await client.OpenAsync();
        await client.LoginWithPasswordAsync(person, Password(person));
        await client.SendAsync("<presence/>");
        await client.HearAsync("<presence ");
        return client;
    }

    public void Dispose()
    {
        _server?.Dispose();
        Namespace?.Dispose();
        _authority.Dispose();
    }
}
