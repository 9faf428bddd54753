using System.Security.Cryptography;
using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

/// <summary>Many mutated datagrams, and many hostile clients beside honest ones.</summary>
public sealed class TurnStormTests
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("PARLEY_LONG") == "1";
    private static readonly StunAttribute[] All = Enum.GetValues<StunAttribute>();

    private static readonly StunMethod[] Methods =
        [StunMethod.Binding, StunMethod.Allocate, StunMethod.Refresh, StunMethod.Send, StunMethod.CreatePermission, StunMethod.ChannelBind, StunMethod.Connect, StunMethod.ConnectionBind];

    // Every attribute, in every length that means something and some that do not, before and behind the signature, then perhaps with bytes changed.
    [Fact]
    public void Mutated_datagrams_crash_nothing_hold_no_memory_and_get_no_more_than_a_stranger_may_have()
    {
        var datagrams = IsLong ? 1_000_000 : 30_000;
        var dual = new TurnAddresses(new(TurnWorld.Advertised, TurnWorld.Bound), new(TurnWorld.Bits("2a00:1::7"), TurnWorld.Bits("2a00:1::7")));
        var world = new TurnWorld(settings: new() { Realm = TurnWorld.Realm, FirstPort = 50000, LastPort = 50063 }, addresses: dual, canForbidFragments: true, seed: 3);
        var random = new Random(77);
        var (answers, signedAnswers, half) = (0, 0, 0L);
        var nonces = new Dictionary<string, byte[]>();
        for (var i = 0; i < datagrams; i++)
        {
            if (i == datagrams / 2) half = GC.GetTotalMemory(forceFullCollection: true);
            var from = $"203.0.{random.Next(100, 110)}.{random.Next(1, 250)}:{random.Next(4000, 4003)}" + (random.Next(4) == 0 ? "@" + random.Next(1, 50) : "");
            var datagram = Datagram(world, from, nonces, random);
            var worker = world.Workers[0];
            worker.Sent.Clear();
            worker.Handle(from, datagram);
            Assert.True(worker.Sent.Count <= 1);
            foreach (var (to, bytes) in worker.Sent)
            {
                answers++;
                Assert.Equal(TurnWorld.Worker.Path(from), to);
                var answer = new TurnAnswer(bytes);
                Assert.True(StunMessage.TryParse(datagram, out var request) && request.Class == StunClass.Request);
                var isSigned = answer.Attributes.Contains(StunAttribute.MessageIntegrity) || answer.Attributes.Contains(StunAttribute.MessageIntegritySha256);
                if (isSigned) signedAnswers++;
                else AssertFitForStrangers(answer, request.Method);
            }

            if (i % 64 != 0) continue;
            world.Run(random.Next(20_000));
            world.Relays.RemoveAll(r => r.IsClosed);
            foreach (var relay in world.Relays) relay.Sent.Clear();
            worker.Tcp.Listeners.RemoveAll(l => l.IsClosed);
            worker.Tcp.Connecting.Clear();
            worker.Tcp.Joined.Clear();
            if (nonces.Count > 500) nonces.Clear();
        }

        Assert.True(answers > datagrams / 10, $"{answers} answers"); // it is no test of what is dropped at once
        Assert.True(signedAnswers > datagrams / 20, $"{signedAnswers} signed answers");
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - half, long.MinValue, 8 << 20);
        world.Run(4_000_000);
        Assert.Equal(0, world.Workers[0].Server.Counters.Allocations);
        Assert.Equal((0, 0, 0), (world.Shared.Use.Of("ann@example.org"), world.Shared.Use.Of("bob@example.org"), world.Shared.Use.Of("guest:192.0.2.0/24")));
    }

    [Fact]
    public void Ten_calls_lose_nothing_beside_a_thousand_hostile_clients_whose_quotas_hold()
    {
        const int Hostile = 1000, Accounts = 100, TickMs = 20, BytesPerSecond = 50_000, PacketsPerSecond = 200;
        var seconds = IsLong ? 60 : 5;
        var world = new TurnWorld(workers: 2, settings: new() { Realm = TurnWorld.Realm, AllocationsPerAccount = 5, BytesPerSecondPerAccount = BytesPerSecond, PacketsPerSecondPerAccount = PacketsPerSecond });
        var random = new Random(5);
        var peer = TurnWorld.At("8.8.8.8:5000");
        var calls = Enumerable.Range(0, 10).Select(i =>
        {
            world.Users[$"honest{i}"] = new($"pw-honest{i}", $"honest{i}@example.org", false);
            var call = (Client: world.Client($"honest{i}", $"198.18.1.{i + 1}:4000", i % 2), From: $"198.18.1.{i + 1}:4000", Worker: world.Workers[i % 2]);
            Assert.Equal((0, 0), (call.Client.Allocate().Code, call.Client.Bind(0x4000, peer).Code));
            return (call.Client, call.From, call.Worker, Relay: world.Relays[^1]);
        }).ToList();
        var attackers = Enumerable.Range(0, Hostile).Select(i =>
        {
            var user = $"hostile{i % Accounts}";
            world.Users[user] = new($"pw-{user}", $"{user}@example.org", false);
            var from = $"203.{i / 250}.{i % 250}.9:5000";
            return (Client: world.Client(user, from, i % 2), From: from, Worker: world.Workers[i % 2]);
        }).ToList();
        var codes = new HashSet<int>();
        foreach (var (client, _, _) in attackers)
        {
            codes.Add(client.Allocate().Code);
            client.Bind(0x4000, peer);
        }

        Assert.Equal([0, 486], codes.Order());
        var (sent, received, hostile) = (0, 0, 0L);
        byte[] payload = new byte[160], flood = new byte[1000];
        for (var tick = 0; tick < seconds * 1000 / TickMs; tick++)
        {
            world.NowMs += TickMs;
            foreach (var worker in world.Workers) worker.Server.Tick(world.NowMs);
            foreach (var (client, from, worker) in attackers)
            {
                switch (random.Next(4))
                {
                    case 0:
                        worker.Handle(from, client.LastRequest);
                        break;
                    case 1:
                        worker.Handle(from, TurnClient.Send(TurnWorld.At("10.0.0.1:80"), flood));
                        break;
                    default:
                        for (var n = 0; n < 3; n++) worker.Handle(from, TurnClient.ChannelData(0x4000, flood));
                        break;
                }
            }

            foreach (var worker in world.Workers) worker.Sent.Clear();
            foreach (var (client, from, worker, relay) in calls)
            {
                worker.Handle(from, TurnClient.ChannelData(0x4000, payload));
                worker.Server.HandlePeer(relay, peer, payload, world.NowMs);
                sent += relay.Sent.Count(s => s.Peer == peer && s.Data.Length == payload.Length);
                received += worker.Take(from).Count(b => b.Length == payload.Length + 4);
                if (tick % 100 == 0) Assert.Equal(0, client.Refresh(600).Code);
            }

            hostile += world.Relays.Sum(r => r.Sent.Count) - calls.Count;
            foreach (var relay in world.Relays) relay.Sent.Clear();
        }

        Assert.Equal((calls.Count * seconds * 1000 / TickMs, calls.Count * seconds * 1000 / TickMs), (sent, received));
        Assert.All(world.Shared.Meters.Read().Where(a => a.Account.StartsWith("hostile", StringComparison.Ordinal)), a =>
        {
            Assert.True(a.Allocations <= 5 && a.Refused > 0 && a.OverRate > 0);
            Assert.InRange(a.BytesToPeers, BytesPerSecond, BytesPerSecond * (seconds + 1L));
        });
        Assert.InRange(hostile, 1, (long)Accounts * PacketsPerSecond * (seconds + 1));
        world.Users["late"] = new("pw-late", "late@example.org", false);
        Assert.Equal(0, world.Client("late", "198.18.2.1:4000").Allocate().Code); // who comes now finds room
    }

    private static void AssertFitForStrangers(TurnAnswer answer, StunMethod method)
    {
        Assert.True(answer.Bytes.Length <= TurnServer.MaxUnauthenticated + TurnWorld.Realm.Length);
        if (answer.Code == 0)
        {
            Assert.Equal(StunMethod.Binding, method);
            Assert.Empty(answer.Attributes.Except([StunAttribute.XorMappedAddress, StunAttribute.Fingerprint]));
            return;
        }

        Assert.Contains(answer.Code, (int[])[400, 401, 420, 438]);
        Assert.Empty(answer.Attributes.Except(
            [StunAttribute.ErrorCode, StunAttribute.Realm, StunAttribute.Nonce, StunAttribute.PasswordAlgorithms, StunAttribute.UnknownAttributes, StunAttribute.Fingerprint]));
        Assert.Equal(4, answer.Get(StunAttribute.ErrorCode).Length); // without a phrase
    }

    private static byte[] Datagram(TurnWorld world, string from, Dictionary<string, byte[]> nonces, Random random)
    {
        if (random.Next(12) == 0) return TurnClient.ChannelData((ushort)random.Next(0x3FF0, 0x8000), RandomNumberGenerator.GetBytes(random.Next(40)), random.Next(5));
        if (random.Next(30) == 0) return RandomNumberGenerator.GetBytes(random.Next(100));
        var user = ((string[])["ann", "bob", "guest", "nobody"])[random.Next(4)];
        var client = world.Client(user, from, sha256: random.Next(3) == 0, fingerprint: random.Next(3) == 0);
        if (random.Next(10) > 0)
        {
            // A nonce of ours nearly always, so that most get past the credentials.
            if (!nonces.TryGetValue(from, out var nonce)) nonce = nonces[from] = Nonce(world, from);
            (client.Realm, client.Nonce) = (TurnWorld.Realm, nonce);
        }

        var datagram = client.Request(Methods[random.Next(Methods.Length)], (ref StunWriter w) => Fill(ref w, random));
        if (random.Next(8) == 0) datagram[random.Next(2)] ^= (byte)(1 << random.Next(8)); // another class or method
        for (var i = random.Next(4) == 0 ? random.Next(1, 5) : 0; i > 0; i--) datagram[random.Next(datagram.Length)] = (byte)random.Next(256);
        return random.Next(20) == 0 ? datagram[..random.Next(datagram.Length)] : datagram;
    }

    private static byte[] Nonce(TurnWorld world, string from)
    {
        world.NowMs += 20; // so that the network's budget is never what answers
        var asked = world.Workers[0].Ask(from, world.Client("x", from).Request(StunMethod.Allocate, null));
        return asked is null ? new byte[TurnNonces.Length] : new TurnAnswer(asked).Get(StunAttribute.Nonce);
    }

    private static void Fill(ref StunWriter w, Random random)
    {
        if (random.Next(3) > 0) w.AddUInt32(StunAttribute.RequestedTransport, (random.Next(4) == 0 ? 6u : 17u) << 24);
        if (random.Next(3) == 0) w.AddXorAddress(StunAttribute.XorPeerAddress, TurnWorld.At(((string[])["8.8.8.8:5000", "198.51.99.7:10000", "[2a00:2::1]:5", "127.0.0.1:1"])[random.Next(4)]));
        if (random.Next(4) == 0) w.AddUInt32(StunAttribute.ChannelNumber, (uint)random.Next(0x3FFF, 0x4010) << 16);
        for (var i = random.Next(4); i > 0; i--)
        {
            var type = random.Next(30) == 0 ? (StunAttribute)random.Next(0x10000) : All[random.Next(All.Length)];
            if (type is StunAttribute.MessageIntegrity or StunAttribute.MessageIntegritySha256 && random.Next(4) > 0) continue; // they hide what follows
            var value = new byte[((int[])[0, 1, 3, 4, 5, 8, 12, 20, 20, 32, 35, 64])[random.Next(12)]];
            random.NextBytes(value);
            if (value.Length > 1 && random.Next(2) == 0) (value[0], value[1]) = (random.Next(2) == 0 ? (byte)0 : (byte)random.Next(3), (byte)random.Next(3));
            w.Add(type, value);
        }
    }
}
