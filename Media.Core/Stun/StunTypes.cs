namespace Parley.Media.Core.Stun;

/// <summary>A STUN message's class (RFC 8489 section 5).</summary>
public enum StunClass
{
    /// <summary>Expects an answer.</summary>
    Request = 0,
    /// <summary>Expects none.</summary>
    Indication = 1,
    /// <summary>A request succeeded.</summary>
    Success = 2,
    /// <summary>A request failed.</summary>
    Error = 3,
}

/// <summary>A STUN message's method.</summary>
public enum StunMethod
{
    /// <summary>RFC 8489: what is my address; under ICE, does this path work.</summary>
    Binding = 0x001,
    /// <summary>RFC 8656.</summary>
    Allocate = 0x003,
    /// <summary>RFC 8656.</summary>
    Refresh = 0x004,
    /// <summary>RFC 8656, indication only.</summary>
    Send = 0x006,
    /// <summary>RFC 8656, indication only.</summary>
    Data = 0x007,
    /// <summary>RFC 8656.</summary>
    CreatePermission = 0x008,
    /// <summary>RFC 8656.</summary>
    ChannelBind = 0x009,
    /// <summary>RFC 6062.</summary>
    Connect = 0x00A,
    /// <summary>RFC 6062.</summary>
    ConnectionBind = 0x00B,
    /// <summary>RFC 6062, indication only.</summary>
    ConnectionAttempt = 0x00C,
}

/// <summary>Attribute numbers. Those below 0x8000 must be understood by who receives them (RFC 8489 section 14).</summary>
public enum StunAttribute : ushort
{
    MappedAddress = 0x0001,
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCode = 0x0009,
    UnknownAttributes = 0x000A,
    ChannelNumber = 0x000C,
    Lifetime = 0x000D,
    XorPeerAddress = 0x0012,
    Data = 0x0013,
    Realm = 0x0014,
    Nonce = 0x0015,
    XorRelayedAddress = 0x0016,
    RequestedAddressFamily = 0x0017,
    EvenPort = 0x0018,
    RequestedTransport = 0x0019,
    DontFragment = 0x001A,
    AccessToken = 0x001B,
    MessageIntegritySha256 = 0x001C,
    PasswordAlgorithm = 0x001D,
    Userhash = 0x001E,
    XorMappedAddress = 0x0020,
    ReservationToken = 0x0022,
    Priority = 0x0024,
    UseCandidate = 0x0025,
    ConnectionId = 0x002A,
    AdditionalAddressFamily = 0x8000,
    AddressErrorCode = 0x8001,
    PasswordAlgorithms = 0x8002,
    AlternateDomain = 0x8003,
    Icmp = 0x8004,
    Software = 0x8022,
    AlternateServer = 0x8023,
    Fingerprint = 0x8028,
    IceControlled = 0x8029,
    IceControlling = 0x802A,
}
