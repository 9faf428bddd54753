using System.Buffers.Binary;
using Parley.Media.Core.Dtls;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Native;

namespace Parley.tests.Media.Relay.Native;

public class DtlsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    [Fact]
    public void OpenSSL_will_do() => Assert.True(OpenSsl.TryLoad(out var reason), reason);

    [Fact]
    public void Both_ends_have_the_same_keys_GCM_and_each_others_certificate()
    {
        using var pair = new DtlsPair();
        Assert.Null(pair.Client.PeerDigest("sha-256"));
        Assert.Throws<InvalidOperationException>(pair.Client.ExportKeys);
        pair.Run(Limit);

        Assert.Equal((DtlsState.Connected, DtlsState.Connected), (pair.Client.State, pair.Server.State));
        Assert.Equal((false, true), (pair.Client.IsServer, pair.Server.IsServer));
        Assert.Equal((SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes128Gcm), (pair.Client.Profile, pair.Server.Profile));
        var keys = pair.Client.ExportKeys();
        Assert.Equal(SrtpProfile.AeadAes128Gcm.ExporterLength(), keys.Length);
        Assert.Equal(keys, pair.Server.ExportKeys());
        Assert.NotEqual(new byte[keys.Length], keys);
        Assert.Equal(pair.ServerFingerprint, Hex(pair.Client.PeerDigest("sha-256")));
        Assert.Equal(pair.ClientFingerprint, Hex(pair.Server.PeerDigest("SHA-256")));
        Assert.All(pair.Lengths, length => Assert.InRange(length, 14, 1200));
        Assert.Equal(long.MaxValue, pair.Client.Tick(0));
    }

    [Theory]
    [InlineData("sha-224", 28)]
    [InlineData("sha-256", 32)]
    [InlineData("sha-384", 48)]
    [InlineData("sha-512", 64)]
    [InlineData("sha-1", null)]
    [InlineData("md5", null)]
    [InlineData("", null)]
    public void The_hashes_of_RFC_8122_are_known_without_the_broken_ones(string hash, int? length)
    {
        using var pair = new DtlsPair();
        pair.Run(Limit);
        Assert.Equal(length, pair.Client.PeerDigest(hash)?.Length);
    }

    [Fact]
    public void Each_factory_has_a_certificate_of_its_own()
    {
        using var first = new OpenSslDtlsFactory();
        using var second = new OpenSslDtlsFactory();
        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
        Assert.Matches("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", first.Fingerprint);
    }

    [Fact]
    public void Close_notify_ends_both()
    {
        using var pair = new DtlsPair();
        pair.Run(Limit);
        pair.Server.Close();
        Assert.Equal(DtlsState.Closed, pair.Server.State);
        Assert.Equal(DtlsState.Connected, pair.Client.State);
        pair.Exchange();
        Assert.Equal(DtlsState.Closed, pair.Client.State);
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void A_fifth_of_all_datagrams_lost_only_costs_time(int seed)
    {
        using var pair = new DtlsPair();
        var random = new Random(seed);
        pair.Network = (datagram, _) => random.Next(5) == 0 ? [] : [datagram];
        pair.Run(Limit);
        Assert.Equal((DtlsState.Connected, DtlsState.Connected), (pair.Client.State, pair.Server.State));
        Assert.Equal(pair.Client.ExportKeys(), pair.Server.ExportKeys());
    }

    [Fact]
    public void The_first_retransmission_comes_after_a_tenth_of_a_second()
    {
        using var pair = new DtlsPair();
        var lost = 0;
        pair.Network = (datagram, toServer) => toServer && lost++ == 0 ? [] : [datagram];
        Assert.InRange(pair.Run(Limit).TotalMilliseconds, 70, 950);
        Assert.Equal(DtlsState.Connected, pair.Server.State);
    }

    [Fact]
    public void A_lost_last_flight_is_sent_again_after_the_server_is_done()
    {
        using var pair = new DtlsPair();
        // The server's last flight begins with ChangeCipherSpec (with tickets off).
        var lost = 0;
        pair.Network = (datagram, toServer) => !toServer && datagram[0] == 20 && lost++ == 0 ? [] : [datagram];
        pair.Run(Limit);
        Assert.Equal(DtlsState.Connected, pair.Client.State);
        Assert.True(lost > 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_ClientHello_in_two_fragments_is_understood(bool swapped)
    {
        using var pair = new DtlsPair();
        var added = 0; // records, by which the later ones' sequence numbers move on
        pair.Network = (datagram, toServer) =>
        {
            if (!toServer) return [datagram];
            MoveOn(datagram, added);
            if (!IsClientHello(datagram)) return [datagram];
            added++;
            return swapped ? Fragments(datagram).Reverse() : Fragments(datagram);
        };
        pair.Run(Limit);
        Assert.Equal((DtlsState.Connected, DtlsState.Connected), (pair.Client.State, pair.Server.State));
    }

    [Fact]
    public void Only_a_ClientHello_makes_a_fresh_association_the_server()
    {
        using var factory = new OpenSslDtlsFactory();
        using var engine = factory.Create();
        var random = new Random(3);
        var bytes = new byte[1200];
        for (var i = 0; i < 500; i++)
        {
            random.NextBytes(bytes);
            (bytes[0], bytes[1], bytes[2], bytes[13]) = ((byte)random.Next(20, 64), 0xFE, 0xFD, 2);
            engine.Receive(bytes.AsSpan(0, random.Next(bytes.Length)));
        }

        Assert.Equal(DtlsState.New, engine.State);
        Assert.Equal(0, engine.WriteNext(bytes));
    }

    [Fact]
    public void Endless_handshake_data_ends_it()
    {
        using var factory = new OpenSslDtlsFactory();
        using var engine = factory.Create();
        engine.Start(isServer: true);
        // Whole, empty, and without meaning: an alert of a later epoch.
        var record = Convert.FromHexString("15FEFD00010000000000000002").Concat(new byte[2]).ToArray();
        for (var i = 0; i < 128 * 1024 / record.Length; i++) engine.Receive(record);
        Assert.Equal(DtlsState.Handshaking, engine.State);
        engine.Receive(record);
        Assert.Equal(DtlsState.Failed, engine.State);
        Assert.Equal(long.MaxValue, engine.Tick(0));
    }

    [Fact]
    public void Garbage_changes_nothing_once_connected()
    {
        using var pair = new DtlsPair();
        var seen = new List<byte[]>();
        pair.Network = (datagram, _) =>
        {
            seen.Add(datagram);
            return [datagram];
        };
        pair.Run(Limit);
        // Protected records too short for their tags, alone, behind a good record and before it.
        for (var size = 0; size < 64; size++)
        {
            byte[] record = [22, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, (byte)(26 + size), 0, (byte)size, .. new byte[size]];
            foreach (var datagram in (byte[][])[record, [.. seen[^1], .. record], [.. record, .. record, .. seen[^1]]])
            {
                pair.Client.Receive(datagram);
                pair.Server.Receive(datagram);
            }
        }

        Assert.Equal((DtlsState.Connected, DtlsState.Connected), (pair.Client.State, pair.Server.State));
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var datagram = Mutate(seen[random.Next(seen.Count)], random);
            pair.Client.Receive(datagram);
            pair.Server.Receive(datagram);
        }

        foreach (var datagram in seen) pair.Server.Receive(datagram);
        Assert.Equal((DtlsState.Connected, DtlsState.Connected), (pair.Client.State, pair.Server.State));
        pair.Network = (datagram, _) => [datagram];
        pair.Client.Close();
        pair.Exchange();
        Assert.Equal(DtlsState.Closed, pair.Server.State);
    }

    [Fact]
    public void A_handshake_of_mutated_datagrams_fails_or_passes_but_never_throws()
    {
        const int Handshakes = 80;
        var connected = 0;
        for (var seed = 0; seed < Handshakes; seed++)
        {
            using var pair = new DtlsPair();
            var random = new Random(seed);
            pair.Network = (datagram, _) => random.Next(6) == 0 ? [Mutate(datagram, random)] : [datagram];
            pair.Run(TimeSpan.FromMilliseconds(150));
            if (pair.Client.State != DtlsState.Connected || pair.Server.State != DtlsState.Connected) continue;
            connected++;
            Assert.Equal(pair.Client.ExportKeys(), pair.Server.ExportKeys());
        }

        // If none passed, or all did, the test would show nothing.
        Assert.InRange(connected, 1, Handshakes - 1);
    }

    private static string Hex(byte[]? digest) => string.Join(':', Convert.ToHexString(digest!).Chunk(2).Select(pair => new string(pair)));

    private static bool IsClientHello(byte[] datagram) => datagram[0] == 22 && datagram[13] == 1;

    /// <summary>Cuts a ClientHello as one that is too long for the path (RFC 6347 section 4.2.3).</summary>
    private static IEnumerable<byte[]> Fragments(byte[] datagram)
    {
        const int Record = 13, Handshake = 12;
        var body = datagram.AsSpan(Record + Handshake).ToArray();
        var half = body.Length / 2;
        foreach (var (offset, length) in new[] { (0, half), (half, body.Length - half) })
        {
            var fragment = new byte[Record + Handshake + length];
            datagram.AsSpan(0, Record + Handshake).CopyTo(fragment);
            BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(11), (ushort)(Handshake + length));
            MoveOn(fragment, offset > 0 ? 1 : 0);
            Write24(fragment.AsSpan(Record + 6), offset);
            Write24(fragment.AsSpan(Record + 9), length);
            body.AsSpan(offset, length).CopyTo(fragment.AsSpan(Record + Handshake));
            yield return fragment;
        }
    }

    /// <summary>Raises the sequence numbers of the records that are not encrypted.</summary>
    private static void MoveOn(Span<byte> records, int by)
    {
        for (; records.Length > 13 && records[4] == 0; records = records[(13 + BinaryPrimitives.ReadUInt16BigEndian(records[11..]))..]) records[10] += (byte)by;
    }

    private static void Write24(Span<byte> to, int value) => (to[0], to[1], to[2]) = ((byte)(value >> 16), (byte)(value >> 8), (byte)value);

    private static byte[] Mutate(byte[] datagram, Random random)
    {
        var mutated = datagram.ToArray();
        for (var i = random.Next(1, 6); i > 0; i--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
        return random.Next(4) == 0 ? mutated[..random.Next(mutated.Length)] : mutated;
    }
}
