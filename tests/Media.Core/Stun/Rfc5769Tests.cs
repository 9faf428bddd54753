using System.Net;
using System.Security.Cryptography;
using System.Text;
using Parley.Media.Core;
using Parley.Media.Core.Stun;

namespace Parley.tests.Media.Core.Stun;

/// <summary>The sample messages of RFC 5769.</summary>
public class Rfc5769Tests
{
    private static readonly byte[] Password = Encoding.UTF8.GetBytes("VOkJxbRl1RmTxUk/WvJxBt");

    internal static byte[] Request => Convert.FromHexString(
        "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36" +
        "000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf");

    [Fact]
    public void The_sample_request_is_read_and_proved()
    {
        Assert.True(StunMessage.TryParse(Request, out var message));
        Assert.Equal((StunClass.Request, StunMethod.Binding), (message.Class, message.Method));
        Assert.True(message.TryGet(StunAttribute.Username, out var username));
        Assert.Equal("evtj:h6vY", Encoding.ASCII.GetString(username));
        Assert.True(message.TryGetUInt32(StunAttribute.Priority, out var priority));
        Assert.Equal(0x6e0001ffu, priority);
        Assert.True(message.TryGetUInt64(StunAttribute.IceControlled, out var tieBreaker));
        Assert.Equal(0x932ff9b151263b36ul, tieBreaker);
        Assert.Equal(StunProof.Valid, message.CheckIntegrity(Password));
        Assert.Equal(StunProof.Invalid, message.CheckIntegrity("another"u8));
        Assert.Equal(StunProof.Missing, message.CheckIntegritySha256(Password));
        Assert.Equal(StunProof.Valid, message.CheckFingerprint());
    }

    [Theory]
    [InlineData("0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96",
        "192.0.2.1:32853")]
    [InlineData("010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c",
        "[2001:db8:1234:5678:11:2233:4455:6677]:32853")]
    public void The_sample_responses_are_read_and_proved(string hex, string mapped)
    {
        Assert.True(StunMessage.TryParse(Convert.FromHexString(hex), out var message));
        Assert.Equal((StunClass.Success, StunMethod.Binding), (message.Class, message.Method));
        Assert.True(message.TryGetXorAddress(StunAttribute.XorMappedAddress, out var address));
        Assert.Equal(AddressKey.Of(IPEndPoint.Parse(mapped)), address);
        Assert.Equal(StunProof.Valid, message.CheckIntegrity(Password));
        Assert.Equal(StunProof.Valid, message.CheckFingerprint());
    }

    [Fact]
    public void The_sample_request_with_long_term_credentials_is_proved()
    {
        var bytes = Convert.FromHexString(
            "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b900000015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b" +
            "6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666");
#pragma warning disable CA5351 // The long-term key is an MD5 by RFC 8489 section 18.5.1.
        var key = MD5.HashData(Encoding.UTF8.GetBytes("マトリックス:example.org:TheMatrIX"));
#pragma warning restore CA5351
        Assert.True(StunMessage.TryParse(bytes, out var message));
        Assert.Equal(StunProof.Valid, message.CheckIntegrity(key));
        Assert.Equal(StunProof.Missing, message.CheckFingerprint());
    }
}
