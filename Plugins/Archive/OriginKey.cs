using System.Runtime.InteropServices;

namespace Parley.Plugins.Archive;

/// <summary>A message's origin in an owner's archive.</summary>
/// <param name="Owner">The owner's number.</param>
/// <param name="Origin">The beginning of the origin's fingerprint, which is as good as all of it.</param>
internal readonly record struct OriginKey(long Owner, UInt128 Origin)
{
    /// <summary>Of a fingerprint.</summary>
    public OriginKey(long owner, byte[] origin)
        : this(owner, MemoryMarshal.Read<UInt128>(origin))
    {
    }
}
