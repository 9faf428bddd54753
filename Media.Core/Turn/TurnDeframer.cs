using System.Buffers.Binary;
using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>What a step of a <see cref="TurnDeframer"/> came to.</summary>
public enum TurnFrame
{
    /// <summary>All input is taken; more must come.</summary>
    NeedMore,
    /// <summary>A whole message.</summary>
    Message,
    /// <summary>A message longer than what is taken begins: its bytes are passed over, and what follows it is read again.</summary>
    TooLong,
    /// <summary>This is no TURN client, or one that lost its place: nothing more can be read.</summary>
    Broken,
}

/// <summary>
/// Cuts a stream into messages: STUN by the length in its header (RFC 8489 section 6.2.2), ChannelData by its own, padded to a multiple of 4 (RFC 8656 section 12.5).
/// The first is a STUN message. Keeps at most one, and that only while it is incomplete.
/// </summary>
/// <param name="maxMessage">The longest message taken, in bytes with header and padding.</param>
public sealed class TurnDeframer(int maxMessage)
{
    private const int CookieEnd = 8, ChannelHeader = 4;

    // The first byte of every STUN method that there is (RFC 7983).
    private const int LastStun = 3;

    private byte[] _held = [];
    private int _count, _skip;
    private bool _hasBegun;

    /// <summary>Whether a message has begun that is not complete.</summary>
    public bool IsInside => _count > 0 || _skip > 0;

    /// <summary>Takes a step: call again, with what is left of the input, until it needs more or is broken.</summary>
    /// <param name="input">The bytes that came; what was taken is cut off.</param>
    /// <param name="message">A message with its padding, valid until the next step.</param>
    public TurnFrame Next(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> message)
    {
        message = default;
        Skip(ref input);
        if (!_hasBegun && !input.IsEmpty)
        {
            // No channel is bound before a request; HTTP's letters look like channels.
            if (input[0] > LastStun) return TurnFrame.Broken;
            _hasBegun = true;
        }

        if (_count == 0)
        {
            var length = LengthOf(input);
            if (length < 0) return TurnFrame.Broken;
            if (length > maxMessage) return Pass(length, ref input);
            if (length > 0 && input.Length >= length)
            {
                message = input[..length];
                input = input[length..];
                return TurnFrame.Message;
            }
        }

        while (true)
        {
            var length = LengthOf(_held.AsSpan(0, _count));
            if (length < 0) return TurnFrame.Broken;
            if (length > maxMessage) return Pass(length, ref input);
            if (length > 0 && _count == length)
            {
                message = _held.AsSpan(0, length);
                _count = 0;
                return TurnFrame.Message;
            }

            if (input.IsEmpty) return TurnFrame.NeedMore;
            Hold(ref input, length > 0 ? length : HeaderOf(_count == 0 ? input[0] : _held[0]));
        }
    }

    /// <summary>
    /// Whether a stream begins as a TURN client's does, with a STUN message; null while too little is there to tell. TLS records, XML and HTTP all begin otherwise, so
    /// it tells them apart on a shared port.
    /// </summary>
    public static bool? Recognizes(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) return null;
        if (start[0] > LastStun) return false;
        Span<byte> cookie = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(cookie, StunMessage.Cookie);
        var seen = start.Length <= 4 ? default : start[4..Math.Min(start.Length, CookieEnd)];
        if (!seen.SequenceEqual(cookie[..seen.Length])) return false;
        return seen.Length == 4 ? true : null;
    }

    /// <summary>The length of a message that is known to be one, padding included.</summary>
    public static int Measure(ReadOnlySpan<byte> message) => LengthOf(message);

    // 0 while its header is incomplete, -1 if it is no message.
    private static int LengthOf(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) return 0;
        switch (start[0] >> 6)
        {
            case 0:
                if (Recognizes(start) == false) return -1;
                if (start.Length < CookieEnd) return 0;
                var length = StunMessage.LengthOf(start);
                return (length & 3) == 0 ? length : -1;
            case 1:
                return start.Length < ChannelHeader ? 0 : ChannelHeader + StunMessage.Padded(BinaryPrimitives.ReadUInt16BigEndian(start[2..]));
            default:
                return -1;
        }
    }

    private static int HeaderOf(byte first) => first < 0x40 ? CookieEnd : ChannelHeader;

    private TurnFrame Pass(int length, ref ReadOnlySpan<byte> input)
    {
        (_skip, _count) = (length - _count, 0);
        Skip(ref input);
        return TurnFrame.TooLong;
    }

    private void Skip(ref ReadOnlySpan<byte> input)
    {
        var passed = Math.Min(_skip, input.Length);
        _skip -= passed;
        input = input[passed..];
    }

    // Takes input until so many bytes are held.
    private void Hold(ref ReadOnlySpan<byte> input, int wanted)
    {
        if (_held.Length < wanted) Array.Resize(ref _held, wanted <= CookieEnd ? CookieEnd : Math.Max(wanted, maxMessage));
        var taken = Math.Min(wanted - _count, input.Length);
        input[..taken].CopyTo(_held.AsSpan(_count));
        _count += taken;
        input = input[taken..];
    }
}
