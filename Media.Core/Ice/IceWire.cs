using System.Buffers.Binary;
using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Ice;

/// <summary>The messages that an agent sends (RFC 8445 section 7).</summary>
internal static class IceWire
{
    public const int MaxLength = 700; // USERNAME has at most 513 bytes

    private static readonly StunAttribute[] Known =
        [StunAttribute.Username, StunAttribute.Priority, StunAttribute.UseCandidate, StunAttribute.MappedAddress, StunAttribute.XorMappedAddress, StunAttribute.Realm, StunAttribute.Nonce];

    public static int WriteCheck(Span<byte> to, UInt128 transaction, IceGeneration generation, bool isControlling, ulong tieBreaker, bool nominate)
    {
        Span<byte> id = stackalloc byte[12];
        WriteTransaction(id, transaction);
        var writer = new StunWriter(to, StunClass.Request, StunMethod.Binding, id);
        writer.Add(StunAttribute.Username, generation.OutboundUsername);
        writer.AddUInt32(StunAttribute.Priority, IceCandidates.CheckPriority);
        writer.AddUInt64(isControlling ? StunAttribute.IceControlling : StunAttribute.IceControlled, tieBreaker);
        if (nominate) writer.AddFlag(StunAttribute.UseCandidate);
        writer.AddIntegrity(generation.Remote!.Key);
        writer.AddFingerprint();
        return writer.Length;
    }

    public static int WriteSuccess(Span<byte> to, StunMessage check, IceGeneration generation, AddressKey remote)
    {
        var writer = new StunWriter(to, StunClass.Success, StunMethod.Binding, check.TransactionId);
        writer.AddXorAddress(StunAttribute.XorMappedAddress, remote);
        writer.AddIntegrity(generation.Local.Key);
        writer.AddFingerprint();
        return writer.Length;
    }

    public static int WriteError(Span<byte> to, StunMessage check, IceGeneration generation, int code, ReadOnlySpan<StunAttribute> unknown = default)
    {
        var writer = new StunWriter(to, StunClass.Error, StunMethod.Binding, check.TransactionId);
        writer.AddErrorCode(code);
        if (!unknown.IsEmpty) writer.AddUnknownAttributes(unknown);
        writer.AddIntegrity(generation.Local.Key);
        writer.AddFingerprint();
        return writer.Length;
    }

    public static int FindUnknown(StunMessage check, Span<StunAttribute> unknown) => check.FindUnknownRequired(Known, unknown);

    public static UInt128 ReadTransaction(ReadOnlySpan<byte> id) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(id), BinaryPrimitives.ReadUInt64BigEndian(id[4..]));

    private static void WriteTransaction(Span<byte> id, UInt128 transaction)
    {
        BinaryPrimitives.WriteUInt32BigEndian(id, (uint)(transaction >> 64));
        BinaryPrimitives.WriteUInt64BigEndian(id[4..], (ulong)transaction);
    }
}
