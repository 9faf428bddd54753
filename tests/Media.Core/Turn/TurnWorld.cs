using System.Net;
using System.Security.Cryptography;
using System.Text;
using Parley.Media.Core;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

/// <summary>TURN servers that share their tables as workers do, in virtual time, behind a 1:1 NAT: advertised 198.51.99.7, bound 10.1.2.3, media at port 10000.</summary>
internal sealed class TurnWorld : ITurnKeys
{
    public const string Realm = "example.org";
    public static readonly UInt128 Advertised = Bits("198.51.99.7"), Bound = Bits("10.1.2.3");

    private readonly bool _canForbidFragments;

    public TurnWorld(int workers = 1, TurnSettings? settings = null, TurnAddresses? addresses = null, string[]? allowed = null, int seed = 1, bool canForbidFragments = false)
    {
        _canForbidFragments = canForbidFragments;
        var live = new LivePorts();
        var own = new[] { IPAddress.Parse("198.51.99.7"), IPAddress.Parse("10.1.2.3") };
        var policy = new PeerPolicy((allowed ?? []).Select(a => IPNetwork.Parse(a)), own, own.Select(a => new IPEndPoint(a, 10000)), live, isLoopbackOnly: false);
        addresses ??= new TurnAddresses(new TurnAddress(Advertised, Bound));
        Shared = new TurnShared(settings ?? new TurnSettings { Realm = Realm }, addresses, live, policy, this, new Random(seed));
        Workers = [.. Enumerable.Range(0, workers).Select(i => new Worker(this, seed + i))];
    }

    public long NowMs { get; set; } = 10_000_000;

    public TurnShared Shared { get; }

    public List<Worker> Workers { get; }

    public Dictionary<string, TurnAccount> Users { get; } = new()
    {
        ["ann"] = new("pw-ann", "ann@example.org", false),
        ["bob"] = new("pw-bob", "bob@example.org", false),
        ["guest"] = new("pw-guest", "guest:192.0.2.0/24", true),
    };

    /// <summary>Ports that other programs hold.</summary>
    public HashSet<ushort> Taken { get; } = [];

    public List<Relay> Relays { get; } = [];

    public TurnAccount? Find(string username) => Users.GetValueOrDefault(username);

    public string? FindName(ReadOnlySpan<byte> userhash)
    {
        foreach (var name in Users.Keys)
        {
            if (userhash.SequenceEqual(SHA256.HashData(Encoding.UTF8.GetBytes($"{name}:{Realm}")))) return name;
        }

        return null;
    }

    public static UInt128 Bits(string address) => AddressBits.Of(IPAddress.Parse(address));

    public static AddressKey At(string endPoint) => AddressKey.Of(IPEndPoint.Parse(endPoint));

    public TurnClient Client(string user = "ann", string from = "203.0.114.5:4000", int worker = 0, bool sha256 = false, bool fingerprint = false) =>
        new(request => Workers[worker].Ask(from, request), user, "pw-" + user) { Sha256 = sha256, Fingerprint = fingerprint };

    public void Run(long milliseconds)
    {
        for (var end = NowMs + milliseconds; NowMs < end;)
        {
            NowMs = Math.Min(end, NowMs + 500);
            foreach (var worker in Workers) worker.Server.Tick(NowMs);
        }
    }

    /// <summary>The open relay port of an advertised address.</summary>
    public Relay RelayOf(AddressKey relayed) => Relays.Single(r => r.Port == relayed.Port && !r.IsClosed && r.IsIPv6 != relayed.IsIPv4);

    internal sealed class Worker : ITurnSink
    {
        private readonly TurnWorld _world;

        public Worker(TurnWorld world, int seed)
        {
            _world = world;
            Server = new TurnServer(world.Shared, this, new Random(seed), Tcp = new TcpWorld());
        }

        public TurnServer Server { get; }

        public TcpWorld Tcp { get; }

        public List<(FiveTuple To, byte[] Bytes)> Sent { get; } = [];

        /// <summary>The client's side of a five-tuple.</summary>
        /// <param name="from">The client's address; behind an @ the number of its connection, if it came over TCP.</param>
        public static FiveTuple Path(string from) => from.Split('@') is [var address, var connection]
            ? new(At(address), At("10.1.2.3:3478"), ulong.Parse(connection, System.Globalization.CultureInfo.InvariantCulture)) : new(At(from), At("10.1.2.3:3478"));

        public void Handle(string from, byte[] datagram) => Server.Handle(Path(from), datagram, _world.NowMs);

        /// <summary>Takes what was sent to a client since it was taken last.</summary>
        public List<byte[]> Take(string client)
        {
            var path = Path(client);
            var taken = Sent.Where(s => s.To == path).Select(s => s.Bytes).ToList();
            Sent.RemoveAll(s => s.To == path);
            return taken;
        }

        public byte[]? Ask(string from, byte[] request)
        {
            Take(from);
            Handle(from, request);
            return Take(from).SingleOrDefault();
        }

        public Span<byte> Reserve(in FiveTuple to, int length, bool isRelayed = false)
        {
            Sent.Add((to, new byte[length]));
            return Sent[^1].Bytes;
        }

        public bool CanForbidFragments => _world._canForbidFragments;

        public RelayPort? Open(ushort port, bool isIPv6)
        {
            if (_world.Taken.Contains(port) || _world.Relays.Any(r => !r.IsClosed && r.Port == port && r.IsIPv6 == isIPv6)) return null;
            var relay = new Relay(port, isIPv6);
            _world.Relays.Add(relay);
            return relay;
        }

        public void Adopt(RelayPort relay) => ((Relay)relay).Owner = this;
    }

    internal sealed class Relay(ushort port, bool isIPv6) : RelayPort(port, isIPv6)
    {
        public Worker? Owner { get; set; }

        public bool IsClosed { get; private set; }

        public List<(AddressKey Peer, byte[] Data)> Sent { get; } = [];

        /// <summary>How many of what was sent may not be fragmented.</summary>
        public int Unfragmented { get; private set; }

        public override void Send(AddressKey peer, ReadOnlySpan<byte> data, bool dontFragment = false)
        {
            Assert.False(IsClosed);
            if (dontFragment) Unfragmented++;
            Sent.Add((peer, data.ToArray()));
        }

        public override void Close()
        {
            Assert.False(IsClosed);
            IsClosed = true;
        }
    }
}
