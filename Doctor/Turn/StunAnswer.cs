using System.Buffers.Binary;
using System.Globalization;
using Parley.Media.Core;
using Parley.Media.Core.Stun;

namespace Parley.Doctor.Turn;

/// <summary>What a server answered to a request.</summary>
/// <param name="Code">0 for a success, else the error code.</param>
/// <param name="Mapped">Our address as the server sees it; null if not told.</param>
/// <param name="Relayed">The relayed address; null if not told.</param>
/// <param name="Realm">The realm.</param>
/// <param name="Nonce">The nonce.</param>
internal sealed record StunAnswer(int Code, AddressKey? Mapped, AddressKey? Relayed, byte[] Realm, byte[] Nonce)
{
    /// <summary>A transaction id as a number.</summary>
    public static UInt128 TransactionOf(ReadOnlySpan<byte> id) => new(BinaryPrimitives.ReadUInt32BigEndian(id), BinaryPrimitives.ReadUInt64BigEndian(id[4..]));

    /// <summary>Reads an answer; null if it is forged: once there is a key, only challenges come without integrity (RFC 8489 section 9.2.5).</summary>
    public static StunAnswer? Read(StunMessage message, ReadOnlySpan<byte> key)
    {
        var code = 0;
        if (message.Class == StunClass.Error && !message.TryGetErrorCode(out code)) return null;
        if (key.Length > 0 && message.Method != StunMethod.Binding && code is not (400 or 401 or 438) && message.CheckIntegrity(key) != StunProof.Valid) return null;
        return new(code,
            message.TryGetXorAddress(StunAttribute.XorMappedAddress, out var mapped) ? mapped : null,
            message.TryGetXorAddress(StunAttribute.XorRelayedAddress, out var relayed) ? relayed : null,
            message.TryGet(StunAttribute.Realm, out var realm) ? realm.ToArray() : [],
            message.TryGet(StunAttribute.Nonce, out var nonce) ? nonce.ToArray() : []);
    }

    /// <summary>The code with its name (RFC 8489 section 14.8, RFC 8656 section 19), for people.</summary>
    public string Describe() => Code switch
    {
        0 => "success",
        400 => "400 Bad Request",
        401 => "401 Unauthenticated",
        403 => "403 Forbidden",
        437 => "437 Allocation Mismatch",
        440 => "440 Address Family not Supported",
        441 => "441 Wrong Credentials",
        486 => "486 Allocation Quota Reached",
        508 => "508 Insufficient Capacity",
        _ => Code.ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>A TURN server refuses.</summary>
internal sealed class TurnRefusedException(StunMethod method, StunAnswer answer) : Exception($"{method} is refused with {answer.Describe()}")
{
    public int Code => answer.Code;
}
