using System.Globalization;

namespace Parley.Media.Core.Ice;

/// <summary>A candidate that the peer signalled. It is never probed: it only ranks a path that authenticated checks came over.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Priority">Its priority.</param>
public readonly record struct IceRemoteCandidate(AddressKey Address, uint Priority);

/// <summary>Numbers of our own candidates.</summary>
public static class IceCandidates
{
    private const int HostPreference = 126, PeerReflexivePreference = 110;

    /// <summary>A host candidate's priority (RFC 8445 section 5.1.2.1); the first address is preferred to the second and so on.</summary>
    public static uint HostPriority(int addressIndex, int component = 1) => Priority(HostPreference, addressIndex, component);

    /// <summary>The PRIORITY that a check carries: that of the peer-reflexive candidate it may reveal (RFC 8445 section 7.1.1).</summary>
    internal static uint CheckPriority { get; } = Priority(PeerReflexivePreference, 0, 1);

    /// <summary>A foundation: the same for the same type, base address and protocol (RFC 8445 section 5.1.1.3).</summary>
    public static string HostFoundation(AddressKey address) => ((uint)(address.Address ^ (address.Address >> 32) ^ (address.Address >> 64) ^ (address.Address >> 96))).ToString(CultureInfo.InvariantCulture);

    private static uint Priority(int type, int addressIndex, int component) => ((uint)type << 24) | ((uint)Math.Clamp(65535 - addressIndex, 0, 65535) << 8) | (uint)(256 - component);
}
