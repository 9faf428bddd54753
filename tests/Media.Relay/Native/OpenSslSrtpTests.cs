using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Native;
using Parley.tests.Media.Core.Srtp;
using Parley.tests.Media.Core;

namespace Parley.tests.Media.Relay.Native;

public class OpenSslSrtpTests
{
    private static readonly OpenSslSrtpCipherFactory OpenSslFactory = new();

    public static TheoryData<SrtpProfile> Profiles => [SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1Tag80];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void It_agrees_with_the_framework_on_any_length(SrtpProfile profile)
    {
        var random = new Random(11);
        var (key, authentication) = (Bytes(random, 16), Bytes(random, profile.AuthenticationKeyLength()));
        using var ours = OpenSslFactory.Create(profile, key, authentication);
        using var theirs = new ManagedSrtpCipher(profile, key, authentication);
        for (var length = 0; length < 1500; length += length < 70 ? 1 : 37)
        {
            var data = Bytes(random, length);
            var expected = data.ToArray();
            if (profile == SrtpProfile.AeadAes128Gcm)
            {
                var (iv, associated, tag, expectedTag) = (Bytes(random, 12), Bytes(random, random.Next(1, 80)), new byte[16], new byte[16]);
                ours.Seal(iv, associated, data, tag);
                theirs.Seal(iv, associated, expected, expectedTag);
                Assert.Equal(expectedTag, tag);
                Assert.Equal(expected, data);
                Assert.True(ours.Open(iv, associated, data, tag));
                Assert.True(theirs.Open(iv, associated, expected, tag));
                Assert.Equal(expected, data);
                continue;
            }

            var (counter, mac, expectedMac) = (Bytes(random, 16), new byte[20], new byte[20]);
            // The last 16 bits count blocks and are 0 in SRTP; others carry over.
            if (random.Next(2) == 0) (counter[14], counter[15]) = (0xFF, 0xF0);
            ours.ApplyKeystream(counter, data);
            theirs.ApplyKeystream(counter, expected);
            Assert.Equal(expected, data);
            ours.Authenticate(data, mac);
            theirs.Authenticate(data, expectedMac);
            Assert.Equal(expectedMac, mac);
        }
    }

    [Fact]
    public void It_refuses_what_was_changed_and_goes_on()
    {
        var random = new Random(12);
        using var cipher = OpenSslFactory.Create(SrtpProfile.AeadAes128Gcm, Bytes(random, 16), []);
        var (iv, associated, clear) = (Bytes(random, 12), Bytes(random, 12), Bytes(random, 100));
        var (data, tag) = (clear.ToArray(), new byte[16]);
        cipher.Seal(iv, associated, data, tag);
        for (var i = 0; i < 128; i++)
        {
            var (d, a, t) = (data.ToArray(), associated.ToArray(), tag.ToArray());
            if (i < 100) d[i] ^= 1;
            else if (i < 112) a[i - 100] ^= 1;
            else t[i - 112] ^= 1;
            Assert.False(cipher.Open(iv, a, d, t));
        }

        Assert.True(cipher.Open(iv, associated, data, tag));
        Assert.Equal(clear, data);
    }

    [Fact]
    public void A_GCM_packet_is_that_of_RFC_7714_16_1()
    {
        using var cipher = OpenSslFactory.Create(SrtpProfile.AeadAes128Gcm, Convert.FromHexString("000102030405060708090a0b0c0d0e0f"), []);
        var packet = Convert.FromHexString("8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e697320646976697361" + "20696e207061727465732074726573");
        var tag = new byte[16];
        cipher.Seal(Convert.FromHexString("51753c6580c2726f20718414"), packet.AsSpan(0, 12), packet.AsSpan(12), tag);
        Assert.Equal("f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833", Convert.ToHexStringLower(packet.AsSpan(12)));
        Assert.Equal("899d7f27beb16a9152cf765ee4390cce", Convert.ToHexStringLower(tag));
    }

    [Fact]
    public void The_keystream_is_that_of_RFC_3711_B2()
    {
        using var cipher = OpenSslFactory.Create(SrtpProfile.AesCm128HmacSha1Tag80, Convert.FromHexString("2B7E151628AED2A6ABF7158809CF4F3C"), new byte[20]);
        var data = new byte[48];
        cipher.ApplyKeystream(Convert.FromHexString("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), data);
        Assert.Equal("E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0", Convert.ToHexString(data));
    }

    [Fact]
    public void An_AES_CM_packet_is_protected_as_libsrtp_does()
    {
        var master = new SrtpMasterKey(SrtpProfile.AesCm128HmacSha1Tag80, Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139"), Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6"));
        using var sender = new SrtpSender(master, OpenSslFactory);
        var packet = Convert.FromHexString("800f1234decafbadcafebabe" + string.Concat(Enumerable.Repeat("ab", 16)) + new string('0', 20));
        Assert.Equal(SrtpResult.Ok, sender.ProtectRtp(packet, 28, out var length));
        Assert.Equal("800F1234DECAFBADCAFEBABE4E55DC4CE79978D88CA4D215949D2402B78D6ACC99EA179B8DBB", Convert.ToHexString(packet.AsSpan(0, length)));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Protecting_and_unprotecting_allocate_nothing(SrtpProfile profile)
    {
        var master = new SrtpMasterKey(profile, Bytes(new(1), 16), Bytes(new(2), profile.SaltLength()));
        using var sender = new SrtpSender(master, OpenSslFactory);
        using var receiver = new SrtpReceiver(master, OpenSslFactory);
        var packet = new byte[1300];
        var (sequence, passed) = (0, 0);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 10_000; i++, sequence++)
            {
                (packet[0], packet[1], packet[2], packet[3]) = (0x80, 96, (byte)(sequence >> 8), (byte)sequence);
                if (sender.ProtectRtp(packet, 1200, out var length) == SrtpResult.Ok && receiver.UnprotectRtp(packet.AsSpan(0, length), out _, out _) == SrtpResult.Ok) passed++;
            }
        }));

        Assert.Equal(sequence, passed);
    }

    [Fact]
    public void Wrong_sizes_are_our_mistake_and_told()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OpenSslFactory.Create(SrtpProfile.AeadAes128Gcm, new byte[15], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => OpenSslFactory.Create(SrtpProfile.AesCm128HmacSha1Tag80, new byte[16], []));
        var cipher = OpenSslFactory.Create(SrtpProfile.AeadAes128Gcm, new byte[16], []);
        Assert.Throws<ArgumentException>(() => cipher.Seal(new byte[11], [], new byte[1], new byte[16]));
        Assert.Throws<ArgumentException>(() => cipher.Open(new byte[12], [], new byte[1], new byte[15]));
        Assert.Throws<ObjectDisposedException>(() => cipher.Authenticate([], new byte[20]));
        cipher.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cipher.Seal(new byte[12], [], new byte[1], new byte[16]));
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
