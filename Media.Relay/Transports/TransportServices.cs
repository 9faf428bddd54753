using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Media.Core.Audio.Prompts;
using Parley.Media.Core.Dtls;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Conferences;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Pictures;
using Parley.Media.Relay.Recording;

namespace Parley.Media.Relay.Transports;

/// <summary>What a worker's transports share.</summary>
internal sealed class TransportServices
{
    public required IDatagramSender Sender { get; init; }

    public required IDtlsEngineFactory Dtls { get; init; }

    public required IHandshakeRunner Handshakes { get; init; }

    public required ISrtpCipherFactory Ciphers { get; init; }

    /// <summary>Cryptographic, but for tests.</summary>
    public required Random Random { get; init; }

    public required NtpClock Ntp { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Mixes audio; null where that is off.</summary>
    public IAudioMixer? Mixer { get; init; }

    /// <summary>Ports for transports without ICE; null where there are none.</summary>
    public IRawPorts? RawPorts { get; init; }

    /// <summary>Records conferences; null where that is off.</summary>
    public IRecorder? Recorder { get; init; }

    /// <summary>Composes and transcodes pictures; null where that is off.</summary>
    public IPictureMixer? Pictures { get; init; }

    /// <summary>What whoever hears the mix is told when the call is recorded.</summary>
    public ReadOnlyMemory<float> RecordedWords { get; init; } = RecordedPrompt.DefaultWords;

    public TransportTable Table { get; } = new();

    public ForwardQueue Forwards { get; } = new();

    public RelayCounters Counters { get; } = new();
}

/// <summary>Who is told of a transport's fate.</summary>
internal interface ITransportOwner
{
    /// <summary>ICE and DTLS are up.</summary>
    void OnConnected(RelayTransport transport, long nowMs);

    /// <summary>It ended by itself.</summary>
    void OnEnded(RelayTransport transport, TransportEnd why, long nowMs);

    /// <summary>Where its transports without ICE were heard, and when.</summary>
    RawLiveness Liveness { get; }

    /// <summary>All that it sends is muted: silence says nothing.</summary>
    bool IsOnHold { get; }

    /// <summary>Another sender has taken a track over, with numbers of its own: the track begins anew.</summary>
    void Renew(RelayTrack track, long nowMs);
}

/// <summary>Where a transport stands.</summary>
internal enum TransportPhase
{
    /// <summary>Waits for checks, or for the handshake.</summary>
    Connecting,
    /// <summary>Keys are there.</summary>
    Connected,
    /// <summary>Over for good.</summary>
    Ended,
}
