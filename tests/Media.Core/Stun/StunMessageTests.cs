using System.Net;
using System.Text;
using Parley.Media.Core;
using Parley.Media.Core.Stun;

namespace Parley.tests.Media.Core.Stun;

public class StunMessageTests
{
    private static readonly byte[] Transaction = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    private static readonly byte[] Key = "key"u8.ToArray();

    [Theory]
    [InlineData("10.1.2.3:4000")]
    [InlineData("[2001:db8::7]:65535")]
    public void What_is_written_is_read_back(string peer)
    {
        var address = AddressKey.Of(IPEndPoint.Parse(peer));
        var buffer = new byte[400];
        var writer = new StunWriter(buffer, StunClass.Error, StunMethod.ChannelBind, Transaction);
        writer.AddErrorCode(438, "Stale Nonce"u8);
        writer.Add(StunAttribute.Realm, "example.org"u8);
        writer.AddXorAddress(StunAttribute.XorPeerAddress, address);
        writer.AddUInt64(StunAttribute.ReservationToken, 77);
        writer.AddUnknownAttributes([StunAttribute.EvenPort, (StunAttribute)0x7777]);
        writer.AddFlag(StunAttribute.UseCandidate);
        writer.AddIntegrity(Key);
        writer.AddIntegritySha256(Key);
        writer.AddFingerprint();

        Assert.True(StunMessage.TryParse(writer.Written, out var message));
        Assert.Equal((StunClass.Error, StunMethod.ChannelBind), (message.Class, message.Method));
        Assert.True(message.TransactionId.SequenceEqual(Transaction));
        Assert.True(message.TryGetErrorCode(out var code));
        Assert.Equal(438, code);
        Assert.True(message.TryGet(StunAttribute.Realm, out var realm));
        Assert.Equal("example.org", Encoding.ASCII.GetString(realm));
        Assert.True(message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var read));
        Assert.Equal(address, read);
        Assert.Equal(IPEndPoint.Parse(peer), read.ToIPEndPoint());
        Assert.True(message.TryGetUInt64(StunAttribute.ReservationToken, out var token));
        Assert.Equal(77ul, token);
        Assert.True(message.TryGet(StunAttribute.UnknownAttributes, out var unknown));
        Assert.Equal("00187777", Convert.ToHexString(unknown));
        Assert.True(message.Has(StunAttribute.UseCandidate));
        Assert.Equal(StunProof.Valid, message.CheckIntegrity(Key));
        Assert.Equal(StunProof.Valid, message.CheckIntegritySha256(Key));
        Assert.Equal(StunProof.Valid, message.CheckFingerprint());
    }

    [Fact]
    public void Any_flipped_bit_is_noticed()
    {
        var original = Rfc5769Tests.Request;
        for (var bit = 0; bit < original.Length * 8; bit++)
        {
            var bytes = (byte[])original.Clone();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            if (StunMessage.TryParse(bytes, out var message)) Assert.NotEqual(StunProof.Valid, message.CheckFingerprint());
        }
    }

    [Fact]
    public void A_message_cut_anywhere_is_refused()
    {
        var original = Rfc5769Tests.Request;
        for (var length = 0; length < original.Length; length++) Assert.False(StunMessage.TryParse(original.AsSpan(0, length), out _));
    }

    [Fact]
    public void What_follows_the_integrity_is_not_seen()
    {
        var buffer = new byte[100];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, Transaction);
        writer.AddIntegrity(Key);
        writer.AddFlag(StunAttribute.UseCandidate);
        Assert.True(StunMessage.TryParse(writer.Written, out var message));
        Assert.Equal(StunProof.Valid, message.CheckIntegrity(Key));
        Assert.False(message.Has(StunAttribute.UseCandidate));
    }

    [Fact]
    public void Unknown_attributes_that_must_be_understood_are_listed_once()
    {
        var buffer = new byte[100];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, Transaction);
        writer.AddFlag((StunAttribute)0x7001);
        writer.AddFlag((StunAttribute)0x7001);
        writer.AddFlag(StunAttribute.Username);
        writer.AddFlag((StunAttribute)0xF001);
        Assert.True(StunMessage.TryParse(writer.Written, out var message));
        Span<StunAttribute> unknown = stackalloc StunAttribute[4];
        Assert.Equal(1, message.FindUnknownRequired([StunAttribute.Username], unknown));
        Assert.Equal((StunAttribute)0x7001, unknown[0]);
    }

    [Fact]
    public void A_message_that_does_not_fit_has_no_length()
    {
        var writer = new StunWriter(new byte[30], StunClass.Request, StunMethod.Binding, Transaction);
        writer.AddUInt32(StunAttribute.Priority, 1);
        writer.AddUInt32(StunAttribute.Priority, 1);
        writer.AddFlag(StunAttribute.UseCandidate);
        Assert.Equal(0, writer.Length);
    }

    [Fact]
    public void Checking_and_writing_allocates_nothing()
    {
        var request = Rfc5769Tests.Request;
        var buffer = new byte[200];
        var password = "VOkJxbRl1RmTxUk/WvJxBt"u8.ToArray();
        void Once()
        {
            if (!StunMessage.TryParse(request, out var message) || message.CheckIntegrity(password) != StunProof.Valid) throw new InvalidOperationException();
            var writer = new StunWriter(buffer, StunClass.Success, StunMethod.Binding, message.TransactionId);
            writer.AddXorAddress(StunAttribute.XorMappedAddress, default);
            writer.AddIntegrity(password);
            writer.AddFingerprint();
        }

        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 1000; i++) Once();
        }));
    }
}
