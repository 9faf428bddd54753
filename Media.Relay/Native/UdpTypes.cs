using Parley.Media.Core;

namespace Parley.Media.Relay.Native;

/// <summary>One received datagram of a batch.</summary>
/// <param name="Local">The address that it was sent to (IP_PKTINFO where the socket tells it) and the socket's port.</param>
/// <param name="Remote">Where it came from.</param>
/// <param name="Offset">Where its bytes begin in the batch's slab.</param>
/// <param name="Length">How many.</param>
public readonly record struct ReceivedDatagram(AddressKey Local, AddressKey Remote, int Offset, int Length);
