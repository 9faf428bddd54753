using Parley.Media.Control;
using Parley.Media.Relay.Transports;
using static Parley.Media.Relay.Conferences.RequestValidator;

namespace Parley.Media.Relay.Conferences;

/// <summary>Validates what a request says of one transport against what there is.</summary>
internal static class TransportValidator
{
    // RFC 8839 section 5.4 allows 256 characters of each; fewer than 4 and 22 would be guessable.
    private const int MaxIceText = 256, MinUfrag = 4, MinPassword = 22, MaxFingerprints = 16, MaxCandidates = 256;

    public static void Check(TransportSpec spec, RelayTransport? current, IRawPorts? rawPorts)
    {
        if (spec.Raw is { } raw) RawTransportValidator.Check(spec, raw, current, rawPorts);
        else CheckIce(spec, current as IceTransport, current);
    }

    private static void CheckIce(TransportSpec spec, IceTransport? current, RelayTransport? any)
    {
        if (any is RawUdpTransport) throw Bad($"The transport {spec.Id} has no ICE, and gets none");
        if (spec.Generation < 0) throw Bad($"The generation of the transport {spec.Id} is negative");
        if (spec.Remote is { } remote) CheckRemote(spec.Id, remote);
        if (current is null || current.Phase == TransportPhase.Ended) return;
        var was = current.Spec;
        if (spec.IceRole != was.IceRole) throw Bad($"The ICE role of the transport {spec.Id} does not change");
        if (spec.Generation < current.Generation) throw Bad($"The generation of the transport {spec.Id} does not fall");
        if (was.DtlsRole != DtlsRole.Undecided && spec.DtlsRole != was.DtlsRole) throw Bad($"The DTLS role of the transport {spec.Id} never flips");
        if (was.Remote is null) return;
        if (spec.Remote is null) throw Bad($"The transport {spec.Id} has a peer, which is not taken away");
        if (!was.Remote.Fingerprints.Any(f => spec.Remote.Fingerprints.Any(g => IsSame(f, g)))) throw Bad($"The peer's certificate of the transport {spec.Id} does not change");
    }

    private static void CheckRemote(string id, RemoteTransport remote)
    {
        if (remote.Ufrag.Length is < MinUfrag or > MaxIceText || remote.Password.Length is < MinPassword or > MaxIceText)
            throw Bad($"The ICE user fragment or password of the transport {id} is shorter or longer than RFC 8839 allows");
        if (remote.Candidates.Count > MaxCandidates) throw Bad($"The transport {id} has more than {MaxCandidates} candidates");
        if (remote.Fingerprints.Count > MaxFingerprints || !remote.Fingerprints.Any(Fingerprints.IsUsable)) throw Bad($"The transport {id} has no fingerprint by a SHA-2 hash, or too many");
    }

    private static bool IsSame(DtlsFingerprint one, DtlsFingerprint other) =>
        string.Equals(one.Hash, other.Hash, StringComparison.OrdinalIgnoreCase) && string.Equals(one.Value, other.Value, StringComparison.OrdinalIgnoreCase);
}
