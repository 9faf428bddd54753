using System.Buffers.Binary;
using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

public sealed class TurnDeframerTests
{
    private const int Max = 4096;

    /// <summary>Whatever the pieces that a stream comes in, the messages are the same: those that were sent, less those that are too long.</summary>
    [Fact]
    public void Messages_come_out_as_they_went_in_however_the_stream_is_cut()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var sent = Enumerable.Range(0, random.Next(40)).Select(_ => Message(random)).Prepend(Stun(random, 3)).ToList();
            var stream = sent.SelectMany(m => m).ToArray();
            var deframer = new TurnDeframer(Max);
            var got = new List<byte[]>();
            var tooLong = 0;
            for (var at = 0; at < stream.Length;)
            {
                var piece = Math.Min(stream.Length - at, random.Next(3) switch { 0 => 1, 1 => random.Next(1, 30), _ => random.Next(1, 9000) });
                ReadOnlySpan<byte> input = stream.AsSpan(at, piece);
                at += piece;
                for (TurnFrame frame; (frame = deframer.Next(ref input, out var message)) != TurnFrame.NeedMore;)
                {
                    Assert.NotEqual(TurnFrame.Broken, frame);
                    if (frame == TurnFrame.TooLong) tooLong++;
                    else got.Add(message.ToArray());
                }

                Assert.True(input.IsEmpty);
            }

            Assert.False(deframer.IsInside);
            Assert.Equal(sent.Where(m => m.Length <= Max), got);
            Assert.Equal(sent.Count(m => m.Length > Max), tooLong);
        }
    }

    [Fact]
    public void Garbage_breaks_it_or_makes_messages_and_never_more_than_came()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var deframer = new TurnDeframer(Max);
            var (came, went) = (0, 0);
            for (var i = 0; i < 50; i++)
            {
                var bytes = new byte[random.Next(1, 200)];
                random.NextBytes(bytes);
                // Half of it begins as something of ours would, lest all break at the first byte.
                if (i == 0 || random.Next(2) == 0) bytes[0] &= (byte)(i == 0 ? 3 : 0x7F);
                came += bytes.Length;
                ReadOnlySpan<byte> input = bytes;
                TurnFrame frame;
                while ((frame = deframer.Next(ref input, out var message)) is TurnFrame.Message or TurnFrame.TooLong)
                {
                    went += message.Length;
                    Assert.InRange(message.Length, 0, Max);
                    Assert.InRange(went, 0, came);
                }

                if (frame == TurnFrame.Broken) break;
            }
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("<?xml version='1.0'?>")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("\u0080")]
    [InlineData("@\u0000\u0000\u0000")] // a channel before any request
    [InlineData("\u0000\u0001\u0000\u0000GET ")] // no cookie
    [InlineData("\u0000\u0001\u0000\u0003!\u0012\u00a4B")] // a length that is no multiple of 4
    public void What_is_no_message_breaks_it(string start)
    {
        ReadOnlySpan<byte> input = System.Text.Encoding.Latin1.GetBytes(start);
        Assert.Equal(TurnFrame.Broken, new TurnDeframer(Max).Next(ref input, out _));
    }

    [Fact]
    public void An_empty_channel_message_needs_no_further_byte()
    {
        var deframer = new TurnDeframer(Max);
        foreach (var (part, expected) in new (byte[], TurnFrame)[] { (Stun(new Random(1), 0), TurnFrame.Message), ([0x40], TurnFrame.NeedMore), ([0, 0, 0], TurnFrame.Message) })
        {
            ReadOnlySpan<byte> input = part;
            Assert.Equal(expected, deframer.Next(ref input, out _));
        }
    }

    [Fact]
    public void A_first_message_is_recognized_by_the_cookie_and_nothing_else_is()
    {
        var binding = Stun(new Random(1), 0);
        Assert.Null(TurnDeframer.Recognizes([]));
        for (var i = 1; i < 8; i++) Assert.Null(TurnDeframer.Recognizes(binding.AsSpan(0, i)));
        Assert.True(TurnDeframer.Recognizes(binding.AsSpan(0, 8)));
        Assert.True(TurnDeframer.Recognizes(binding));
        foreach (var other in (string[])["G", "PRI * HTTP/2.0", "<", "\u0016\u0003", "\u0000\u0001\u0000\u0000\u0022"])
            Assert.False(TurnDeframer.Recognizes(System.Text.Encoding.Latin1.GetBytes(other)));
    }

    private static byte[] Message(Random random) => random.Next(2) == 0 ? Stun(random, random.Next(4) == 0 ? random.Next(16384) : random.Next(100)) : Channel(random, random.Next(4) == 0 ? random.Next(65536) : random.Next(300));

    private static byte[] Stun(Random random, int words)
    {
        var message = new byte[StunMessage.HeaderLength + words * 4];
        random.NextBytes(message);
        message[0] &= 3;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)(words * 4));
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), StunMessage.Cookie);
        return message;
    }

    private static byte[] Channel(Random random, int length)
    {
        var message = new byte[4 + ((length + 3) & ~3)];
        random.NextBytes(message.AsSpan(0, 4 + length));
        message[0] = (byte)(0x40 | (message[0] & 0x3F));
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)length);
        return message;
    }
}
