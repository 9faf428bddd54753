namespace Parley.Media.Core.Turn;

/// <summary>What an operator may choose about the TURN server.</summary>
public sealed record TurnSettings
{
    /// <summary>The realm of the long-term credentials: the server's domain.</summary>
    public required string Realm { get; init; }

    /// <summary>The first relay port.</summary>
    public ushort FirstPort { get; init; } = 49152;

    /// <summary>The last relay port.</summary>
    public ushort LastPort { get; init; } = 65535;

    /// <summary>How many allocations, reserved ports among them, an account may hold.</summary>
    public int AllocationsPerAccount { get; init; } = 50;

    /// <summary>How many the guests of one address group may hold together.</summary>
    public int AllocationsPerGuestGroup { get; init; } = 200;

    /// <summary>How many the guests in one room may hold together, wherever they come from.</summary>
    public int AllocationsPerGuestRoom { get; init; } = 400;

    /// <summary>Bytes of data a second that an account may have relayed, both ways together; a second's worth may come at once. 0: no limit.</summary>
    public long BytesPerSecondPerAccount { get; init; } = 16_000_000;

    /// <summary>Datagrams a second, likewise.</summary>
    public long PacketsPerSecondPerAccount { get; init; } = 20_000;

    /// <summary>Bytes a second of the guests of one address group together.</summary>
    public long BytesPerSecondPerGuestGroup { get; init; } = 64_000_000;

    /// <summary>Datagrams a second, likewise.</summary>
    public long PacketsPerSecondPerGuestGroup { get; init; } = 80_000;

    /// <summary>The longest lifetime that one request gives an allocation, in seconds.</summary>
    public uint MaxLifetime { get; init; } = 3600;

    /// <summary>Whether accounts may have TCP allocations (RFC 6062).</summary>
    public bool TcpAllocations { get; init; } = true;

    /// <summary>How many connections with peers a TCP allocation may have at once.</summary>
    public int ConnectionsPerAllocation { get; init; } = 32;

    /// <summary>How many permissions, and how many channels, an allocation may have.</summary>
    public int PeersPerAllocation { get; init; } = 128;
}
