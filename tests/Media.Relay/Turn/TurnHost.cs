using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Turn;
using Parley.Media.Relay.Workers;
using Parley.tests.Lab;
using Parley.tests.Media.Core.Turn;

namespace Parley.tests.Media.Relay.Turn;

/// <summary>The TURN server on real workers, at a port of its own, with users in the REST form by the secret <c>north</c>. With a namespace, all of it is inside.</summary>
internal sealed class TurnHost : ITurnKeys, IDisposable
{
    public const string Secret = "north", Realm = "localhost";

    private readonly List<Worker> _workers = [];
    private readonly NetworkNamespace? _ns;

    public TurnHost(NetworkNamespace? ns = null, string address = "127.0.0.1", string? advertised = null, int workers = 2, string[]? allowed = null, IPEndPoint[]? media = null,
        TurnSettings? protocol = null, int perAddress = 200, int idleMs = 30_000)
    {
        _ns = ns;
        Address = IPAddress.Parse(address);
        var settings = new TurnRelaySettings
        {
            Protocol = protocol ?? new TurnSettings { Realm = Realm },
            Port = 0,
            BindAddress = Address,
            AdvertisedAddress = IPAddress.Parse(advertised ?? address),
            IsLoopbackOnly = IPAddress.IsLoopback(Address),
            ConnectionsPerAddress = perAddress,
            IdleTime = TimeSpan.FromMilliseconds(idleMs),
            AllowedPeers = [.. (allowed ?? []).Select(a => IPNetwork.Parse(a))],
        };
        // A thread's children are born in its namespace, so the workers live where they are made.
        Inside(() =>
        {
            Relay = new TurnRelay(settings, this, NullLogger<TurnRelay>.Instance);
            for (var i = 0; i < workers; i++) _workers.Add(new Worker(i, [Relay.CreatePart(() => media ?? [])], NullLogger.Instance));
            foreach (var worker in _workers) worker.Start();
        });
    }

    public TurnRelay Relay { get; private set; } = null!;

    public IPAddress Address { get; }

    public IPEndPoint EndPoint => new(Address, Relay.Port);

    public long Faults => _workers.Sum(w => w.Faults);

    public HashSet<string> Guests { get; } = [];

    public static string UsernameOf(string name, TimeSpan lifetime) =>
        string.Create(CultureInfo.InvariantCulture, $"{(DateTimeOffset.UtcNow + lifetime).ToUnixTimeSeconds()}:{name}");

#pragma warning disable CA5350 // the REST form's HMAC
    public static string PasswordOf(string username) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(username)));
#pragma warning restore CA5350

    public TurnAccount? Find(string username)
    {
        var parts = username.Split(':');
        return parts.Length == 2 && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var expiry) && expiry > DateTimeOffset.UtcNow.ToUnixTimeSeconds()
            ? new TurnAccount(PasswordOf(username), parts[1], Guests.Contains(parts[1]))
            : null;
    }

    /// <summary>A socket where the server is.</summary>
    public Socket Socket(string address = "127.0.0.1")
    {
        var socket = _ns?.Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) ?? new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        socket.ReceiveTimeout = 10_000;
        return socket;
    }

    /// <summary>A client on a socket of its own.</summary>
    public TurnClient Client(Socket socket, string name = "ann")
    {
        var username = UsernameOf(name, TimeSpan.FromHours(1));
        return new TurnClient(request => Exchange(socket, request), username, PasswordOf(username));
    }

    /// <summary>A client on a connection of its own.</summary>
    public StreamClient Connect(string from = "127.0.0.1:5000", bool isTls = false) => new(this, IPEndPoint.Parse(from), isTls);

    public byte[] Exchange(Socket socket, byte[] request)
    {
        socket.SendTo(request, EndPoint);
        return Receive(socket);
    }

    public static byte[] Receive(Socket socket)
    {
        var buffer = new byte[2048];
        return buffer[..socket.Receive(buffer)];
    }

    /// <summary>Ends the workers.</summary>
    public void Stop()
    {
        foreach (var worker in _workers) worker.Dispose();
        _workers.Clear();
    }

    public void Dispose()
    {
        var faults = Faults;
        Stop();
        Assert.Equal(0, faults);
    }

    private void Inside(Action action)
    {
        if (_ns is null) action();
        else _ns.Inside(action);
    }
}
