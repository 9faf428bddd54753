using Parley.Media.Core;
using Parley.Media.Core.Ice;
using Parley.Media.Core.Stun;

namespace Parley.tests.Media.Core.Ice;

/// <summary>A network in virtual time: a test may slow it, or cut paths.</summary>
internal sealed class IceNetwork
{
    private readonly PriorityQueue<(AddressKey From, AddressKey To, byte[] Bytes), long> _flying = new();
    private readonly Dictionary<AddressKey, Node> _nodes = [];

    public long NowMs { get; private set; } = 1_000_000;

    /// <summary>How long a datagram takes.</summary>
    public long DelayMs { get; set; } = 10;

    public Func<AddressKey, AddressKey, bool> Passes { get; set; } = (_, _) => true;

    public List<(long At, AddressKey From, AddressKey To, byte[] Bytes)> Log { get; } = [];

    public static AddressKey At(byte host, ushort port = 1000) => AddressKey.OfIPv4(0x0A000000u | host, port);

    public Node AddNode(bool isControlling, int seed, params AddressKey[] addresses)
    {
        var random = new Random(seed);
        var node = new Node(this, isControlling, random);
        foreach (var address in addresses) _nodes[address] = node;
        return node;
    }

    public void Attach(Node node, AddressKey address) => _nodes[address] = node;

    public void Send(AddressKey from, AddressKey to, ReadOnlySpan<byte> bytes)
    {
        Log.Add((NowMs, from, to, bytes.ToArray()));
        if (Passes(from, to)) _flying.Enqueue((from, to, bytes.ToArray()), NowMs + DelayMs);
    }

    public void Run(long milliseconds, Action<long>? each = null)
    {
        for (var end = NowMs + milliseconds; NowMs < end; NowMs += 5)
        {
            while (_flying.TryPeek(out var datagram, out var at) && at <= NowMs)
            {
                _flying.Dequeue();
                if (_nodes.TryGetValue(datagram.To, out var node)) node.LastInput = node.Agent.HandleStun(datagram.Bytes, datagram.To, datagram.From, NowMs);
            }

            foreach (var node in _nodes.Values.Distinct()) node.Agent.Tick(NowMs);
            each?.Invoke(NowMs);
        }
    }

    internal sealed class Node : IIceSink
    {
        private readonly IceNetwork _network;
        private readonly Random _random;

        public Node(IceNetwork network, bool isControlling, Random random)
        {
            (_network, _random) = (network, random);
            Credentials = NewCredentials();
            Agent = new IceAgent(isControlling, Credentials, random, this);
        }

        public IceAgent Agent { get; }

        public IceCredentials Credentials { get; set; }

        public IceInput LastInput { get; set; }

        public HashSet<(AddressKey, AddressKey)> Paths { get; } = [];

        public IceCredentials NewCredentials()
        {
            var bytes = new byte[IceCredentials.RandomLength];
            _random.NextBytes(bytes);
            return IceCredentials.FromRandom(bytes);
        }

        /// <summary>What a prober does with signalled candidates, and our agent never does: a check out of the blue.</summary>
        public void Probe(AddressKey from, AddressKey to, IceCredentials target, StunAttribute? extra = null, string? password = null)
        {
            var buffer = new byte[300];
            var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, new byte[12]);
            writer.Add(StunAttribute.Username, System.Text.Encoding.ASCII.GetBytes(target.Ufrag + ":" + Credentials.Ufrag));
            writer.AddUInt32(StunAttribute.Priority, 1);
            if (extra is { } attribute) writer.AddFlag(attribute);
            writer.AddIntegrity(System.Text.Encoding.ASCII.GetBytes(password ?? target.Password));
            writer.AddFingerprint();
            _network.Send(from, to, writer.Written);
        }

        public void Send(AddressKey local, AddressKey remote, ReadOnlySpan<byte> datagram) => _network.Send(local, remote, datagram);

        public void PathLearned(AddressKey local, AddressKey remote) => Paths.Add((local, remote));

        public void PathForgotten(AddressKey local, AddressKey remote) => Paths.Remove((local, remote));
    }
}
