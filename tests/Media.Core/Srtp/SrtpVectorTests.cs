using Parley.Media.Core.Srtp;

namespace Parley.tests.Media.Core.Srtp;

/// <summary>RFC 3711 appendix B, RFC 7714 sections 16 and 17, and the packet that libsrtp's own tests use.</summary>
public class SrtpVectorTests
{
    private static readonly SrtpMasterKey Master = new(SrtpProfile.AesCm128HmacSha1Tag80,
        Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139"), Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6"));

    private static readonly SrtpSessionKeys GcmKeys = SrtpSessionKeys.Of(SrtpProfile.AeadAes128Gcm,
        Convert.FromHexString("000102030405060708090a0b0c0d0e0f"), [], Convert.FromHexString("517569642070726f2071756f"));

    [Theory]
    [InlineData(0, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(2, "30CBBC08863D8C85D49DB34A9AE1")]
    [InlineData(1, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF722709863 71C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2")]
    public void The_session_keys_are_those_of_RFC_3711_B3(byte label, string expected)
    {
        expected = expected.Replace(" ", "");
        var key = new byte[expected.Length / 2];
        SrtpSessionKeys.Expand(Master, label, key);
        Assert.Equal(expected, Convert.ToHexString(key));
    }

    [Fact]
    public void The_keystream_is_that_of_RFC_3711_B2()
    {
        using var cipher = new ManagedSrtpCipher(SrtpProfile.AesCm128HmacSha1Tag80, Convert.FromHexString("2B7E151628AED2A6ABF7158809CF4F3C"), new byte[20]);
        var data = new byte[48];
        cipher.ApplyKeystream(Convert.FromHexString("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), data);
        Assert.Equal("E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0", Convert.ToHexString(data));
    }

    [Fact]
    public void An_AES_CM_packet_is_protected_as_libsrtp_does()
    {
        using var sender = new SrtpSender(Master, new ManagedSrtpCipher.Factory());
        var packet = Convert.FromHexString("800f1234decafbadcafebabe" + string.Concat(Enumerable.Repeat("ab", 16)) + new string('0', 20));
        Assert.Equal(SrtpResult.Ok, sender.ProtectRtp(packet, 28, out var length));
        Assert.Equal("800F1234DECAFBADCAFEBABE4E55DC4CE79978D88CA4D215949D2402B78D6ACC99EA179B8DBB", Convert.ToHexString(packet.AsSpan(0, length)));
    }

    [Fact]
    public void A_GCM_packet_is_that_of_RFC_7714_16_1()
    {
        const string Clear = "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e697320646976697361" + "20696e207061727465732074726573";
        const string Protected = "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce";
        using var sender = new SrtpSender(GcmKeys, GcmKeys, new ManagedSrtpCipher.Factory());
        var packet = Convert.FromHexString(Clear + new string('0', 32));
        Assert.Equal(SrtpResult.Ok, sender.ProtectRtp(packet, Clear.Length / 2, out var length));
        Assert.Equal(Protected, Convert.ToHexStringLower(packet.AsSpan(0, length)));
        using var receiver = new SrtpReceiver(GcmKeys, GcmKeys, new ManagedSrtpCipher.Factory());
        Assert.Equal(SrtpResult.Ok, receiver.UnprotectRtp(packet, out _, out length));
        Assert.Equal(Clear, Convert.ToHexStringLower(packet.AsSpan(0, length)));
    }

    [Fact]
    public void A_GCM_RTCP_packet_is_that_of_RFC_7714_17_1()
    {
        const string Clear = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
        const string Protected = "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4";
        using var sender = new SrtpSender(GcmKeys, GcmKeys, new ManagedSrtpCipher.Factory(), firstRtcpIndex: 0x5d4);
        var packet = Convert.FromHexString(Clear + new string('0', 40));
        Assert.Equal(SrtpResult.Ok, sender.ProtectRtcp(packet, Clear.Length / 2, out var length));
        Assert.Equal(Protected, Convert.ToHexStringLower(packet.AsSpan(0, length)));
        using var receiver = new SrtpReceiver(GcmKeys, GcmKeys, new ManagedSrtpCipher.Factory());
        Assert.Equal(SrtpResult.Ok, receiver.UnprotectRtcp(packet, out length));
        Assert.Equal(Clear, Convert.ToHexStringLower(packet.AsSpan(0, length)));
    }
}
