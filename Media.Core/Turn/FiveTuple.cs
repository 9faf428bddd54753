namespace Parley.Media.Core.Turn;

/// <summary>What names an allocation (RFC 8656 section 2): the client's address, the server's that it speaks to, and how.</summary>
/// <param name="Client">The client's address as the server sees it.</param>
/// <param name="Server">The server's address that it sent to; answers leave from there.</param>
/// <param name="Connection">0 over UDP; else the number of the TCP or TLS connection, of which no two are ever the same: a connection's end is its allocation's.</param>
public readonly record struct FiveTuple(AddressKey Client, AddressKey Server, ulong Connection = 0)
{
    /// <summary>Whether the client came over TCP or TLS.</summary>
    public bool IsStream => Connection != 0;

    /// <inheritdoc/>
    public override int GetHashCode() => Client.GetHashCode();
}
