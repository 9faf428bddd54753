namespace Parley.Media.Core.Turn;

/// <summary>What names an allocation (RFC 8656 section 2): the client's address and the server's that it speaks to, over UDP.</summary>
/// <param name="Client">The client's address as the server sees it.</param>
/// <param name="Server">The server's address that it sent to; answers leave from there.</param>
public readonly record struct FiveTuple(AddressKey Client, AddressKey Server)
{
    /// <inheritdoc/>
    public override int GetHashCode() => Client.GetHashCode();
}
