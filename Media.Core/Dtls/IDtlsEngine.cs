using Parley.Media.Core.Srtp;

namespace Parley.Media.Core.Dtls;

/// <summary>Where an association stands.</summary>
public enum DtlsState
{
    /// <summary>Not started: our role is not settled. Datagrams of a peer that starts make us the server.</summary>
    New,
    /// <summary>The handshake runs.</summary>
    Handshaking,
    /// <summary>Keys are there and the peer's certificate is known.</summary>
    Connected,
    /// <summary>The peer said close_notify, or we closed.</summary>
    Closed,
    /// <summary>The handshake failed.</summary>
    Failed,
}

/// <summary>
/// One DTLS 1.2 association for DTLS-SRTP (RFC 5764): datagrams in, datagrams out. One thread at a time, not always the same. Times are milliseconds of the
/// caller's clock; what an engine's library reads from the wall clock itself is its own matter.
/// </summary>
public interface IDtlsEngine : IDisposable
{
    /// <summary>The state.</summary>
    DtlsState State { get; }

    /// <summary>The negotiated profile; null before <see cref="DtlsState.Connected"/>.</summary>
    SrtpProfile? Profile { get; }

    /// <summary>Whether we are the DTLS server.</summary>
    bool IsServer { get; }

    /// <summary>Settles our role; a client then has its first flight to send.</summary>
    void Start(bool isServer);

    /// <summary>Takes one datagram; a datagram that means nothing changes nothing.</summary>
    void Receive(ReadOnlySpan<byte> datagram);

    /// <summary>Writes the next datagram to send, at most 1,200 bytes; 0 when there is none.</summary>
    int WriteNext(Span<byte> to);

    /// <summary>Does retransmissions that are due; returns when to call again, <see cref="long.MaxValue"/> for not.</summary>
    long Tick(long nowMs);

    /// <summary>The digest of the peer's certificate by a hash of RFC 8122 (<c>sha-256</c>, <c>sha-1</c> is refused); null if the hash is not known or there is no certificate yet.</summary>
    byte[]? PeerDigest(string hash);

    /// <summary>The exporter's bytes for <c>EXTRACTOR-dtls_srtp</c>, <see cref="SrtpProfiles.ExporterLength"/> of them. Only once connected, and only after the fingerprint was compared.</summary>
    byte[] ExportKeys();

    /// <summary>Says close_notify, to be fetched by <see cref="WriteNext"/>.</summary>
    void Close();
}

/// <summary>Makes associations that show one certificate.</summary>
public interface IDtlsEngineFactory
{
    /// <summary>The fingerprint of our certificate by SHA-256, upper-case hexadecimal pairs joined by colons.</summary>
    string Fingerprint { get; }

    /// <summary>Makes an association.</summary>
    IDtlsEngine Create();
}
