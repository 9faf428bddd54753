using Parley.Media.Control;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Transports;
using Parley.tests.Media.Core.Srtp;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Conferences;

public sealed class SrtpIndexTests
{
    /// <summary>Design section 5: no (key, SSRC, index) protects two packets, whatever is lost and however the slots change. GCM would leak its key.</summary>
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 3)]
    public void No_index_protects_two_packets_under_loss_and_source_switches(bool hasRtx, int seed)
    {
        var witness = new Witness();
        var random = new Random(seed);
        var relay = new VirtualRelay(witness, seed: seed);
        var peers = relay.Fill(3, hasRtx);
        relay.Passes = (_, _, _) => random.Next(10) != 0;
        relay.Run(20_000, now =>
        {
            if (now % 20 == 0) foreach (var peer in peers) peer.SendVoice((byte)random.Next(128));
            if (now % 33 == 0) foreach (var peer in peers) peer.SendFrame(isKeyframe: random.Next(20) == 0, packets: 1 + random.Next(6));
            if (now % 50 == 0) foreach (var peer in peers) Lose(peer, random);
            if (now % 70 == 0) Switch(relay, peers, random, hasRtx);
        });

        Assert.True(witness.Sealed > 10_000, $"{witness.Sealed}");
        Assert.Equal(0, witness.Twice);
        Assert.Equal(0, relay.Services.Counters.Dropped(DropReason.ProtectFailed));
        Assert.Contains(peers, p => hasRtx ? p.On(Specs.SlotSsrc(0) + 1).Count > 20 : p.On(Specs.SlotSsrc(0)).Count > 100);
    }

    private static void Lose(LabPeer peer, Random random)
    {
        foreach (var ssrc in new[] { Specs.SlotSsrc(0), Specs.SlotSsrc(1) })
        {
            if (peer.On(ssrc) is not [.., var last]) continue;
            peer.SendNack(ssrc, [.. Enumerable.Range(0, 8).Select(_ => (ushort)(last.Header.Sequence - random.Next(60))).Distinct().Order()]);
        }
    }

    private static void Switch(VirtualRelay relay, LabPeer[] peers, Random random, bool hasRtx)
    {
        var who = peers[random.Next(3)];
        var leg = Specs.Leg(who, peers.Where(p => p != who), hasRtx);
        relay.Modify(leg with
        {
            Forwarders = [.. leg.Forwarders.Select(f => random.Next(3) switch
            {
                0 => f,
                1 => f with { SourceTrackId = null },
                _ => f with { SourceTrackId = $"{peers[random.Next(3)].Id}-{(f.Kind == MediaKind.Video ? "video" : "audio")}" },
            })],
        });
    }

    /// <summary>Keeps a digest of what each key sealed under each IV, which SSRC and index alone make.</summary>
    private sealed class Witness : ISrtpCipherFactory
    {
        private readonly Dictionary<(int, string), int> _seen = [];
        private int _keys;

        public int Sealed => _seen.Count;

        public int Twice { get; private set; }

        public ISrtpCipher Create(SrtpProfile profile, ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> authenticationKey) =>
            new Watched(this, _keys++, new ManagedSrtpCipher(profile, encryptionKey, authenticationKey));

        private sealed class Watched(Witness witness, int key, ISrtpCipher inner) : ISrtpCipher
        {
            public void Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, Span<byte> data, Span<byte> tag)
            {
                var packet = HashCode.Combine(Convert.ToHexString(associated), Convert.ToHexString(data));
                if (!witness._seen.TryAdd((key, Convert.ToHexString(iv)), packet)) witness.Twice++;
                inner.Seal(iv, associated, data, tag);
            }

            public bool Open(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, Span<byte> data, ReadOnlySpan<byte> tag) => inner.Open(iv, associated, data, tag);

            public void ApplyKeystream(ReadOnlySpan<byte> counter, Span<byte> data) => inner.ApplyKeystream(counter, data);

            public void Authenticate(ReadOnlySpan<byte> data, Span<byte> mac) => inner.Authenticate(data, mac);

            public void Dispose() => inner.Dispose();
        }
    }
}
