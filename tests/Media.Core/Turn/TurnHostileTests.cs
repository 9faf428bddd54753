using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

/// <summary>Whatever arrives, a server does not throw, sends one answer at most to who asked, and to a stranger never more than the bound.</summary>
public sealed class TurnHostileTests
{
    private const string Home = "203.0.114.5:4000";

    [Fact]
    public void Random_bytes_do_no_harm()
    {
        var world = new TurnWorld();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll<byte[]>(bytes => Hold(world, bytes)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_messages_do_no_harm(int seed)
    {
        var world = new TurnWorld(workers: 2, settings: new() { Realm = TurnWorld.Realm, FirstPort = 50000, LastPort = 50020 }, seed: seed);
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var client = world.Client(random.Next(4) == 0 ? "guest" : "ann", Home, fingerprint: random.Next(4) == 0, sha256: random.Next(4) == 0);
            foreach (var message in Messages(client, random))
            {
                for (var i = 0; i < 12; i++) Hold(world, Mutate(message, random));
            }

            world.Run(random.Next(100_000));
        }

        world.Run(4_000_000);
        foreach (var worker in world.Workers) worker.Server.Close();
        Assert.All(world.Relays, r => Assert.True(r.IsClosed));
        Assert.Equal((0, 0), (world.Shared.Use.Of("ann@example.org"), world.Shared.Use.Of("guest:192.0.2.0/24")));
    }

    // With the right password and wrong contents: the mutation comes before the signature.
    [Fact]
    public void Signed_nonsense_does_no_harm()
    {
        var world = new TurnWorld(settings: new() { Realm = TurnWorld.Realm, FirstPort = 50000, LastPort = 50020 });
        var random = new Random(9);
        var codes = new HashSet<int>();
        for (var round = 0; round < 3000; round++)
        {
            var client = world.Client(random.Next(8) == 0 ? "bob" : "ann", $"203.0.114.5:{4000 + random.Next(4)}");
            var method = (StunMethod[])[StunMethod.Allocate, StunMethod.Refresh, StunMethod.CreatePermission, StunMethod.ChannelBind];
            var answer = client.Ask(method[random.Next(4)], (ref StunWriter w) =>
            {
                if (random.Next(3) > 0) w.AddUInt32(StunAttribute.RequestedTransport, 17u << 24);
                for (var i = random.Next(4); i > 0; i--)
                {
                    var value = new byte[((int[])[0, 1, 4, 8, 20])[random.Next(5)]];
                    random.NextBytes(value);
                    if (value.Length is 8 or 20) (value[0], value[1]) = (0, (byte)(value.Length == 8 ? 1 : 2));
                    w.Add(Attributes[random.Next(Attributes.Length)], value);
                }
            });
            codes.Add(answer.Code);
            world.Run(random.Next(20_000));
        }

        Assert.Superset(new HashSet<int> { 0, 400, 403, 420, 437, 440, 441, 443, 508 }, codes);
    }

    private static readonly StunAttribute[] Attributes =
    [
        StunAttribute.Lifetime, StunAttribute.XorPeerAddress, StunAttribute.ChannelNumber, StunAttribute.EvenPort, StunAttribute.ReservationToken,
        StunAttribute.RequestedAddressFamily, StunAttribute.AdditionalAddressFamily, StunAttribute.DontFragment, StunAttribute.RequestedTransport, StunAttribute.Data,
    ];

    private static IEnumerable<byte[]> Messages(TurnClient client, Random random)
    {
        var peer = random.Next(2) == 0 ? TurnWorld.At("8.8.8.8:5000") : TurnWorld.At("198.51.99.7:10000");
        client.Allocate((ref StunWriter w) =>
        {
            if (random.Next(2) == 0) w.Add(StunAttribute.EvenPort, [0x80]);
        });
        yield return client.LastRequest;
        client.Permit(peer);
        yield return client.LastRequest;
        client.Bind(0x4000, peer);
        yield return client.LastRequest;
        client.Refresh(random.Next(3) == 0 ? 0u : 700);
        yield return client.LastRequest;
        yield return client.Request(StunMethod.Binding, null);
        yield return TurnClient.Send(peer, RandomNumberGenerator.GetBytes(50));
        yield return TurnClient.ChannelData(0x4000, RandomNumberGenerator.GetBytes(50));
    }

    private static byte[] Mutate(byte[] message, Random random)
    {
        var bytes = message.ToArray();
        for (var i = random.Next(4); i >= 0; i--)
        {
            switch (random.Next(4))
            {
                case 0:
                    bytes = bytes[..random.Next(bytes.Length + 1)];
                    break;
                case 1:
                    bytes = [.. bytes, .. new byte[random.Next(8)]];
                    break;
                default:
                    if (bytes.Length > 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
            }
        }

        return bytes;
    }

    private static void Hold(TurnWorld world, byte[] datagram)
    {
        foreach (var worker in world.Workers)
        {
            worker.Sent.Clear();
            worker.Handle(Home, datagram);
            Assert.True(worker.Sent.Count <= 1);
            if (worker.Sent.Count == 0) continue;
            var (to, bytes) = worker.Sent[0];
            Assert.Equal(TurnWorld.Worker.Path(Home), to);
            var answer = new TurnAnswer(bytes);
            Assert.True(StunMessage.TryParse(datagram, out var request) && request.Class == StunClass.Request);
            Assert.Equal(request.TransactionId.ToArray(), answer.Message.TransactionId.ToArray());
            Assert.DoesNotContain(StunAttribute.Software, answer.Attributes);
            var isSigned = answer.Attributes.Contains(StunAttribute.MessageIntegrity) || answer.Attributes.Contains(StunAttribute.MessageIntegritySha256);
            if (!isSigned) Assert.True(bytes.Length <= TurnServer.MaxUnauthenticated + TurnWorld.Realm.Length);
            if (!isSigned && answer.Code == 0) Assert.Equal(StunMethod.Binding, answer.Message.Method);
        }
    }
}
