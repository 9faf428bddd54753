namespace Parley.Media.Core.Ice;

/// <summary>Where an agent's output goes. Called from within the agent's methods; must not call back.</summary>
public interface IIceSink
{
    /// <summary>Sends a datagram from a local to a remote address; the bytes are only good during the call.</summary>
    void Send(AddressKey local, AddressKey remote, ReadOnlySpan<byte> datagram);

    /// <summary>An authenticated check came over a path: from now on what else comes from there belongs to this transport.</summary>
    void PathLearned(AddressKey local, AddressKey remote);

    /// <summary>A path is forgotten.</summary>
    void PathForgotten(AddressKey local, AddressKey remote);
}

/// <summary>What an agent made of a STUN message.</summary>
public enum IceInput
{
    /// <summary>A check was answered, or an answer was accepted.</summary>
    Accepted,
    /// <summary>No well-formed Binding message, or one that nothing here waits for.</summary>
    Ignored,
    /// <summary>The user fragment is not ours, or the peer's description has not come yet.</summary>
    UnknownUfrag,
    /// <summary>The message's integrity or fingerprint is wrong.</summary>
    Forged,
}

/// <summary>An agent's state.</summary>
public enum IceState
{
    /// <summary>No path works yet.</summary>
    Checking,
    /// <summary>A path works: packets may be sent over <see cref="IceAgent.TryGetPath"/>.</summary>
    Connected,
    /// <summary>No path came to work within 30 s of the peer's description. Final.</summary>
    NeverConnected,
    /// <summary>The peer's consent expired (RFC 7675). Final.</summary>
    ConsentExpired,
}
